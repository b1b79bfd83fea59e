"""Whole files are written by one function, which leaves the old file or the new one."""

from __future__ import annotations

import ast
import json
import os
import stat
from pathlib import Path

import pytest

from toolkit.errors import PageblocksError
from toolkit.support.dump import to_json, to_readable_json
from toolkit.support.files import atomic, move_into_place, write_atomic, write_json

PACKAGE = Path(__file__).parents[2] / "toolkit"
# Files that are not whole when they are opened, and those of a temporary folder that is moved as a whole.
OPENED = {
    "corpus/public/download.py": 1,
    "corpus/public/unpack.py": 1,
    "crawl/folder.py": 1,  # a lock
    "crawl/shards.py": 2,  # moved into place by the main process
    "crawl/spool.py": 1,
}


def writes(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    if name in ("os.replace", "os.rename", "tempfile.NamedTemporaryFile", "json.dump") or (
        name.endswith((".write_text", ".write_bytes"))
    ):
        return True
    values = [*node.args, *(word.value for word in node.keywords)]
    modes = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    return name == "open" and any(set(mode) <= set("wxb+") and set(mode) & set("wx") for mode in modes)


def test_no_module_writes_a_whole_file_by_itself() -> None:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        count = sum(map(writes, ast.walk(ast.parse(path.read_text("utf-8")))))
        if count and path != PACKAGE / "support/files.py":
            found[path.relative_to(PACKAGE).as_posix()] = count
    assert found == OPENED


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    write_atomic(path, "old")

    def write_half(error: Exception) -> None:
        with atomic(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(KeyError):
        write_half(KeyError())
    with pytest.raises(PageblocksError, match=r"cannot write .*a\.txt: No space left.*untouched"):
        write_half(OSError(28, os.strerror(28)))
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_private_file_is_its_owner_s_from_the_first_byte(tmp_path: Path) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    with atomic(tmp_path / "secret", private=True) as file:
        assert mode(Path(file.name)) == 0o600
    assert mode(tmp_path / "secret") == 0o600
    write_json(tmp_path / "shown", {})
    mask = os.umask(0)
    os.umask(mask)
    assert mode(tmp_path / "shown") == 0o666 & ~mask


def test_a_made_file_is_moved_into_a_new_folder(tmp_path: Path) -> None:
    (tmp_path / "made").write_text("whole")
    move_into_place(tmp_path / "made", tmp_path / "new" / "place")
    assert (tmp_path / "new" / "place").read_text() == "whole"
    assert not (tmp_path / "made").exists()


def test_json_can_be_read_whatever_is_in_it() -> None:
    value = {
        "half": "\ud800",
        "é": ["a" * 70, "b" * 70],
        "rows": [{"n": i, "text": "x" * 50} for i in range(4)],
        "t": (1, 2),
    }
    shown = to_readable_json(value)
    shown.encode()
    assert json.loads(shown) == json.loads(to_json(value)) == value | {"t": [1, 2]}
    assert to_json({"é": 1}) == '{"é": 1}'
    assert [len(line) for line in shown.splitlines()].count(155) == 1, "a list of plain values takes one line"
    with pytest.raises(ValueError):
        to_readable_json({"nan": float("nan")})

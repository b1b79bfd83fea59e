"""Results go stale with every file that they depend on, and with nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit.experiment import hashes

ROOTS = (*hashes.READING, *hashes.LEARNING, *hashes.MEASURING)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package that may be changed; its hash is computed anew."""
    there = tmp_path / "toolkit"
    shutil.copytree(
        hashes._TOOLKIT, there, ignore=shutil.ignore_patterns("__pycache__", "weights.npz", "corpora", "labels")
    )
    monkeypatch.setattr(hashes, "_TOOLKIT", there)
    hashes.code.cache_clear()
    yield there
    hashes.code.cache_clear()


def test_every_module_that_is_loaded_counts() -> None:
    """What Python itself loads for these modules, against what is found by reading their imports."""
    code = (
        "import json, sys\n"
        f"for root in {ROOTS!r}: __import__('toolkit.' + root)\n"
        "print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.startswith('toolkit.')]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=hashes._TOOLKIT.parent
    )
    loaded = {Path(file) for file in json.loads(ran.stdout)}
    assert len(loaded) > 50
    assert loaded <= set(hashes.closure(ROOTS))


def test_a_change_of_any_of_these_files_counts(copy: Path) -> None:
    seen = {hashes.code()}
    files = hashes.closure(ROOTS)
    for file in files[:: max(1, len(files) // 12)]:
        with file.open("a") as out:
            out.write("\nCHANGED = 1\n")
        hashes.code.cache_clear()
        assert hashes.code() not in seen, file
        seen.add(hashes.code())
    (copy / "data/words.toml").write_text("", "utf-8")
    hashes.code.cache_clear()
    assert hashes.code() not in seen


def test_comments_docstrings_and_layout_do_not_count(copy: Path) -> None:
    before = hashes.code()
    file = copy / "segment/language.py"
    text = file.read_text("utf-8")
    lines = text.split('"""', 2)
    file.write_text('# A comment.\n\n"""Another docstring."""\n' + lines[2] + "\n\n# The end.\n", "utf-8")
    hashes.code.cache_clear()
    assert hashes.code() == before
    file.write_text(text.replace("0.", "0.1", 1) + "\nX = 2\n", "utf-8")
    hashes.code.cache_clear()
    assert hashes.code() != before


def test_imports_in_functions_count_and_those_for_types_do_not(copy: Path) -> None:
    (copy / "segment/language.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..crawl import run\n"
        "def f():\n    from ..serve import pages\n"
    )
    found = {path.relative_to(copy).as_posix() for path in hashes.closure(("segment.language",))}
    assert "serve/pages.py" in found
    assert "crawl/run.py" not in found


def test_a_module_that_has_moved_is_an_error(copy: Path) -> None:
    (copy / "experiment/without.py").unlink()
    with pytest.raises(RuntimeError, match="experiment.without"):
        hashes.code()

"""Reads and writes small files; a killed process leaves the old file or the new one, never a part of one."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from ..errors import BadInput, PageblocksError
from .dump import to_json, to_readable_json


@contextmanager
def atomic(path: Path | str, *, private: bool = False) -> Iterator[IO[bytes]]:
    """A file to write, which replaces `path` when it is complete and on the disk; after a failure `path` is unchanged.

    With `private` only its owner can ever read it.
    """
    path = Path(path)
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not private:
            os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        raise PageblocksError(f"cannot write {path}: {error.strerror or error}; what was there is untouched") from error
    finally:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)


def write_atomic(path: Path | str, data: bytes | str, *, private: bool = False) -> None:
    """Write a whole file with `atomic`."""
    with atomic(path, private=private) as file:
        file.write(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)


def move_into_place(made: Path | str, path: Path) -> None:
    """Move a complete file that is already on the disk to `path`, and flush the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(made, path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_jsonl(path: Path | str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file. Blank lines are skipped; the error of a bad line names its number."""
    try:
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                if line.strip():
                    try:
                        row = json.loads(line)
                    except (ValueError, RecursionError) as error:
                        why = str(error) or "nested too deeply"
                        raise BadInput(f"{path}:{number}: not JSON ({why}); correct or remove the line") from error
                    if not isinstance(row, dict):
                        what = type(row).__name__
                        raise BadInput(f"{path}:{number}: not a JSON object but {what}; correct or remove the line")
                    yield row
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 text; is this a JSON-lines file?") from error


def write_jsonl(path: Path | str, rows: Iterable[dict[str, Any]]) -> None:
    """Write one JSON object per line with `atomic`."""
    write_atomic(path, "".join(to_json(row) + "\n" for row in rows))


def write_json(path: Path | str, value: Any, *, private: bool = False) -> None:
    """Write a value as indented JSON with `atomic`."""
    write_atomic(path, to_readable_json(value), private=private)


def data_path(name: str) -> Path:
    """The path of a data file of the project (`labels/web-page.toml`), in a checkout or in an installed wheel."""
    package = Path(__file__).parents[1]
    for root in (package.parent, package / "data"):
        if (root / name).exists():
            return root / name
    raise PageblocksError(f"{name} is missing from the installation; install pageblocks again")

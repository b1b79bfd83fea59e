"""Protects files against overwriting by accident: --force replaces only what the same command made before.

A folder that a command makes appears whole or not at all. A hidden record in it says which command made which files. A
file that is not in the record, or has changed since, is somebody's work, and a folder that holds one is not replaced.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import AlreadyExists, BadInput, PageblocksError, UsageError
from .files import write_json

RECORD = ".made.json"
_CORPUS = ("*.jsonl", "*.json", "*.toml", "README.md", "annotations/*", "pages/**/*")


def refuse_to_overwrite(path: Path | str, force: bool, inputs: Iterable[str | Path] = ()) -> None:
    """Raise AlreadyExists if the file `path` exists, unless `force`; UsageError if it is one of `inputs`."""
    path = Path(path)
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give the name of a file")
    if not path.exists():
        return
    if not force:
        raise AlreadyExists(f"{path} already exists; --force overwrites it", path=path)
    for source in inputs:
        if (given := Path(source)).exists() and path.samefile(given):
            raise UsageError(f"{path} is read and would be overwritten; give another file with --out")


def files_of_corpus(folder: Path) -> Iterator[Path]:
    """The files of a corpus in its folder, which no result may overwrite."""
    return (path for place in _CORPUS for path in folder.glob(place))


def refuse_foreign(folder: Path | str, command: str, force: bool, *, merged: Collection[str] = ()) -> None:
    """Raise AlreadyExists if the folder is not empty, or with `force` if it has files that `command` did not make.

    Files in `merged` may have been changed by people; the command merges their changes.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; give a folder")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise AlreadyExists(f"{folder} already exists; --force replaces what `pageblocks {command}` made", path=folder)
    if found := foreign(folder, command, merged):
        raise AlreadyExists(
            f"{folder} contains files that `pageblocks {command}` did not make, or that were changed since "
            f"({found[0]});"
            " move it away, or give another folder",
            path=folder,
        )


def foreign(folder: Path, command: str, merged: Collection[str] = ()) -> list[str]:
    """The files of a folder that `command` did not make, or that somebody has changed since."""
    try:
        made = json.loads((folder / RECORD).read_text("utf-8"))
        known = dict(made["files"]) if made["command"] == command else {}
    except (OSError, ValueError, KeyError, TypeError):
        known = {}
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name == RECORD and known:
            continue
        if path.is_symlink() or not (
            path.is_dir() or (name in known and (name in merged or known[name] == _digest(path)))
        ):
            found.append(name)
    return found


@contextmanager
def making(out: Path | str, command: str, force: bool = False, *, merged: Collection[str] = ()) -> Iterator[Path]:
    """An empty folder to fill, which becomes `out` at the end; after a failure `out` is unchanged.

    Raises AlreadyExists as `refuse_foreign` does, PageblocksError where the disk does not take it.
    """
    given = Path(out)
    refuse_foreign(given, command, force, merged=merged)
    out = given.resolve()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        room = tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise PageblocksError(f"cannot write {given}: {error.strerror or error}") from error
    with room as at:
        made, old = Path(at) / "made", Path(at) / "old"
        made.mkdir()
        yield made
        record(made, command)
        refuse_foreign(given, command, force, merged=merged)  # again, because time has passed
        try:
            _swap(made, out, old)
        except OSError as error:
            raise PageblocksError(
                f"cannot write {given}: {error.strerror or error}; what was there is untouched"
            ) from error


def record(folder: Path, command: str) -> None:
    """Record that `command` made all files that are in the folder now."""
    files = {path.relative_to(folder).as_posix(): _digest(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    files.pop(RECORD, None)
    write_json(folder / RECORD, {"command": command, "files": files})


def _swap(made: Path, out: Path, old: Path) -> None:
    if not out.exists():
        made.rename(out)
    elif not any(out.iterdir()):
        # Filled, not replaced: it may be the current folder of a shell.
        for path in sorted(made.iterdir(), reverse=True):
            path.rename(out / path.name)
    else:
        out.rename(old)
        try:
            made.rename(out)
        except OSError:
            old.rename(out)
            raise


def _digest(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error

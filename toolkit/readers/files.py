"""Page files and folders of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import BufferedReader
from pathlib import Path

from ..errors import PageblocksError
from ..page import Page
from .base import ARCHIVE_ENDINGS, LARGEST, OnError, page_ending, page_id, page_of, too_large


def read_file(path: Path) -> Page:
    """One page file, gzipped or not. Its id is its name without the endings."""
    return page_of(page_id(path.name), str(path), read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """At most LARGEST bytes. Raises PageblocksError for a file that is missing, unreadable or larger."""
    with open_binary(path) as f:
        try:
            content = f.read(LARGEST + 1)
        except OSError as error:
            raise PageblocksError(f"{path}: cannot be read ({error.strerror or error})") from error
    if len(content) > LARGEST:
        raise too_large(str(path))
    return content


def open_binary(path: Path) -> BufferedReader:
    try:
        return open(path, "rb")
    except FileNotFoundError:
        raise PageblocksError(f"{path}: no such file or folder") from None
    except (OSError, ValueError) as error:
        raise PageblocksError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def read_folder(folder: Path, fail: OnError, read: Callable[[Path], Iterator[Page]]) -> Iterator[Page]:
    """The pages of all that `pages_in` finds."""
    for path, id in pages_in(folder).items():
        try:
            for page in read(path):
                yield replace(page, id=id or page.id)
        except PageblocksError as error:
            fail(error)


def pages_in(folder: Path) -> dict[Path, str]:
    """The page files and archives below a folder, in the order of their names. With each the id of its page, "" for an archive.

    The id is the file's path in the folder without the endings: many folders have an `index.html`. Raises PageblocksError where
    there is none.
    """
    found = {}
    for path in _files(folder):
        if _is_read(path):
            inside = path.relative_to(folder).as_posix()
            found[path] = page_id(inside) if page_ending(inside) else ""
    if not found:
        raise PageblocksError(
            f"{folder}: no pages in this folder (looked for *.html, *.htm, *.txt, *.warc, *.wet, and with .gz; "
            "give tables by name, one by one)"
        )
    return found


def passed_over(sources: Iterable[str | Path]) -> list[Path]:
    """The files beside the pages in folders among `sources`. Tables are among them: a corpus has tables of other things."""
    found: list[Path] = []
    for folder in (Path(source) for source in sources if Path(source).is_dir()):
        files = list(_files(folder))
        others = [path for path in files if not _is_read(path)]
        if len(others) < len(files):
            found += others
    return found


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder but the hidden ones and those in hidden folders."""
    for path in sorted(folder.rglob("*")):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts) and path.is_file():
            yield path


def _is_read(path: Path) -> bool:
    name = path.name.lower()
    return bool(page_ending(name)) or name.endswith(ARCHIVE_ENDINGS)

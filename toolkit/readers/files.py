"""Page files and folders of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BufferedReader
from pathlib import Path

from ..errors import BadInput, SourceError
from ..page import Page
from .base import ARCHIVE_ENDINGS, MHTML_ENDINGS, Columns, OnError, page_ending
from .kinds import HEAD, detect_kind
from .mhtml import mhtml_id
from .skipped import OnSkip, Skipped


def open_binary(path: Path, name: str = "") -> BufferedReader:
    """Open a file. Errors show `name`, by default the path; they are SourceError."""
    try:
        return open(path, "rb")
    except FileNotFoundError:
        raise SourceError(f"{name or path}: no such file or folder") from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{name or path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def read_folder(folder: Path, fail: OnError, skip: OnSkip, *, read: Callable[[Path], Iterator[Page]]) -> Iterator[Page]:
    """The pages of all files that `pages_in` finds."""
    for path, id in pages_in(folder, skip).items():
        try:
            for page in read(path):
                yield replace(page, id=id) if id and page.source == str(path) else page
        except BadInput as error:
            fail(error)


def pages_in(folder: Path, skip: OnSkip) -> dict[Path, str]:
    """The page files and archives below a folder, in the order of their names, each with the id of its page.

    The id is the path in the folder without the ending, because many folders have an `index.html`; it is "" for an
    archive. `skip` gets the number of other files. These include tables: a corpus has tables of other things. Raises
    BadInput if there are no pages.
    """
    found = {}
    others = Skipped(str(folder))
    for path in _files(folder):
        if kind := _kind(path):
            found[path] = mhtml_id(path.relative_to(folder).as_posix()) if kind == "page" else ""
        else:
            others.add_file(path.relative_to(folder).as_posix())
    if not found:
        raise BadInput(
            f"{folder}: no pages in this folder (looked for HTML, text, MHTML, WARC and WET, and the same with .gz; "
            "name tables one by one)"
        )
    if others:
        skip(others)
    return found


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder, except hidden ones and those in hidden folders."""
    for path in sorted(folder.rglob("*")):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts) and path.is_file():
            yield path


def _kind(path: Path) -> str:
    """`page`, `archive`, or "" for files that are not read in folders; by the name, else by the first bytes."""
    name = path.name.lower()
    if page_ending(name) or name.endswith(MHTML_ENDINGS):
        return "page"
    if name.endswith(ARCHIVE_ENDINGS):
        return "archive"
    try:
        with open(path, "rb") as f:
            kind = detect_kind(f.read(HEAD), "", Columns())
    except (OSError, BadInput):
        return ""
    return {"archive": "archive", "mhtml": "page"}.get(kind, "")

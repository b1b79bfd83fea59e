"""Page files and folders of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path

from ..errors import PageblocksError
from ..page import Page
from .base import LARGEST, OnError, page_ending, page_id, page_of, too_large


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


def read_folder(folder: Path, fail: OnError, read: Callable[[Path], Iterator[Page]], archives: tuple[str, ...]) -> Iterator[Page]:
    """All pages and archives below a folder, in the order of their names. Tables are left out: a corpus has other ones."""
    found = False
    for path in sorted(folder.rglob("*")):
        name = path.name.lower()
        if name.startswith(".") or not (page_ending(name) or name.endswith(archives)) or not path.is_file():
            continue
        found = True
        try:
            yield from read(path)
        except PageblocksError as error:
            fail(error)
    if not found:
        raise PageblocksError(f"{folder}: no pages in this folder (looked for *.html, *.htm, *.txt, *.warc, *.wet, and with .gz)")

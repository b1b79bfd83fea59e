"""The position of a page in the sources: a file (its real path) and the page's number in it, bad pages counted too.

The same file read again gives the same numbers, so the ranges that are done say exactly what is left.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import PageblocksError, SourceError
from ..page import Page
from ..readers import Columns, OnSkip, read_file, read_pages, read_stream
from ..readers.base import shown_path
from ..readers.files import pages_in
from ..readers.skipped import log_skipped
from .spool import Spool, is_pipe


@dataclass(frozen=True)
class Item:
    """The `number`th thing that a file gave: a page, or what was wrong with it.

    `last`: nothing follows in this file. `name`: what outputs call the file. `broken`: the error is about the file, of
    which any number of pages may be lost.
    """

    file: str
    number: int
    page: Page | None
    error: str
    last: bool
    name: str = ""
    broken: bool = False


class Ranges:
    """Numbers from 0 up that are done, as sorted ranges that do not touch. `end`: how many there are in all, once
    known.
    """

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.end: int | None = None

    def add(self, start: int, end: int) -> None:
        """Raises ValueError where some of it is done already: nothing is ever done twice."""
        at = bisect_right(self.starts, start)
        if (at and self.ends[at - 1] > start) or (at < len(self.starts) and self.starts[at] < end):
            raise ValueError(f"{start} to {end} is done twice")
        if at and self.ends[at - 1] == start:
            at -= 1
            self.ends[at] = end
        else:
            self.starts.insert(at, start)
            self.ends.insert(at, end)
        if at + 1 < len(self.starts) and self.starts[at + 1] == end:
            self.ends[at] = self.ends.pop(at + 1)
            del self.starts[at + 1]

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self.starts, number)
        return at > 0 and number < self.ends[at - 1]

    @property
    def complete(self) -> bool:
        """Whether the whole source has been read."""
        return self.end is not None and self.starts == [0] and self.ends[0] >= self.end


@dataclass(frozen=True)
class SourceFile:
    """A file that a run reads.

    `path` is how the source named it, `id` what its folder calls its page ("" leaves it to the reader), `shown` how
    outputs call it: the path as it was given, of an absolute path the source's last part and what is below.
    """

    path: str
    id: str = ""
    shown: str = ""


def files_of(sources: Iterable[str], on_skip: OnSkip = log_skipped) -> dict[str, SourceFile]:
    """The files of all sources by their real paths, each once, in their order; folders and `on_skip` as `read_pages`
    has them.

    Addresses stay as they are. Raises `SourceError` for a source that is not there: better now than after a day.
    """
    found: dict[str, SourceFile] = {}
    for source in sources:
        if source == "-" or _is_address(source):
            found[source] = SourceFile(source, "", source)
            continue
        path = Path(source)
        if is_pipe(source):  # its real path is no path
            found[source] = SourceFile(source, "", shown_path(path))
        elif path.is_dir():
            for file, id in pages_in(path, on_skip).items():
                shown = Path(shown_path(path), file.relative_to(path)).as_posix()
                found.setdefault(os.path.realpath(file), SourceFile(str(file), id, shown))
        elif path.exists():
            found.setdefault(os.path.realpath(path), SourceFile(str(path), "", shown_path(path)))
        else:
            raise SourceError(f"{path}: no such file or folder")
    return found


def _is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://", "hub:"))


def items(
    file: str, done: Ranges | None = None, columns: Columns | None = None, *, private: bool = False,
    source: SourceFile | None = None, name: str = "", spool: Spool | None = None, on_skip: OnSkip = log_skipped,
) -> Iterator[Item]:  # fmt: skip
    """What is left of a file, in order; `columns` and `private` as `read_pages` takes them, `source` as `files_of`
    gives it.

    `name` is what outputs call the file where that is another than `source` says; a pipe is read through its `spool`.

    One page is read ahead, to know the last.
    """
    if done is not None and done.complete:
        return
    source = source or SourceFile(file, "", shown_path(file))
    name = name or source.shown
    errors: list[PageblocksError] = []
    if spool is not None:
        pages = read_stream(spool.open(), source.shown, errors.append, columns=columns, on_skip=on_skip)
    elif _is_address(source.path):
        pages = read_pages([source.path], errors.append, columns, private=private, on_skip=on_skip)
    else:  # by the name that outputs give it, so that no error has the path
        pages = read_file(Path(source.path), source.shown, errors.append, columns=columns, on_skip=on_skip)
    held: Item | None = None

    while True:
        page = next(pages, None)
        came = [Item(file, 0, None, str(error), False, name, isinstance(error, SourceError)) for error in errors]
        errors.clear()
        if page is not None:
            if source.id and page.source == source.shown:  # else a file that is called like a page is an archive
                page = replace(page, id=source.id)
            came.append(Item(file, 0, page, "", False, name))
        for one in came:
            if held is not None:
                if done is None or held.number not in done:
                    yield held
                one = replace(one, number=held.number + 1)
            held = one
        if page is None:
            break
    if held is not None and (done is None or held.number not in done):
        yield replace(held, last=True)

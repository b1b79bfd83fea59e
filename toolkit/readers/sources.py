"""Chooses the reader for each source."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import BadPage, PageblocksError, SourceError
from ..page import Page
from ..segment.decode import refuse_binary
from ..support.limits import LARGEST
from .base import Columns, OnError, page_id, page_of, shown_path, too_large
from .files import open_binary, read_folder
from .jsonl import read_json_pages
from .kinds import detect_kind, peeked
from .mhtml import mhtml_id, read_mhtml
from .skipped import OnSkip, log_skipped
from .unpack import unpacked
from .warc import read_warc_stream


def read_pages(
    sources: Iterable[str | Path],
    on_error: OnError | None = None,
    columns: Columns | None = None,
    *,
    private: bool = False,
    on_skip: OnSkip = log_skipped,
) -> Iterator[Page]:
    """Read the pages of files, folders, archives, tables, data sets and addresses, one at a time.

    A source is one of:

    - an HTML, text or MHTML file;
    - a folder of these and of archives, read recursively in the order of names; the id of a page is its path in the
      folder (`news/index`);
    - a WARC or WET archive;
    - JSON lines or Parquet, in which `columns` names the columns;
    - `hub:NAME[:CONFIG[:SPLIT]]`, a data set of the Hugging Face Hub or a local folder of one, streamed;
    - an http(s) address;
    - `-`, standard input.

    Files and pipes may be gzipped, under any name. A truncated or damaged archive or table is read up to the damage.

    Parameters
    ----------
    sources : iterable of str or Path
        The sources, read in order.
    on_error : callable, optional
        Called with the `PageblocksError` of each page, or rest of a source, that cannot be read; by default the error
        is raised. It is a `SourceError` if more than one page may be lost.
    columns : Columns, optional
        Names of the columns of tables; `html`, `text`, `url`, `id` and `content_type` by default.
    private : bool, default=False
        Whether addresses on private networks are fetched; by default they are refused.
    on_skip : callable, optional
        Called with the counts (`Skipped`) of each archive that has records that are not pages, and of each folder that
        has files that are not pages; by default they are logged as a warning.

    Yields
    ------
    Page
        The pages. Their `source` is the path as it was given, or below the last part of an absolute path, so that
        results do not show the folders of a machine.

    Raises
    ------
    BadPage
        Without `on_error`, if a page cannot be used.
    SourceError
        Without `on_error`, if a source cannot be read.

    Examples
    --------
    >>> import pageblocks
    >>> pages = list(pageblocks.read_pages(["corpora/sample/pages"]))
    >>> len(pages), pages[0].id, pages[0].format
    (52, 'bench-notes-dynamo', 'html')
    """
    for source in sources:
        above = str(Path(source))[: -len(shown_path(source))] if os.path.isabs(source) else ""
        pages = _checked(_read(source, _or_raise(on_error), columns or Columns(), private, on_skip), on_error)
        yield from (_shown(page, above) for page in pages)


def read_stream(
    stream: BinaryIO,
    name: str,
    on_error: OnError | None = None,
    *,
    columns: Columns | None = None,
    on_skip: OnSkip = log_skipped,
) -> Iterator[Page]:
    """Read the pages of a stream once, front to back, as `read_pages` reads a file.

    Parameters
    ----------
    stream : binary file
        The stream; it need not be seekable.
    name : str
        Name of the file, whose ending may decide how it is read; pages and errors show it.
    on_error : callable, optional
        As for `read_pages`.
    columns : Columns, optional
        As for `read_pages`.
    on_skip : callable, optional
        As for `read_pages`.

    Yields
    ------
    Page
        The pages.
    """
    yield from _checked(_read_stream(stream, name, _or_raise(on_error), columns or Columns(), on_skip), on_error)


def read_file(
    path: Path,
    name: str,
    on_error: OnError | None = None,
    *,
    columns: Columns | None = None,
    on_skip: OnSkip = log_skipped,
) -> Iterator[Page]:
    """Read the pages of one file as `read_pages` does, under another name.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Name that pages and errors show; it ends as the file's own name.
    on_error : callable, optional
        As for `read_pages`.
    columns : Columns, optional
        As for `read_pages`.
    on_skip : callable, optional
        As for `read_pages`.

    Yields
    ------
    Page
        The pages.
    """
    yield from _checked(_read_file(path, name, _or_raise(on_error), columns or Columns(), on_skip), on_error)


def _or_raise(on_error: OnError | None) -> OnError:
    def fail(error: PageblocksError) -> None:
        if on_error is None:
            raise error
        on_error(error)

    return fail


def _shown(page: Page, above: str) -> Page:
    return replace(page, source=page.source.removeprefix(above)) if above and page.source.startswith(above) else page


def _checked(pages: Iterator[Page], on_error: OnError | None) -> Iterator[Page]:
    fail = _or_raise(on_error)
    try:
        for page in pages:
            try:
                refuse_binary(page.content, page.source, page.encoding)
            except BadPage as error:
                fail(error)
            else:
                yield page
    except PageblocksError as error:
        fail(error)


def _read(source: str | Path, fail: OnError, columns: Columns, private: bool, skip: OnSkip) -> Iterator[Page]:
    name = str(source)
    lower = name.lower()
    if name == "-":
        yield from _read_stream(sys.stdin.buffer, name, fail, columns, skip)
    elif lower.startswith(("http://", "https://")):
        from .web import fetch_page  # start-up

        yield fetch_page(name, private=private)
    elif lower.startswith("hub:"):
        from .hub import read_hub  # start-up

        yield from read_hub(name[4:], fail, columns)
    elif (path := Path(source)).is_dir():
        yield from read_folder(path, fail, skip, read=lambda file: _read_file(file, str(file), fail, columns, skip))
    else:
        yield from _read_file(path, str(path), fail, columns, skip)


def _read_file(path: Path, name: str, fail: OnError, columns: Columns, skip: OnSkip) -> Iterator[Page]:
    with open_binary(path, name) as stream:
        yield from _read_stream(stream, name, fail, columns, skip)


def _read_stream(stream: BinaryIO, name: str, fail: OnError, columns: Columns, skip: OnSkip) -> Iterator[Page]:
    try:
        head, stream = peeked(stream)
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror or error})") from error
    file = "stdin" if name == "-" else Path(name).name
    kind = detect_kind(head, name, columns)
    if kind == "archive":
        yield from read_warc_stream(stream, head, name, fail=fail, skip=skip)
    elif kind == "mhtml":
        yield from read_mhtml(unpacked(stream, head)[0], name, mhtml_id(file), fail=fail)
    elif kind == "rows":
        yield from read_json_pages(unpacked(stream, head, strict=True)[0], name, fail, columns=columns)
    elif kind == "parquet":
        from .parquet import read_parquet  # start-up

        with _seekable(unpacked(stream, head)[0], name) as whole:
            yield from read_parquet(whole, name, fail, columns=columns)
    else:
        yield page_of(page_id(file), name, _content(stream, name))


def _content(stream: BinaryIO, name: str) -> bytes:
    """The bytes of a file. Raises SourceError if it is unreadable or larger than LARGEST."""
    try:
        content = stream.read(LARGEST + 1)
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror or error})") from error
    if len(content) > LARGEST:
        raise too_large(name)
    return content


@contextmanager
def _seekable(stream: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """`stream`, or a temporary copy of it if it is a pipe: Parquet is read from its end."""
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        try:
            shutil.copyfileobj(stream, copy)
        except OSError as error:
            raise SourceError(f"{name}: cannot be copied to a temporary file ({error})") from error
        copy.seek(0)
        yield cast(BinaryIO, copy)

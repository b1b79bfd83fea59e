"""Which reader reads what."""

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

from ..errors import PageblocksError, SourceError
from ..page import Page
from ..segment.decode import refuse_binary
from ..support.limits import LARGEST
from .base import Columns, OnError, page_id, page_of, shown_path, too_large
from .files import open_binary, read_folder
from .kinds import kind_of, peeked
from .mhtml import mhtml_id, read_mhtml
from .skipped import OnSkip, log_skipped
from .unpack import unpacked


def read_pages(
    sources: Iterable[str | Path],
    on_error: OnError | None = None,
    columns: Columns | None = None,
    private: bool = False,
    on_skip: OnSkip = log_skipped,
) -> Iterator[Page]:
    """The pages of `sources`, in order, one at a time.

    A source is an HTML, text or MHTML file; a folder of those and of archives, read recursively in the order of names,
    its pages called by their path in it (`news/index`); a WARC or WET archive; JSON lines or Parquet, whose `columns`
    say where the page is; any of these gzipped, under any name, from a file or a pipe; `hub:NAME[:CONFIG[:SPLIT]]`, a
    data set of the Hugging Face Hub or a local folder of one, streamed; an http(s) address; or `-`, standard input.
    Addresses on private networks are refused unless `private`.

    A page's `source` is the path as it was given; where that is absolute, its last part and what is below: pages are
    passed on, and the folders of a machine are nobody's business.

    Where a page or the rest of a source cannot be read, `on_error` is called with the PageblocksError and the next page
    follows; without `on_error` it is raised. It is a `SourceError` where more than one page may be lost. A broken
    archive or table gives the pages before the break first. `on_skip` is called once for each archive with records that
    were passed over, with their number by reason, and for each folder with files that are no pages; without it that is
    logged as a warning.
    """
    for source in sources:
        above = str(Path(source))[: -len(shown_path(source))] if os.path.isabs(source) else ""
        pages = _checked(_read(source, _or_raise(on_error), columns or Columns(), private, on_skip), on_error)
        yield from (_shown(page, above) for page in pages)


def read_stream(
    stream: BinaryIO,
    name: str,
    on_error: OnError | None = None,
    columns: Columns | None = None,
    on_skip: OnSkip = log_skipped,
) -> Iterator[Page]:
    """The pages of a stream that is read once, front to back, as `read_pages` gives those of a file called `name`."""
    yield from _checked(_read_stream(stream, name, _or_raise(on_error), columns or Columns(), on_skip), on_error)


def read_file(
    path: Path,
    name: str,
    on_error: OnError | None = None,
    columns: Columns | None = None,
    on_skip: OnSkip = log_skipped,
) -> Iterator[Page]:
    """The pages of one file, as `read_pages` gives them; pages and errors call it `name`, which ends as the file's own
    name.
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
            except PageblocksError as error:
                fail(error)
            else:
                yield page
    except PageblocksError as error:
        fail(error)


def _read(source: str | Path, fail: OnError, columns: Columns, private: bool, skip: OnSkip) -> Iterator[Page]:
    # Each reader is imported when it is needed: most runs read files only, and pyarrow or datasets take a second to
    # load.
    name = str(source)
    lower = name.lower()
    if name == "-":
        yield from _read_stream(sys.stdin.buffer, name, fail, columns, skip)
    elif lower.startswith(("http://", "https://")):
        from .web import fetch

        yield fetch(name, private=private)
    elif lower.startswith("hub:"):
        from .hub import read_hub

        yield from read_hub(name[4:], fail, columns)
    elif (path := Path(source)).is_dir():
        yield from read_folder(path, fail, skip, lambda file: _read_file(file, str(file), fail, columns, skip))
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
    kind = kind_of(head, name, columns)
    if kind == "archive":
        from .warc import read_warc_stream

        yield from read_warc_stream(stream, head, name, fail, skip)
    elif kind == "mhtml":
        yield from read_mhtml(unpacked(stream, head)[0], name, mhtml_id(file), fail)
    elif kind == "rows":
        from .jsonl import read_jsonl

        yield from read_jsonl(unpacked(stream, head, strict=True)[0], name, fail, columns)
    elif kind == "parquet":
        from .parquet import read_parquet

        with _seekable(unpacked(stream, head)[0], name) as whole:
            yield from read_parquet(whole, name, fail, columns)
    else:
        yield page_of(page_id(file), name, _content(stream, name))


def _content(stream: BinaryIO, name: str) -> bytes:
    """At most LARGEST bytes. Raises PageblocksError for a file that is unreadable or larger."""
    try:
        content = stream.read(LARGEST + 1)
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror or error})") from error
    if len(content) > LARGEST:
        raise too_large(name)
    return content


@contextmanager
def _seekable(stream: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """`stream`, or a temporary copy of it: Parquet is read from its end."""
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

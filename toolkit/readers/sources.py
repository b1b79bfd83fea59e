"""Which reader reads what."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ..errors import PageblocksError
from ..page import Page
from .base import ARCHIVE_ENDINGS, Columns, OnError, refuse_binary, shown_path
from .files import read_file, read_folder
from .stdin import read_stdin

_TABLES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")


def read_pages(
    sources: Iterable[str | Path], on_error: OnError | None = None, columns: Columns | None = None, private: bool = False
) -> Iterator[Page]:
    """The pages of `sources`, in order, one at a time.

    A source is an HTML or text file; a folder of those and of archives, read recursively in the order of names, its pages called
    by their path in it (`news/index`); a WARC or WET archive; JSON lines (.jsonl, .ndjson) or Parquet, whose `columns` say where
    the page is; any of these gzipped; `hub:NAME[:CONFIG[:SPLIT]]`, a data set of the Hugging Face Hub or a local folder of one,
    streamed; an http(s) address; or `-`, standard input. Addresses on private networks are refused unless `private`.

    A page's `source` is the path as it was given; where that is absolute, its last part and what is below: pages are passed on,
    and the folders of a machine are nobody's business.

    Where a page or the rest of a source cannot be read, `on_error` is called with the PageblocksError and the next page follows;
    without `on_error` it is raised. A broken archive or table gives the pages before the break first.
    """

    def fail(error: PageblocksError) -> None:
        if on_error is None:
            raise error
        on_error(error)

    for source in sources:
        above = str(Path(source))[: -len(shown_path(source))] if os.path.isabs(source) else ""
        try:
            for page in _read(source, fail, columns or Columns(), private):
                if above and page.source.startswith(above):
                    page = replace(page, source=page.source.removeprefix(above))
                try:
                    refuse_binary(page.content, page.source)
                except PageblocksError as error:
                    fail(error)
                else:
                    yield page
        except PageblocksError as error:
            fail(error)


def _read(source: str | Path, fail: OnError, columns: Columns, private: bool) -> Iterator[Page]:
    # Each reader is imported when it is needed: most runs read files only, and pyarrow or datasets take a second to load.
    name = str(source)
    lower = name.lower()
    if name == "-":
        yield from read_stdin(sys.stdin.buffer, fail, columns)
    elif lower.startswith(("http://", "https://")):
        from .web import fetch

        yield fetch(name, private=private)
    elif lower.startswith("hub:"):
        from .hub import read_hub

        yield from read_hub(name[4:], fail, columns)
    elif (path := Path(source)).is_dir():
        yield from read_folder(path, fail, lambda file: _read(file, fail, columns, private))
    elif lower.endswith(ARCHIVE_ENDINGS):
        from .warc import read_warc

        yield from read_warc(path, fail)
    elif lower.endswith(_TABLES):
        from .jsonl import read_jsonl_pages

        yield from read_jsonl_pages(path, fail, columns)
    elif lower.endswith(".parquet"):
        from .parquet import read_parquet

        yield from read_parquet(path, fail, columns)
    else:
        yield read_file(path)

"""JSON lines, gzipped or not, one line in memory at a time."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import PageblocksError
from ..page import Page
from .base import LARGEST, Columns, OnError
from .files import open_binary
from .rows import page_of_row

_LONGEST = 6 * LARGEST  # a page in JSON may have each character escaped


def read_jsonl_pages(path: Path, fail: OnError, columns: Columns) -> Iterator[Page]:
    """The pages of a JSON-lines file. A line that is none goes to `fail` with its number."""
    with open_binary(path) as raw:
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if raw.peek(2)[:2] == b"\x1f\x8b" else raw
        yield from read_jsonl_stream(stream, str(path), fail, columns)


def read_jsonl_stream(stream: BinaryIO, name: str, fail: OnError, columns: Columns) -> Iterator[Page]:
    number = 0
    try:
        while line := stream.readline(_LONGEST):
            number += 1
            if len(line) == _LONGEST:
                fail(PageblocksError(f"{name}:{number}: a line of more than {_LONGEST >> 20} MiB; it is left out"))
                while line and not line.endswith(b"\n"):
                    line = stream.readline(_LONGEST)
                continue
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError(f"a {type(row).__name__}, not an object")
                page = page_of_row(row, columns, name, number)
            except (ValueError, RecursionError) as error:
                fail(
                    PageblocksError(
                        f"{name}:{number}: not a JSON object ({str(error) or 'nested too deep'}); mend or remove the line"
                    )
                )
            except PageblocksError as error:
                fail(error)
            else:
                yield page
    except (OSError, EOFError, zlib.error) as error:
        raise PageblocksError(f"{name}: breaks off after line {number} ({error}); fetch or pack the file again") from error

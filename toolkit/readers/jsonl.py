"""JSON lines, gzipped or not, one line in memory at a time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from ..errors import BadInput, BadPage, SourceError
from ..page import Page
from ..support.limits import LARGEST
from .base import Columns, OnError
from .rows import page_of_row

_LONGEST = 6 * LARGEST  # a page in JSON may have each character escaped


def read_json_pages(stream: BinaryIO, name: str, fail: OnError, *, columns: Columns) -> Iterator[Page]:
    """The pages of a JSON-lines file. The error of an invalid line, with its number, goes to `fail`."""
    number = 0
    try:
        while line := stream.readline(_LONGEST):
            number += 1
            if len(line) == _LONGEST:
                fail(BadPage(f"{name}:{number}: a line of more than {_LONGEST >> 20} MiB; it is left out"))
                while line and not line.endswith(b"\n"):
                    line = stream.readline(_LONGEST)
                continue
            if not line.strip():
                continue
            try:
                row = json.loads(line, parse_float=Decimal)  # keeps 1.10 as an id
                if not isinstance(row, dict):
                    raise ValueError(f"a {type(row).__name__}, not an object")
                page = page_of_row(row, columns, name, number=number)
            except (ValueError, ArithmeticError, RecursionError) as error:
                fail(
                    BadPage(
                        f"{name}:{number}: not a JSON object ({str(error) or 'nested too deep'}); correct or "
                        "remove the "
                        "line"
                    )
                )
            except BadInput as error:
                fail(error)
            else:
                yield page
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{name}: breaks off after line {number} ({error}); fetch or pack the file again") from error

"""Parquet, a batch of rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from typing import BinaryIO

import pyarrow
from pyarrow.parquet import ParquetFile

from ..errors import BadInput, SourceError
from ..page import Page
from .base import Columns, OnError
from .rows import page_of_row

_ROWS = 32


def read_parquet(stream: BinaryIO, name: str, fail: OnError, *, columns: Columns) -> Iterator[Page]:
    """The pages of a Parquet file. Columns of bytes are read only if they hold a page or what belongs to it."""
    number = 0
    try:
        table, known = ParquetFile(stream), astuple(columns)
        present = [field.name for field in table.schema_arrow if field.name in known or not _has_bytes(field.type)]
        if columns.html not in present and columns.text not in present:
            has = ", ".join(table.schema_arrow.names)
            raise SourceError(
                f"{name}: no column {columns.html!r} or {columns.text!r} (columns: {has:.200}); "
                "name it with --column html=NAME or text=NAME"
            )
        for batch in table.iter_batches(batch_size=_ROWS, columns=present, use_threads=False):
            for row in batch.to_pylist():
                number += 1
                try:
                    page = page_of_row(row, columns, name, number=number)
                except BadInput as error:
                    fail(error)
                else:
                    yield page
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        why = " ".join(str(error).split())[:200]
        raise SourceError(f"{name}: breaks off after row {number} ({why}); is this a whole Parquet file?") from error


def _has_bytes(type: pyarrow.DataType) -> bool:
    if type.num_fields:
        return any(_has_bytes(type.field(k).type) for k in range(type.num_fields))
    return any(
        is_it(type)
        for is_it in (pyarrow.types.is_binary, pyarrow.types.is_large_binary, pyarrow.types.is_fixed_size_binary)
    )

"""Reads pages from files, folders, WARC and WET archives, JSON lines, Parquet, Hub data sets, addresses and stdin.

Each kind of source has its own module. Pages are read one at a time, so memory does not grow with the source: an
archive needs a few pages, a Parquet file one batch of rows.
"""

from __future__ import annotations

from ..support.limits import LARGEST
from .base import Columns, OnError, page_id, page_of
from .skipped import OnSkip, Skipped
from .sources import read_file, read_pages, read_stream

__all__ = [
    "LARGEST",
    "Columns",
    "OnError",
    "OnSkip",
    "Skipped",
    "page_id",
    "page_of",
    "read_file",
    "read_pages",
    "read_stream",
]

"""Detects the kind of a file or stream by its first bytes, and by its name if these are ambiguous."""

from __future__ import annotations

import io
import json
import re
from dataclasses import astuple
from typing import Any, BinaryIO, Literal, cast

from ..errors import BadInput
from .base import ARCHIVE_ENDINGS, MHTML_ENDINGS, Columns, page_ending
from .members import ZSTD_DICTIONARY
from .mhtml import is_mhtml
from .unpack import unpacked_head

Kind = Literal["archive", "mhtml", "rows", "parquet", "page"]
HEAD = 1 << 14
_ROWS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_OBJECT = re.compile(rb'\[?\s*\{\s*"')
_SPACE = b"\xef\xbb\xbf \t\r\n"


class Joined(io.RawIOBase):
    """A stream that is not seekable, from its beginning; `head` has been read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        """As for `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As for `io.RawIOBase`."""
        part = self._head[: len(buffer)] or getattr(self._rest, "read1", self._rest.read)(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)


def peeked(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of `stream`, and the stream from its beginning. A pipe is read until there are enough."""
    read = getattr(stream, "read1", stream.read)
    head = b""
    while len(head) < HEAD and not _tells(head) and (part := read(HEAD - len(head))):
        head += part
    if stream.seekable():
        stream.seek(-len(head), io.SEEK_CUR)
        return head, stream
    return head, cast(BinaryIO, io.BufferedReader(Joined(head, stream), 1 << 16))


def _tells(head: bytes) -> bool:
    """Whether `head` is enough: it has a complete first row. Then rows written one by one are read without delay."""
    return head.startswith(b'{"') and b"\n" in head


def detect_kind(head: bytes, name: str, columns: Columns) -> Kind:
    """The kind of a file named `name` that begins with `head`.

    Raises BadInput for JSON with pages that is not in lines.
    """
    lower = name.lower()
    begin = unpacked_head(head)
    if begin.lstrip(_SPACE).startswith(b"WARC/") or head.startswith(ZSTD_DICTIONARY):
        return "archive"
    if begin.startswith(b"PAR1") or lower.endswith(".parquet"):
        return "parquet"
    if lower.endswith(_ROWS):
        return "rows"
    if lower.endswith(ARCHIVE_ENDINGS):
        return "archive"
    if page_ending(lower):
        return "page"
    if lower.endswith(MHTML_ENDINGS) or is_mhtml(begin):
        return "mhtml"
    return "rows" if _is_row(begin.lstrip(_SPACE), name, columns) else "page"


def _is_row(begin: bytes, name: str, columns: Columns) -> bool:
    if not begin.startswith((b"{", b"[")):
        return False
    names = "|".join(re.escape(json.dumps(name)) for name in astuple(columns)[:2])
    key = re.compile(rf"(?:{names})\s*:".encode())
    if begin.startswith(b"{") and key.search(begin.split(b"\n", 1)[0]):
        return True
    if _OBJECT.match(begin) and key.search(begin):
        what = "a JSON array" if begin.startswith(b"[") else "a JSON object over several lines"
        raise BadInput(f"{name}: {what}, not JSON lines; write one object per line (for example with jq -c)")
    return False

"""What a file or a stream holds, told apart by how it begins; its name decides where the bytes can be more than one
thing.
"""

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
    """A stream that cannot be sought, from its beginning, of which `head` has been read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._head[: len(buffer)] or getattr(self._rest, "read1", self._rest.read)(len(buffer))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)


def peeked(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of `stream`, and the stream from its beginning. A pipe is asked until it has given enough."""
    read = getattr(stream, "read1", stream.read)
    head = b""
    while len(head) < HEAD and not _tells(head) and (part := read(HEAD - len(head))):
        head += part
    if stream.seekable():
        stream.seek(-len(head), io.SEEK_CUR)
        return head, stream
    return head, cast(BinaryIO, io.BufferedReader(Joined(head, stream), 1 << 16))


def _tells(head: bytes) -> bool:
    """Whether nobody need wait for more: a first row that is all there. Who writes rows one by one wants to see
    pages.
    """
    return head.startswith(b'{"') and b"\n" in head


def kind_of(head: bytes, name: str, columns: Columns) -> Kind:
    """Raises BadInput for JSON with pages that is not in lines."""
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
        raise BadInput(f"{name}: {what}, not JSON lines; write one object a line (jq -c does it)")
    return False

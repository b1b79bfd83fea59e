"""Standard input: a page, an archive or JSON lines, told apart by how it begins."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from ..page import Page
from .base import LARGEST, Columns, OnError, page_of, too_large


def read_stdin(stream: BinaryIO, fail: OnError, columns: Columns) -> Iterator[Page]:
    """The pages of a stream that is read once. A single page is called `stdin`."""
    buffered = stream if hasattr(stream, "peek") else io.BufferedReader(cast(io.RawIOBase, stream))
    head = cast(io.BufferedReader, buffered).peek(4096)
    packed = head.startswith(b"\x1f\x8b")
    if packed:
        try:
            head = zlib.decompressobj(31).decompress(head, 65536)
        except zlib.error:
            head = b""
    if head.startswith(b"WARC/"):
        from .warc import read_warc_stream

        yield from read_warc_stream(buffered, "-", fail)
    elif _is_row(head, columns):
        import gzip

        from .jsonl import read_jsonl_stream

        yield from read_jsonl_stream(cast(BinaryIO, gzip.GzipFile(fileobj=buffered) if packed else buffered), "-", fail, columns)
    else:
        content = buffered.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise too_large("-")
        yield page_of("stdin", "-", content)


def _is_row(head: bytes, columns: Columns) -> bool:
    if not head.lstrip().startswith(b'{"'):
        return False
    line = head.split(b"\n", 1)[0]
    return any(json.dumps(name).encode() + b":" in line.replace(b'" :', b'":') for name in (columns.html, columns.text))

"""The records of a WARC file, one at a time, from any readable stream.

This module reads the frame only: headers, and as many bytes as Content-Length says, whatever they contain. FastWARC and
warcio are not used: both end a truncated archive without an error, and FastWARC 2.0 panics on pipes, ends an archive at
a body that it cannot decode, and drops records with LF headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from ..errors import BadPage, SourceError
from ..support.text import counted
from .base import OnError
from .members import GZIP, ZSTD
from .unpack import magic_of, unpacked

_VERSION = re.compile(rb"WARC/\d\.\d{1,2}[ \t]*\r?\n\Z")
_LINE = 1 << 16
_MARK = b"\xef\xbb\xbf"  # byte order mark of UTF-8, which editors add
_HEADER = 1 << 20  # bytes of one record's headers
_PART = 1 << 16
_FALLBACK = {"gz": GZIP, "zst": ZSTD}  # by the ending of the name, for a file whose beginning is damaged
_REST = "fetch the archive again for the rest"


@dataclass
class WarcRecord:
    """A record: `headers` by their names in lower case; `length` bytes follow, of which `left` are not read yet."""

    number: int
    headers: dict[str, str]
    length: int
    stream: BinaryIO = field(repr=False)
    left: int = 0

    @property
    def called(self) -> str:
        """The record's name in messages."""
        name = self.headers.get("warc-target-uri") or self.headers.get("warc-record-id") or "without a name"
        return f"record {self.number} ({name:.300})"

    def read(self, size: int) -> bytes:
        """Read at most `size` bytes; fewer only at the end of the record or of the file."""
        content = self.stream.read(min(size, self.left))
        self.left -= len(content)
        return content

    def skip(self) -> bool:
        """Skip the rest of the record; False if the file ends before it."""
        while self.left and self.read(_PART):
            pass
        return not self.left


def archive_records(stream: BinaryIO, head: bytes, name: str, *, fail: OnError) -> Iterator[WarcRecord]:
    """The records of an archive that begins with `head`, packed or not.

    Damaged parts are left out and reported to `fail` at the end. Raises SourceError if the rest cannot be read.
    """
    magic = magic_of(head) or (_FALLBACK.get(name.lower().rpartition(".")[2], b"") if b"WARC/" not in head else b"")
    plain, layers = unpacked(stream, head if magic_of(head) else magic, resumable=True)
    layer = layers[-1] if layers else None
    number, last, damaged = 0, "its start", ""
    error: SourceError | None = None
    try:
        while True:
            error = None
            try:
                for record in records(plain, name, fail, number=number):
                    number, before, last = record.number, last, record.called
                    yield record
            except SourceError as found:
                error = found
                if number and layer is not None and layer.damage and record.left:
                    last = before  # the one under way is lost
            if layer is None or not layer.damage:
                break
            why = layer.damage
            if not layer.resume(b"WARC/"):
                if not layer.cut:
                    error = SourceError(
                        f"{name}: broken after {last} ({why}), and nothing behind that can be unpacked; {_REST}"
                    )
                elif error is None:
                    error = SourceError(f"{name}: breaks off after {last}; {_REST}")
                break
            damaged = damaged or f"broken after {last} ({why})"
    except OSError as found:
        error = SourceError(f"{name}: broken after {last} ({found}); {_REST}")
    if damaged and layer is not None:
        places = "" if layer.gaps == 1 else f" and in {counted(layer.gaps - 1, 'more place')}"
        fail(SourceError(f"{name}: {damaged}{places}, {counted(layer.lost, 'byte')} lost; {_REST}"))
    if error is not None:
        raise error


def records(stream: BinaryIO, name: str, fail: OnError, *, number: int = 0) -> Iterator[WarcRecord]:
    """The records of `stream`, after `number` earlier ones. Each place with bytes between two records goes to `fail`.

    Raises SourceError if the file ends inside a record or its headers, or has no records.
    """
    last = f"record {number}" if number else "its start"
    while _to_next(stream, name, number, last, fail):
        number += 1
        headers, ended = _headers(stream)
        if ended:
            raise SourceError(f"{name}: breaks off inside the header of record {number}; {_REST}")
        length = headers.get("content-length", "")
        record = WarcRecord(number, headers, 0, stream)
        last = record.called
        if not (length.isascii() and length.isdigit() and len(length) < 19):
            fail(BadPage(f"{name}: {last} has no Content-Length that is a number; it is left out"))
            continue
        record.length = record.left = int(length)
        yield record
        if not record.skip():
            raise SourceError(f"{name}: breaks off inside {last}; {_REST}")
    if not number:
        raise SourceError(f"{name}: no WARC records in it; is this an archive?")


def _to_next(stream: BinaryIO, name: str, number: int, last: str, fail: OnError) -> bool:
    """Read up to the first line of the next record; False at the end of the file."""
    odd = newlines = 0
    fresh = True  # at the start of a line
    while line := stream.readline(_LINE):
        if not number and not odd:
            line = line.removeprefix(_MARK)
        if (version := _VERSION.search(line)) and (fresh or odd):
            _tell(odd + version.start(), name, last, fail)
            return True
        if fresh and line.endswith(b"\n") and not line.strip():
            newlines += 1
        elif (
            fresh
            and number
            and line.strip()
            and b"WARC/1.1\r\n".startswith(line[:5])
            and len(line) < 11
            and not line.endswith(b"\n")
        ):
            raise SourceError(f"{name}: breaks off inside the header of record {number + 1}; {_REST}")
        else:
            odd += len(line)
        fresh = line.endswith(b"\n")
    if number:
        _tell(odd, name, last, fail)
        if newlines < 2 and not odd:  # two empty lines end a record
            raise SourceError(f"{name}: breaks off after {last}; {_REST}")
    return False


def _tell(odd: int, name: str, last: str, fail: OnError) -> None:
    if odd:
        fail(
            SourceError(
                f"{name}: {counted(odd, 'byte')} after {last} belong to no record; is its Content-Length right?"
            )
        )


def _headers(stream: BinaryIO) -> tuple[dict[str, str], bool]:
    """The headers up to the empty line, at most _HEADER bytes; and whether the file ends before."""
    headers: dict[str, str] = {}
    size, key, fresh = 0, "", True
    while size < _HEADER:
        line = stream.readline(_LINE)
        size += len(line)
        if not line.endswith(b"\n") and len(line) < _LINE:
            return headers, True
        text = " ".join(line.decode("utf-8", "replace").split())
        if fresh and not text:
            return headers, False
        if not fresh or (line[:1] in (b" ", b"\t") and key):
            headers[key] = f"{headers.get(key, '')} {text}"[:_LINE]
        elif ":" in text:
            key, _, value = text.partition(":")
            key = key.strip().lower()
            headers[key] = value.strip()
        fresh = line.endswith(b"\n")
    return headers, False

"""The content of consecutive gzip members or zstd frames, as one stream.

In an archive each record is a separate member (WARC 1.1, annex D; the same for zstd), so the records after a damaged
one can be read: they continue at the next place that begins like a member and unpacks to the beginning of a record.
Memory is bounded, and so is the number of places that are tried.
"""

from __future__ import annotations

import io
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any, BinaryIO

import zstandard

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"  # how a zstd archive begins whose records share a dictionary (IIPC, WARC zstd)
PART = 1 << 16
_WINDOW = 1 << 27  # bytes of memory that a zstd stream may ask for: the limit of its own tool
_SLICE = 1 << 11  # packed bytes per call: zstd may unpack each four bytes to 128 KiB at once
_DICTIONARY = 1 << 24
# The unpacker reads from a truncated member into the next one before it fails: the search goes back this far.
_BACK = 4 * PART
# Bytes of a member within which its first content is unpacked (of zstd a block, 128 KiB), and the number of places in
# one archive that may be tried.
_FIRST = {GZIP: (1 << 12, 50_000), ZSTD: (1 << 17 | 1 << 12, 2_000)}


class Members(io.RawIOBase):
    """The content of `packed`, a sequence of members.

    `cut`: the last member is truncated, which is an error with `strict`. Other damage is an OSError; with `resumable`
    the stream ends there, `damage` gives the reason, and `resume` continues after it. `gaps` counts such places, `lost`
    their packed bytes.
    """

    def __init__(self, packed: BinaryIO, magic: bytes, strict: bool = False, *, resumable: bool = False) -> None:
        self._magic, self._strict, self._resumable = magic, strict, resumable
        self._read: Callable[[int], bytes] = getattr(packed, "read1", packed.read)
        self._dictionary: Any = None
        self._member: Any = None
        self._rest: bytes | memoryview = b""
        self._back: deque[bytes] = deque()  # packed bytes of this member, the latest ones
        self._kept, self._whole = 0, True  # how many bytes these are; whether they are all of the member
        self.cut = False
        self.damage = ""
        self.gaps = self.lost = self._tries = 0

    def readable(self) -> bool:
        """As for `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As for `io.RawIOBase`."""
        while not self.damage and (self._member is not None or self._next_member()):
            ended = not self._rest and not self._more()
            try:
                out = self._member.decompress(self._rest, len(buffer))
            except zlib.error as error:
                self._broken(str(error))
                break
            if self._member.eof:
                self._rest, self._member = self._member.unused_data, None
            else:
                self._rest = self._member.unconsumed_tail
            if out:
                buffer[: len(out)] = out
                return len(out)
            if ended and self._member is not None:
                self.cut = True
                break
        if self.cut and not self.damage and self._resumable:
            self.damage = "it ends too early"  # unless its last bytes are in fact the next member
        if self.cut and self._strict:
            raise OSError(f"broken {self._kind}: it ends too early")
        return 0

    @property
    def _kind(self) -> str:
        return "gzip" if self._magic == GZIP else "zstd"

    def _more(self) -> bool:
        part = self._read(PART)
        self._rest = part
        self._back.append(part)
        self._kept += len(part)
        if self._kept - len(self._back[0]) >= _BACK:
            self._kept -= len(self._back.popleft())
            self._whole = False
        return bool(part)

    def _next_member(self) -> bool:
        rest = bytes(self._rest).lstrip(b"\0")
        while len(rest) < len(self._magic) and (part := self._read(PART)):
            rest = (rest + part).lstrip(b"\0")  # some tools fill up a block with zeros
        self._rest = rest
        self._back.clear()
        self._back.append(rest)
        self._kept, self._whole = len(rest), True
        if not rest or self.cut:
            return False
        if rest.startswith(ZSTD_DICTIONARY) and self._magic == ZSTD:
            return self._read_dictionary()
        if not rest.startswith(self._magic[: len(rest)]) and not self._is_skippable(rest):
            self._broken("what follows a member is none")
            return False
        self.cut = len(rest) < len(self._magic)
        self._member = None if self.cut else self._made()
        return not self.cut

    def _made(self) -> Any:
        return zlib.decompressobj(31) if self._magic == GZIP else _Frame(self._dictionary)

    def _is_skippable(self, rest: bytes) -> bool:
        return self._magic == ZSTD and rest[1:4] == b"\x2a\x4d\x18"

    def _read_dictionary(self) -> bool:
        rest = bytes(self._rest)
        size = int.from_bytes(rest[4:8], "little")
        parts = [rest]
        got = len(rest)
        while (got < 8 or got < 8 + size <= 8 + _DICTIONARY) and (part := self._read(PART)):
            parts.append(part)
            got += len(part)
            if got >= 8:
                size = int.from_bytes(b"".join(parts)[4:8], "little") if len(rest) < 8 else size
        rest = b"".join(parts)
        content = rest[8 : 8 + size]
        self._rest = rest[8 + size :]
        if size > _DICTIONARY or len(content) < size or not (found := _dictionary(content)):
            self._broken("its dictionary cannot be read")
            return False
        self._dictionary = found
        return self._next_member()

    def _broken(self, why: str) -> None:
        self._member = None
        if not self._resumable:
            raise OSError(f"broken {self._kind}: {why}")
        self.damage = why

    def resume(self, begins: bytes) -> bool:
        """Continue at the next member whose content begins with `begins`; False if there is none."""
        data, start, lost = b"".join(self._back), 1 if self._whole else 0, 0
        magic = self._magic + b"\x08" if self._magic == GZIP else self._magic
        first, tries = _FIRST[self._magic]
        self._back.clear()
        while self._tries < tries:
            at = data.find(magic, start)
            keep = at if at >= 0 else max(start, len(data) - len(magic) + 1)
            if len(data) - keep < first and (part := self._read(PART)):
                lost += keep
                data, start = data[keep:] + part, 0
                continue
            if at < 0:
                break
            self._tries += 1
            if self._begins(data[at : at + first], begins):
                self.gaps, self.lost = self.gaps + 1, self.lost + lost + at
                self._rest, self._member, self.damage, self.cut = data[at:], None, "", False
                return True
            start = at + 1
        return False

    def _begins(self, packed: bytes, begins: bytes) -> bool:
        try:
            return bytes(self._made().decompress(packed, len(begins))).startswith(begins)
        except zlib.error:
            return False


class _Frame:
    """Unpacks a zstd frame with a limit on the bytes per call, like zlib's objects."""

    def __init__(self, dictionary: Any = None) -> None:
        self._error = zstandard.ZstdError
        self._inner = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_WINDOW).decompressobj()
        self._out = memoryview(b"")
        self.unconsumed_tail: bytes | memoryview = b""

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof) and not self._out

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + bytes(self.unconsumed_tail)

    def decompress(self, packed: bytes | memoryview, most: int) -> memoryview:
        view = memoryview(packed)
        while not self._out and not self._inner.eof:
            try:
                self._out = memoryview(self._inner.decompress(view[:_SLICE]))
            except self._error as error:
                raise zlib.error(str(error)) from error
            view = view[_SLICE:]
            if not view:
                break
        self.unconsumed_tail = view
        out, self._out = self._out[:most], self._out[most:]
        return out


def _dictionary(content: bytes) -> Any:
    """The dictionary in `content`, which may be packed; None if it is invalid."""
    try:
        if content.startswith(ZSTD):
            content = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(content).read(_DICTIONARY)
        return zstandard.ZstdCompressionDict(content) if content else None
    except (zstandard.ZstdError, ValueError, MemoryError):
        return None

"""Unpacks streams and bodies. Truncated or damaged ones are read up to the damage."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

import brotli
import zstandard

from ..errors import BadPage
from ..segment.decode import CONTROLS
from ..support.limits import LARGEST
from .base import too_large
from .members import GZIP, PART, ZSTD, ZSTD_DICTIONARY, Members

_PIECE = 1 << 12
_WINDOW = 1 << 27  # bytes of memory that a zstd stream may ask for: the limit of its own tool
_LAYERS = 2  # a .gz may be packed once more in transfer
_CODINGS = 8  # content codings of one body


def unpacked(
    stream: BinaryIO, head: bytes, strict: bool = False, *, resumable: bool = False
) -> tuple[BinaryIO, list[Members]]:
    """The unpacked content of `stream`, which begins with `head`; and its layers, which know whether it is complete.

    With `resumable` the last layer can continue after damage.
    """
    found: list[bytes] = []
    while len(found) < _LAYERS and (magic := magic_of(head)):
        found.append(magic)
        head = _unpacked_once(head, PART)
    layers: list[Members] = []
    for magic in found:
        layers.append(Members(stream, magic, strict, resumable=resumable and len(layers) + 1 == len(found)))
        stream = cast(BinaryIO, io.BufferedReader(layers[-1], PART))
    return stream, layers


def magic_of(head: bytes) -> bytes:
    """The magic number of gzip or zstd if `head` begins with one of them, else b""."""
    if head.startswith(GZIP):
        return GZIP
    return ZSTD if head.startswith((ZSTD, ZSTD_DICTIONARY)) else b""


def unpacked_head(head: bytes) -> bytes:
    """The unpacked beginning of a file that begins with `head`; `head` itself if it is not packed."""
    for _ in range(_LAYERS):
        head = _unpacked_once(head, PART)
    return head


def _unpacked_once(head: bytes, limit: int) -> bytes:
    if head.startswith(GZIP):
        return b"".join(_pieces(zlib.decompressobj(31), head, limit))[:limit]
    if head.startswith(ZSTD):
        return _zstd(head, "", limit)[0]
    return b"" if head.startswith(ZSTD_DICTIONARY) else head  # the dictionary is longer than the head


def undo_codings(codings: list[str], body: bytes, source: str) -> tuple[bytes, bool]:
    """`body` without its content codings, given in the order in which they were applied; and whether it is complete.

    Unknown codings are ignored, and so are those that the recorder has already removed, which often leaves the header.
    Raises BadPage for more than LARGEST bytes.
    """
    whole = True
    for coding in reversed(codings[-_CODINGS:]):
        if readers := _READERS.get(coding.removeprefix("x-")):
            body, complete = _undo(readers, body, source)
            whole = whole and complete
    if body.startswith(GZIP):  # a gzipped file, or a coding that the header does not name
        packed = body
        body, complete = _undo(_READERS["gzip"], body, source)
        whole = whole and complete
        if body is packed:
            raise BadPage(f"{source}: broken gzip, nothing of which can be read; fetch it again")
    return body, whole


_Reader = Callable[[bytes, str, int], tuple[bytes, bool]]  # packed, source, limit -> content, whether it is whole


def _undo(readers: tuple[_Reader, ...], body: bytes, source: str) -> tuple[bytes, bool]:
    plain = len(body[:1024].translate(None, CONTROLS)) == len(body[:1024])
    best = b""
    for read in readers:
        content, whole = read(body, source, LARGEST)
        if whole and (content or not plain):
            return content, True
        best = max(best, content, key=len)
    return (body, True) if plain or not best else (best, False)


def _gzip(body: bytes, source: str, limit: int) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    left, whole = limit, False
    while body.startswith(GZIP):
        member = zlib.decompressobj(31)
        content, whole = _inflated(member, 31, body, source, left)
        parts.append(content)
        left -= len(content)
        if not whole:
            break
        body = member.unused_data.lstrip(b"\0")
    return b"".join(parts), whole


def _zlib(bits: int) -> _Reader:
    def read(body: bytes, source: str, limit: int) -> tuple[bytes, bool]:
        stream = zlib.decompressobj(bits)
        content, whole = _inflated(stream, bits, body, source, limit)
        return content, whole and not stream.unused_data

    return read


def _inflated(stream: Any, bits: int, body: bytes, source: str, limit: int) -> tuple[bytes, bool]:
    try:
        content: bytes = stream.decompress(body, limit + 1)
        whole = bool(stream.eof)
    except zlib.error:  # the output of this call is lost: again in small pieces
        content, whole = b"".join(_pieces(zlib.decompressobj(bits), body, limit)), False
    if len(content) > limit:
        raise too_large(source)
    return content, whole


def _pieces(stream: Any, body: bytes, limit: int) -> Iterator[bytes]:
    """The content of `body` up to the damage. An error loses the output of its call, so the calls are small."""
    done = 0
    for at in range(0, len(body), _PIECE):
        before = stream.copy()
        try:
            part = stream.decompress(body[at : at + _PIECE])
        except zlib.error:
            for k in range(at, min(at + _PIECE, len(body))):
                try:
                    yield before.decompress(body[k : k + 1])
                except zlib.error:
                    return
            return
        yield part
        done += len(part)
        if done > limit or stream.eof:
            return


def _brotli(body: bytes, source: str, limit: int) -> tuple[bytes, bool]:
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    size = at = 0
    try:
        while not stream.is_finished():
            piece = b""
            if stream.can_accept_more_data():
                piece = body[at : at + 4096]
                at += len(piece)
                if not piece:
                    return b"".join(parts), False
            parts.append(stream.process(piece, output_buffer_limit=1 << 20))
            size += len(parts[-1])
            if size > limit:
                raise too_large(source)
    except brotli.error:
        return b"".join(parts), False
    return b"".join(parts), at >= len(body)


def _zstd(body: bytes, source: str, limit: int) -> tuple[bytes, bool]:
    stream, parts, size = _zstd_reader(io.BytesIO(body)), [], 0
    try:
        while part := stream.read(PART):
            parts.append(part)
            size += len(part)
            if size > limit:
                if source:
                    raise too_large(source)
                break
    except zstandard.ZstdError:
        return b"".join(parts), False
    return b"".join(parts), bool(parts)


def _zstd_reader(packed: BinaryIO) -> Any:
    return zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(
        packed, read_across_frames=True, closefd=False
    )


# Servers send both zlib streams and raw deflate streams as `deflate`.
_READERS: dict[str, tuple[_Reader, ...]] = {
    "gzip": (_gzip,), "deflate": (_zlib(zlib.MAX_WBITS), _zlib(-zlib.MAX_WBITS)), "br": (_brotli,), "zstd": (_zstd,),
}  # fmt: skip

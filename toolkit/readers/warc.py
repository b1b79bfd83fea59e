"""WARC and WET archives, streamed with FastWARC.

FastWARC reads 3 to 8 times as many records a second as warcio (its own benchmark) and gives the HTTP charset. It ends a truncated
archive silently, so the length of each record is checked here.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import PageblocksError
from ..page import Format, Page
from .base import LARGEST, OnError, format_of, gunzip, plain_id, too_large, url_id
from .files import open_binary

_HTML = ("text/html", "application/xhtml+xml")
_TEXT = ("text/plain",)


def read_warc(path: Path, fail: OnError) -> Iterator[Page]:
    """The HTML and text responses of a WARC archive, or the texts of a WET archive; gzipped or not."""
    with open_binary(path) as stream:
        yield from read_warc_stream(stream, str(path), fail)


def read_warc_stream(stream: BinaryIO, name: str, fail: OnError) -> Iterator[Page]:
    """Pages of an archive that is read once, front to back. Ids come from WARC-Record-ID, else from the address.

    Records that are no successful HTML or text response are passed over. A page that is too large or wrongly packed goes to
    `fail`, and so does the place where the archive breaks off; the pages before it have been given by then.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    seen, last = 0, "its start"
    try:
        for record in ArchiveIterator(stream, parse_http=False):
            seen += 1
            called = record.headers.get("WARC-Target-URI") or record.record_id or "without a name"
            last = f"record {seen} ({_line(called):.300})"
            if record.record_type not in (WarcRecordType.response, WarcRecordType.conversion):
                continue
            if record.content_length > LARGEST:
                fail(too_large(f"{name}: {last}"))
                continue
            content = record.reader.read()
            if len(content) < record.content_length:
                raise PageblocksError(f"{name}: breaks off inside {last}; fetch the archive again for the rest")
            try:
                page = _page(record, content, name, WarcRecordType)
            except (OSError, ValueError) as error:
                fail(PageblocksError(f"{name}: {last} cannot be read ({error}); it is left out"))
            except PageblocksError as error:
                fail(error)
            else:
                if page is not None:
                    yield page
    except (OSError, EOFError, ValueError) as error:
        raise PageblocksError(f"{name}: broken after {last} ({error}); fetch the archive again for the rest") from error
    if not seen:
        raise PageblocksError(f"{name}: no WARC records in it; is this an archive?")


def _line(text: str) -> str:
    """A header's value on one line: broken ones run over the next."""
    return " ".join(text.split())


def _page(record: Any, content: bytes, name: str, types: Any) -> Page | None:
    url = _line(record.headers.get("WARC-Target-URI") or "").strip("<>")
    id = (record.record_id or "").strip("<>").removeprefix("urn:uuid:")
    id = plain_id(id) if id else url_id(url)
    source = f"{name}#{id}"
    if record.record_type == types.conversion:
        if not (record.headers.get("Content-Type") or "text/plain").lower().startswith(_TEXT):
            return None
        return Page(id, source, content, "text", url, "utf-8")
    record.set_bytes_content(content)
    record.parse_http(auto_decode="transfer")
    headers = record.http_headers
    if headers is None or (headers.status_code or 200) != 200:
        return None
    kind = (record.http_content_type or "").lower()
    if kind and not kind.startswith((*_HTML, *_TEXT)):
        return None
    packed = (headers.get("Content-Encoding") or "").lower()
    body = record.reader.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise too_large(source)
    if body.startswith(b"\x1f\x8b"):
        body = gunzip(body, source)
    elif packed in _UNPACK:
        body = _UNPACK[packed](body, source)
    if not body.strip():
        return None
    format: Format = "html" if kind.startswith(_HTML) else "text" if kind.startswith(_TEXT) else format_of("", body)
    return Page(id, source, body, format, url, record.http_charset or "", kind.partition(";")[0].strip())


def _inflate(body: bytes, source: str) -> bytes:
    # Servers send zlib streams and bare ones under the same name; a body that is neither was unpacked by the crawler.
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        stream = zlib.decompressobj(bits)
        try:
            out = stream.decompress(body, LARGEST + 1)
        except zlib.error:
            continue
        if len(out) > LARGEST:
            raise too_large(source)
        if stream.eof:
            return out
    return body


def _through(reader: str) -> Callable[[bytes, str], bytes]:
    def unpack(body: bytes, source: str) -> bytes:
        from fastwarc import stream_io

        try:
            out: bytes = getattr(stream_io, reader)(io.BytesIO(body)).read(LARGEST + 1)
        except OSError:
            return body  # unpacked by the crawler, the header left as it was
        if len(out) > LARGEST:
            raise too_large(source)
        return out

    return unpack


_UNPACK = {"deflate": _inflate, "br": _through("BrotliReader"), "zstd": _through("ZstdReader")}

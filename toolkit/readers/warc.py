"""WARC and WET archives: finds the records that are pages, and decodes their bodies.

Pages are HTML or text in a `response` with the status 200, in a `resource`, or in a `conversion` (WET). Other records
are skipped before their bodies are read, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from ..errors import BadPage, NothingRead, PageblocksError
from ..page import Page
from ..support.limits import LARGEST
from .base import XHTML, OnError, plain_id, too_large, url_id
from .given import format_of_type, holds_xhtml, is_xml
from .http_message import begins, charset, dechunked, head_of, media_type
from .records import WarcRecord, archive_records
from .skipped import OnSkip, Skipped
from .unpack import undo_codings

_HTML = ("text/html", XHTML)
_TEXT = "text/plain"
_HEAD = 1 << 16  # bytes in which HTTP headers end; no server sends longer ones
_DATE = 40  # characters; WARC-Date has up to 30
_CHUNKED = 4  # times that chunks are joined: once is normal, and proxies add their own
_CAPTURE = ("warcinfo", "request", "metadata")
# Records about the capture: wget's logs; text and pictures of pages that are in the archive anyway.
_ABOUT = re.compile(r"metadata:|urn:(?:text|textFinal|view|viewFinal|fullPage\w*|thumbnail\w*|pageinfo|log)\w*:", re.I)


@dataclass(frozen=True)
class _Body:
    """The beginning of a record's body: `begun` are the bytes that have been read."""

    type: str
    encoding: str
    begun: bytes
    transfer: list[str]
    codings: list[str]
    status: int | None


def read_warc_stream(stream: BinaryIO, head: bytes, name: str, *, fail: OnError, skip: OnSkip) -> Iterator[Page]:
    """Read the pages of an archive once, front to back; it begins with `head`.

    Ids come from WARC-Record-ID, else from the address. The error of a page that is too large goes to `fail`, and so
    does one error for all damaged members, at the end. A truncated archive raises SourceError after its pages, one
    without pages raises NothingRead. `skip` gets the counts of skipped records.
    """
    skipped, pages, failed = Skipped(name), 0, False

    def note(error: PageblocksError) -> None:
        nonlocal failed
        failed = True
        fail(error)

    try:
        for record in archive_records(stream, head, name, fail=note):
            try:
                page = _page(record, name, skipped)
            except BadPage as error:
                note(error)
            else:
                if page is not None:
                    pages += 1
                    yield page
    except PageblocksError:
        failed = True
        raise
    finally:
        if skipped and (pages or failed):
            skip(skipped)
    if not pages and not failed:
        raise NothingRead(f"{name}: no page in it, only {skipped.reasons(all=True)}; give an archive of HTML or text")


def _page(record: WarcRecord, name: str, skipped: Skipped) -> Page | None:
    kind = record.headers.get("warc-type", "").lower()
    url = "".join(record.headers.get("warc-target-uri", "").split()).strip("<>")
    if kind in _CAPTURE or _ABOUT.match(url):
        skipped.add("capture", kind)
    elif kind in ("revisit", "continuation"):
        skipped.add(kind)
    elif kind not in ("response", "resource", "conversion"):
        skipped.add("type", kind)
    elif (body := _begin(record, kind, skipped)) is not None:
        id = record.headers.get("warc-record-id", "").strip("<>").removeprefix("urn:uuid:")
        id = plain_id(id) if id else url_id(url)
        date = record.headers.get("warc-date", "")[:_DATE]
        page = Page(id, f"{name}#{id}", b"", "html", url, body.encoding, body.type, date, body.status)
        return _whole(record, body, page, skipped)
    return None


def _begin(record: WarcRecord, kind: str, skipped: Skipped) -> _Body | None:
    """The beginning of a page's body; None if the record is not a page, which is counted."""
    said = record.headers.get("content-type", "")
    transfer: list[str] = []
    codings: list[str] = []
    status = None
    begun = record.read(_HEAD)
    if kind == "response" or media_type(said) == "application/http":
        if begins(begun):
            head = head_of(begun)
            if head is None:
                skipped.add("empty")
                return None
            status = head.status
            if status != 200:
                skipped.add("status", str(status))
                return None
            said, begun = head.headers.get("content-type", ""), begun[head.body :]
            transfer, codings = head.listed("transfer-encoding"), head.listed("content-encoding")
        elif media_type(said) == "application/http":
            said = ""  # a body alone
    type, encoding = media_type(said), charset(said)
    if kind == "conversion":
        type, encoding = type or _TEXT, encoding or "utf-8"
    if is_xml(type) and type != XHTML and holds_xhtml(begun):
        type = XHTML
    if type and not type.startswith((*_HTML, _TEXT)):
        skipped.add("type", type)
        return None
    return _Body(type, encoding, begun, transfer, codings, status)


def _whole(record: WarcRecord, body: _Body, page: Page, skipped: Skipped) -> Page | None:
    if record.left > LARGEST:
        raise too_large(page.source)
    content = body.begun + record.read(record.left)
    if record.left:
        return None  # the file ends here; the reader of the records reports it
    whole = not record.headers.get("warc-truncated")
    for _ in range(min(body.transfer.count("chunked"), _CHUNKED)):
        content, complete = dechunked(content)
        whole = whole and complete
    codings = body.codings + [coding for coding in body.transfer if coding != "chunked"]  # in the order of packing
    content, complete = undo_codings(codings, content, page.source)
    whole = whole and complete
    if len(content) > LARGEST:
        raise too_large(page.source)
    if not content.strip():
        skipped.add("empty")
        return None
    skipped.cut += not whole
    return replace(page, content=content, format=format_of_type(body.type, content, body.encoding))

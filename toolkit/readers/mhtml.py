"""MHTML (RFC 2557): a page saved by a browser in one file, or a mail.

Python's email library reads the headers. The parts are found here, because its parser reads each line once per level of
nesting, and a hostile file can have many lines and many levels.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from ..errors import BadPage, NothingRead, SourceError
from ..page import Page
from ..support.limits import LARGEST
from .base import XHTML, OnError, page_id, too_large
from .given import format_of_type

if TYPE_CHECKING:
    from email.message import Message

_READ = 2 * LARGEST  # bytes of a file; the page is first, pictures follow
_HEADERS = 1 << 16
_DEEP = 4  # levels of nested parts: a mail has its text in two formats, and attachments
_FIELD = re.compile(rb"(?:[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
_HOLDS_PAGE = re.compile(rb"^content-type[ \t]*:\s*(?:multipart/(?:related|alternative|mixed)|text/html)", re.I | re.M)
_VERSION = re.compile(rb"^mime-version[ \t]*:", re.I | re.M)
_BLANK = re.compile(rb"\r?\n\r?\n|\A\r?\n")


def is_mhtml(head: bytes) -> bool:
    """Whether `head` begins with the headers of a message that contains a page."""
    fields = _FIELD.match(head.lstrip(b"\xef\xbb\xbf\r\n"))
    return fields is not None and bool(_VERSION.search(fields[0]) and _HOLDS_PAGE.search(fields[0]))


def read_mhtml(stream: BinaryIO, name: str, id: str, *, fail: OnError) -> Iterator[Page]:
    """The page in an MHTML file, without its frames, styles and pictures. Its address is as the browser saved it.

    A truncated page is read up to there, and the error goes to `fail`.
    """
    try:
        content = stream.read(_READ)
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error}); fetch or pack the file again") from error
    found = _root(content.lstrip(b"\xef\xbb\xbf\r\n"), _DEEP)
    if found is None:
        raise NothingRead(f"{name}: an MHTML file or mail without a page in it; save the page as HTML")
    top, part, body, whole = found
    if not whole and len(content) == _READ:
        raise too_large(name)
    body = _decoded(body, str(part.get("Content-Transfer-Encoding", "")).strip().lower())
    if len(body) > LARGEST:
        raise too_large(name)
    if not whole:
        fail(BadPage(f"{name}: breaks off inside the page; save or fetch it again for the rest"))
    place = str(
        top.get("Snapshot-Content-Location") or part.get("Content-Location") or top.get("Content-Location") or ""
    )
    url = "".join(place.split())
    type = part.get_content_type()
    encoding = str(part.get_content_charset(""))
    url = url if re.match("https?:", url, re.I) else ""
    yield Page(id, name, body, format_of_type(type, body, encoding), url, encoding, type)


def mhtml_id(name: str) -> str:
    """`page_id` that also removes the endings of MHTML."""
    return re.sub(r"(?i)(?<=.)\.mht(?:ml)?(?:\.gz)?$", "", page_id(name))


_Found: TypeAlias = "tuple[Message, Message, bytes, bool]"  # the file's headers, the page's, the page, whether it ends


def _root(entity: bytes, deep: int) -> _Found | None:
    top, body = _split(entity)
    boundary = str(top.get_boundary("") or "")
    if top.get_content_maintype() != "multipart" or not boundary:
        return (top, top, body, True) if top.get_content_type() in ("text/html", XHTML) else None
    start = str(top.get_param("start", "") or "").strip("<> ")
    best: _Found | None = None
    for raw, whole in _parts(body, boundary.encode("utf-8", "replace")):
        part, content = _split(raw)
        if part.get_content_maintype() == "multipart" and deep:
            inner = _root(raw, deep - 1)
            found = inner and (top, *inner[1:])
        elif part.get_content_type() in ("text/html", XHTML):
            found = (top, part, content, whole)
        else:
            continue
        if found and (not start or str(part.get("Content-ID", "")).strip("<> ") == start):
            return found
        best = best or found
    return best


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, bool]]:
    """The parts between the lines of `boundary`, each with whether such a line follows it."""
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    at = line.search(body)
    while at is not None and not at[1]:
        # The line break before the next delimiter can be the one that ends this one.
        start = at.end() - (2 if body[at.end() - 2 : at.end()] == b"\r\n" else 1)
        end = line.search(body, max(start, at.start() + 1))
        yield body[at.end() : max(at.end(), end.start() if end else len(body))], end is not None
        at = end


def _split(entity: bytes) -> tuple[Message, bytes]:
    from email.message import Message  # start-up
    from email.parser import BytesHeaderParser  # start-up

    end = _BLANK.search(entity, 0, _HEADERS)
    if end is None:
        return Message(), b""
    return BytesHeaderParser().parsebytes(entity[: end.start()] + b"\n\n"), entity[end.end() :]


def _decoded(body: bytes, coding: str) -> bytes:
    if coding == "quoted-printable":
        return binascii.a2b_qp(body)
    if coding == "base64":
        try:
            return binascii.a2b_base64(body)
        except binascii.Error:  # truncated in the middle of four characters
            signs = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
            return binascii.a2b_base64(signs[: len(signs) // 4 * 4])
    return body

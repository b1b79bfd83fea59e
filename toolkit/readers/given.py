"""Pages that other programs hand over: as text or bytes, with what the transport said of them in a Content-Type.

Tables, the service, the steps of pipelines and the library all make their pages here, and WARC and HTTP take the same
format for the same type, so that one page has the same blocks wherever it comes in.
"""

from __future__ import annotations

import re

from ..page import Format, Page
from ..support.limits import LARGEST
from ..support.text import encode_utf8
from .base import XHTML, format_of, gunzip, too_large
from .http_message import charset, media_type

_HTML = ("text/html", XHTML, "application/xml", "text/xml")
_LOOK = 1 << 14
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.S)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)([^>]*)")
_XHTML_NAMESPACE = b"http://www.w3.org/1999/xhtml"


def page_given(
    id: str, source: str, given: str | bytes, url: str = "", content_type: str = "", format: Format | None = None,
    largest: int = LARGEST,
) -> Page:  # fmt: skip
    """A page from its text, or its bytes in any encoding and perhaps gzipped.

    `content_type` is the value of such a header: it tells XHTML, HTML and plain text apart, and the encoding of bytes.
    `format` is known where a column or a field is for pages of one format. What neither tells the content does. Raises
    BadPage for broken gzip and for a page of more than `largest` bytes.
    """
    if isinstance(given, str):
        content, encoding = encode_utf8(given), "utf-8"
    else:
        content, encoding = given, charset(content_type)
        if content.startswith(b"\x1f\x8b"):
            content = gunzip(content, source, largest)
    if len(content) > largest:
        raise too_large(source, largest)
    type = media_type(content_type)
    type = type if "/" in type else ""  # a column of that name may hold something else
    return Page(id, source, content, format or format_of_type(type, content, encoding), url, encoding, type)


def format_of_type(type: str, content: bytes, encoding: str = "") -> Format:
    """HTML or text by the media type, else by what `content` looks like."""
    if type in _HTML:
        return "html"
    return "text" if type == "text/plain" else format_of("", content, encoding)


def is_xml(type: str) -> bool:
    """An XML media type, as the MIME Sniffing standard has it."""
    return type in ("text/xml", "application/xml") or type.endswith("+xml")


def holds_xhtml(begun: bytes) -> bool:
    """Whether an XML document that begins so is a page, as browsers show it: its first element is XHTML's `html`."""
    root = _ROOT.search(_COMMENT.sub(b"", begun[:_LOOK]))
    return root is not None and root[1].rpartition(b":")[2] == b"html" and _XHTML_NAMESPACE in root[2]

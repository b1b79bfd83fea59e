"""Pages from other programs, given as text or bytes with a Content-Type.

Tables, the service, pipelines and the library all make their pages here, and WARC and HTTP use the same rule for the
format, so that a page has the same blocks whatever it comes from.
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
    id: str, source: str, given: str | bytes, *, url: str = "", content_type: str = "", format: Format | None = None,
    largest: int = LARGEST,
) -> Page:  # fmt: skip
    """A page from its text, or from its bytes in any encoding, which may be gzipped.

    `content_type` is a header that gives XHTML, HTML or plain text, and the encoding of bytes. `format` is given by
    columns and fields for pages of one format. Without them the content decides. Raises PageblocksError for broken gzip
    and for a page of more than `largest` bytes.
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
    """HTML or text by the media type, else by the content."""
    if type in _HTML:
        return "html"
    return "text" if type == "text/plain" else format_of("", content, encoding)


def is_xml(type: str) -> bool:
    """Whether this is an XML media type, as the MIME Sniffing standard defines it."""
    return type in ("text/xml", "application/xml") or type.endswith("+xml")


def holds_xhtml(begun: bytes) -> bool:
    """Whether an XML document with this beginning is a page, as in browsers: its first element is XHTML's `html`."""
    root = _ROOT.search(_COMMENT.sub(b"", begun[:_LOOK]))
    return root is not None and root[1].rpartition(b":")[2] == b"html" and _XHTML_NAMESPACE in root[2]

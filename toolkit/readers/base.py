"""Shared by all readers: ids of pages, the choice between HTML and text, unpacking within a limit."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadPage, PageblocksError
from ..page import Format, Page
from ..segment.decode import opening
from ..support.limits import LARGEST
from ..support.text import counted

XHTML = "application/xhtml+xml"
HTML_ENDINGS = (".html", ".htm", ".xhtml", ".xht")
TEXT_ENDINGS = (".txt", ".text")
ARCHIVE_ENDINGS = tuple(f".{kind}{packed}" for kind in ("warc", "wet") for packed in ("", ".gz", ".zst"))
_TYPES = {
    ".html": "text/html", ".htm": "text/html", ".xhtml": XHTML, ".xht": XHTML, ".txt": "text/plain",
    ".text": "text/plain",
}  # fmt: skip
MHTML_ENDINGS = (".mhtml", ".mht", ".mhtml.gz", ".mht.gz")
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|div|p|a|table|meta|title|span|h1|article|section)\b[^<]*>", re.I)
_PLAIN_ID = re.compile(r"\w[\w.:@+=,~-]{0,149}")

OnError = Callable[[PageblocksError], None]


@dataclass(frozen=True)
class Columns:
    """Names of the columns of a table (JSON lines, Parquet, a data set) that make up a page.

    A row needs `html` or `text`; a row with both is read as HTML.

    Parameters
    ----------
    html : str, default="html"
        Column with the HTML of the page, as text or bytes.
    text : str, default="text"
        Column with a page of plain text.
    url : str, default="url"
        Column with the address of the page.
    id : str, default="id"
        Column with the id. A row without one is named after its address, else after its file and number.
    type : str, default="content_type"
        Column with a Content-Type header, which shows what is XHTML and the encoding of bytes.
    """

    html: str = "html"
    text: str = "text"
    url: str = "url"
    id: str = "id"
    type: str = "content_type"


def page_of(id: str, source: str, content: bytes, *, url: str = "", encoding: str = "") -> Page:
    """A page from bytes, unpacked if they are gzipped; HTML or text by the ending of `source`, else by its content.

    Raises BadPage for broken gzip and for a page of more than LARGEST bytes.
    """
    if content.startswith(b"\x1f\x8b"):
        content = gunzip(content, source)
    if len(content) > LARGEST:
        raise too_large(source)
    format, type = format_of(source, content, encoding), type_of(source)
    return Page(id=id, source=source, content=content, format=format, url=url, encoding=encoding, type=type)


def gunzip(content: bytes, source: str, limit: int = LARGEST) -> bytes:
    """The unpacked bytes, at most `limit`: a few kilobytes can unpack to gigabytes."""
    out: list[bytes] = []
    size = 0
    rest = content
    try:
        while rest.startswith(b"\x1f\x8b"):
            member = zlib.decompressobj(31)
            out.append(member.decompress(rest, limit + 1 - size))
            size += len(out[-1])
            if size > limit:
                raise too_large(source, limit)
            if not member.eof:
                raise BadPage(f"{source}: broken gzip (it ends too early); fetch or pack the file again")
            rest = member.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise BadPage(f"{source}: broken gzip ({error}); fetch or pack the file again") from error
    return b"".join(out)


def too_large(source: str, limit: int = LARGEST) -> PageblocksError:
    """The error for a page of more than `limit` bytes."""
    most = f"{limit >> 20} MiB" if limit >= 1 << 20 else counted(limit, "byte")
    return BadPage(f"{source}: larger than {most}, the limit for a page; leave it out or split it")


def format_of(source: str, content: bytes, encoding: str = "") -> Format:
    """HTML or text by the ending of `source`, else by the beginning of `content`; `encoding` is the transport's."""
    ending = page_ending(source).removesuffix(".gz")
    if ending in HTML_ENDINGS:
        return "html"
    if ending in TEXT_ENDINGS:
        return "text"
    return "html" if _MARKUP.search(opening(content, encoding)) else "text"


def type_of(name: str) -> str:
    """The media type by the ending of a file's name; "" for other endings."""
    return _TYPES.get(page_ending(name).removesuffix(".gz"), "")


def shown_path(path: str | Path) -> str:
    """A path as outputs show it: as it was given, but only the last part of an absolute path."""
    return (Path(path).name if os.path.isabs(path) else "") or str(path)


def page_id(name: str) -> str:
    """A file's name without `.gz` and without the ending of a page."""
    ending = page_ending(name)
    return name[: -len(ending)] if ending and len(ending) < len(name) else name


def page_ending(name: str) -> str:
    """The ending of a page's file name: `.html`, `.txt.gz` and so on; "" for other names."""
    lower = name.lower()
    for ending in (*HTML_ENDINGS, *TEXT_ENDINGS):
        for whole in (ending, ending + ".gz"):
            if lower.endswith(whole):
                return whole
    return ""


def plain_id(id: str) -> str:
    """`id` if it can be part of a file's name, else its readable part and a hash.

    Ids name files, so none may lead out of a folder.
    """
    if _PLAIN_ID.fullmatch(id):
        return id
    readable = re.sub(r"[^\w.-]+", "-", id).strip("-.")[:60]
    return f"{readable or 'page'}-{short_hash(id)}"


def url_id(url: str) -> str:
    """A stable id of an address: its host, which is readable, and a hash."""
    host = re.sub(r"^[a-z]+://|[/?#].*", "", url, flags=re.I | re.S).rpartition("@")[2]
    return plain_id(f"{host[:80] or 'page'}-{short_hash(url)}")


def short_hash(text: str) -> str:
    """Twelve hex digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()

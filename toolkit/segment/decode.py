"""Bytes -> text, as browsers decide it: byte-order mark, what the transport said, what the page says of itself, detection.

One step more than a browser: bytes that are valid UTF-8 are UTF-8 whatever the page claims. Crawlers often store pages
re-encoded and leave the old claim in place, and text in another encoding is practically never valid UTF-8 by chance.
"""

from __future__ import annotations

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from ..errors import PageblocksError

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.I)
_SURROGATES = re.compile("[\ud800-\udfff]")
# Control characters that no text holds; tab, newline, form feed, carriage return and escape (terminal dumps) may stand.
_BINARY = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_BIT = 1 << 14
_MAGIC = (b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x7fELF", b"SQLite format 3", b"\xfd7zXZ", b"BZh")


def decode(content: bytes, said: str = "", name: str = "page") -> str:
    """The text of `content`. `said` is the encoding that the transport named, `name` what errors call the page.

    Raises `PageblocksError` when there is nothing in it or it is no text (an image, an archive, a database).
    """
    marked = _marked(content, name)
    if marked is not None:
        return marked
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(content, said)


def utf8(content: bytes, said: str = "", name: str = "page") -> bytes:
    """The same as UTF-8, which is what the parser wants: most pages are that already and pass as they are."""
    marked = _marked(content, name)
    if marked is not None:
        return marked.encode()
    return content if _is_utf8(content) else _guessed(content, said).encode()


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    # Bit by bit: one sign beyond Latin-1 makes the text of a whole page twice to four times as wide, and three times as slow.
    at, size = 0, len(content)
    view = memoryview(content)
    try:
        while at < size:
            at += codecs.utf_8_decode(view[at : at + _BIT], "strict", at + _BIT >= size)[1]
    except UnicodeDecodeError:
        return False
    return True


def _marked(content: bytes, name: str) -> str | None:
    """The text of a page with a byte-order mark; None for others that may be text. Raises `PageblocksError` for what is none."""
    if not content or content.isspace():
        raise PageblocksError(f"{name}: the page is empty")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _clean(content[len(mark) :].decode(encoding, "replace"))
    head = content[:4096]
    if head.startswith(_MAGIC) or len(head.translate(None, _BINARY)) < 0.9 * len(head):
        raise PageblocksError(f"{name}: this is a binary file, not a page; give HTML or plain text")
    return None


def _guessed(content: bytes, said: str) -> str:
    declared = _META.search(content[:4096])
    for claim in (said, declared.group(1).decode("ascii", "replace") if declared else ""):
        encoding = _python_name(claim)
        if encoding and encoding not in ("utf-8", "utf-16-le", "utf-16-be"):
            return _clean(content.decode(encoding, "replace"))
    # A broken byte or two in a page that is UTF-8 otherwise must not turn the whole page into another encoding.
    repaired = content.decode("utf-8", "replace")
    if repaired.count("�") <= max(2, 0.001 * len(repaired)):
        return _clean(repaired)
    encoding = _python_name(detect_encoding(content, max_len=131072, html5_compatible=True) or "") or "cp1252"
    return _clean(content.decode(encoding, "replace"))


def _python_name(claim: str) -> str:
    if not claim:
        return ""
    try:
        # The Web's rule: latin-1 and ascii mean windows-1252, and so on; an unknown label is "".
        known = map_encoding_to_html5(claim, False) or ""
        return codecs.lookup(known).name if known else ""
    except LookupError:
        return ""


def _clean(text: str) -> str:
    return _SURROGATES.sub("�", text)

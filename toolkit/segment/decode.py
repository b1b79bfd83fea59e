"""Decodes bytes as browsers do: by byte-order mark, the transport's encoding, the page's own declaration, detection.

Labels, tables and replacements for broken bytes are those of the Encoding standard (encoding.spec.whatwg.org), not of
Python's codecs with the same names. They come from encoding_rs, Firefox's decoder, through `endec`, and from chardetng,
Firefox's detector, through `chardetng_py`. There is one difference to browsers: bytes that are valid UTF-8 are UTF-8
whatever the page declares. Crawlers often store pages re-encoded with the old declaration, and text in another encoding
is practically never valid UTF-8 by chance.
"""

from __future__ import annotations

import codecs

import endec
from chardetng_py import EncodingDetector

from ..errors import BadPage
from .declared import declared, encoding_name

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
_MARKS = tuple(mark for mark, _ in _BOMS)
# Control characters that are not in text; tab, newline, form feed, carriage return and escape (ISO-2022-JP, dumps) are.
CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_NO_CONTROLS = dict.fromkeys(CONTROLS)
_HEAD = 4096  # bytes by which a binary file is recognised
_BIT = 1 << 14
_DETECTED = 1 << 16  # bytes for the detector, from about the first one that is not ASCII
_MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x7fELF",
    b"SQLite format 3",
    b"\xfd7zXZ",
    b"BZh",
)


def decode(content: bytes, said: str = "", name: str = "page", *, markup: bool = True) -> str:
    """The text of `content`, without byte-order mark.

    `said` is the transport's encoding, `name` is the page's name in errors; with `markup` the page may declare its
    encoding, as HTML does and plain text does not. Raises BadPage if the page is empty or not text (an image, an
    archive, a database).
    """
    read = _read(content, said, name, markup)
    return read if isinstance(read, str) else read.decode("utf-8")


def utf8(content: bytes, said: str = "", name: str = "page") -> bytes:
    """As `decode`, but the text as UTF-8, which the parser needs; most pages are UTF-8 already and are not copied."""
    read = _read(content, said, name, True)
    return read.encode() if isinstance(read, str) else read


def refuse_binary(content: bytes, name: str, said: str = "") -> None:
    """Raise BadPage for noise and packed data. `said` is the transport's encoding.

    A tenth of their bytes are control characters, which text in old encodings hardly contains. In UTF-8 even a few are
    suspicious.
    """
    if not content.startswith(_MARKS) and not _unmarked(content, said):
        _refuse_binary(content, name)


def opening(content: bytes, said: str = "") -> bytes:
    """The first 64 KiB; UTF-16 is converted to UTF-8, so that markup can be searched."""
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "") or _unmarked(content, said)
    return _decoded(content[:_DETECTED], encoding).encode() if encoding.startswith("utf-16") else content[:_DETECTED]


def _read(content: bytes, said: str, name: str, markup: bool) -> str | bytes:
    """The text, or the bytes if they are the text in UTF-8."""
    if not content or content.isspace():
        raise BadPage(f"{name}: the page is empty; leave it out")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            while content.startswith(mark):  # files that were concatenated have more than one
                content = content[len(mark) :]
            return content if encoding == "utf-8" and _is_utf8(content) else _decoded(content, encoding)
    if wide := _unmarked(content, said):
        return _decoded(content, wide)
    _refuse_binary(content, name)
    transport = encoding_name(said) if said else ""
    if _is_utf8(content):
        # Seven-bit encodings are valid UTF-8 too, and contain escapes that no other text contains.
        if not content.isascii() or (b"\x1b" not in content and b"~{" not in content):
            return content
        encoding = transport or (declared(content) if markup else "") or _detected(content)
        if encoding not in ("iso-2022-jp", "replacement"):
            return content
    else:
        encoding = _encoding(content, transport, markup)
    if encoding == "replacement":
        raise BadPage(f"{name}: browsers refuse its encoding (HZ, ISO-2022-KR or ISO-2022-CN); convert it to UTF-8")
    return _decoded(content, encoding)


def _refuse_binary(content: bytes, name: str) -> None:
    head = content[:_HEAD]
    rest = len(head.translate(None, CONTROLS))
    if head.startswith(_MAGIC) or rest < 0.9 * len(head) or (rest <= 0.95 * len(head) and not _is_utf8(content)):
        raise BadPage(f"{name}: this is a binary file, not a page; give HTML or plain text")


def _unmarked(content: bytes, said: str) -> str:
    """The name of the UTF-16 encoding of `content` without a byte-order mark; "" for other encodings."""
    head = content[:_HEAD]
    if not (zero := b"\0" in head) and not said:
        return ""
    if head.startswith(_MAGIC):
        return ""
    transport = encoding_name(said) if said else ""
    if transport.startswith("utf-16") and (zero or not _is_utf8(content)):
        return transport
    return _wide(head) if zero else ""


def _decoded(content: bytes, encoding: str) -> str:
    return endec.decode(content, encoding, "replace", bom="ignore")


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    # In parts: one character beyond Latin-1 makes the whole text two to four times as wide, and three times as slow.
    at, size = 0, len(content)
    view = memoryview(content)
    try:
        while at < size:
            at += codecs.utf_8_decode(view[at : at + _BIT], "strict", at + _BIT >= size)[1]
    except UnicodeDecodeError:
        return False
    return True


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of markup, digits and spaces is zero, and hardly any of the others."""
    high, low = head[::2].count(0), head[1::2].count(0)
    if max(high, low) < 0.15 * len(head) or min(high, low) > 0.01 * len(head):
        return ""
    encoding = "utf-16be" if high > low else "utf-16le"
    text = _decoded(head, encoding)
    return encoding if len(text.translate(_NO_CONTROLS)) > 0.95 * len(text) else ""


def _encoding(content: bytes, transport: str, markup: bool) -> str:
    """The encoding of bytes that are not valid UTF-8."""
    repaired = content.decode("utf-8", "replace")
    broken = repaired.count("�")
    whole = len(repaired) - len(repaired.encode("ascii", "ignore")) - broken
    if whole >= max(20, 9 * broken):
        return "utf-8"  # a broken byte or two must not turn the whole page into another encoding, whatever is claimed
    for claim in (transport, declared(content) if markup else ""):
        if claim and (claim != "utf-8" or broken <= max(2, 0.001 * len(repaired), whole)):
            return claim
    return "utf-8" if whole >= broken else _detected(content)


def _detected(content: bytes) -> str:
    if content.isascii():
        first = content.find(b"\x1b")
    else:
        first = next(at for at in range(0, len(content), _BIT) if not content[at : at + _BIT].isascii())
    part = content[max(first, 0) : max(first, 0) + _DETECTED]
    detector = EncodingDetector()
    detector.feed(part, last=len(part) < _DETECTED)
    guess = detector.guess(tld=None, allow_utf8=False)
    # It gives Python's name for this one, which is not a label of the standard.
    return "windows-874" if guess == "cp874" else encoding_name(guess) or "windows-1252"

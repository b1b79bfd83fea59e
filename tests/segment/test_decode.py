"""Bytes -> text: mark, header, meta, detection; broken bytes; what is no text."""

from __future__ import annotations

import codecs

import pytest

from toolkit.errors import BadPage
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.segment.decode import decode, utf8

NORSE = "Blåbærsyltetøy og ærfugl på øya"
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 5
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (codecs.BOM_UTF8 + NORSE.encode(), "iso-8859-5"),  # the mark wins over everything
        (codecs.BOM_UTF16_LE + NORSE.encode("utf-16-le"), ""),
        (codecs.BOM_UTF16_BE + NORSE.encode("utf-16-be"), "utf-8"),
        (NORSE.encode(), ""),
        (NORSE.encode(), "iso-8859-1"),  # valid UTF-8 is UTF-8, whatever is said
        (NORSE.encode("latin-1"), "latin1"),
        (NORSE.encode("cp1252"), "Windows-1252"),
        (NORSE.encode("cp1252"), "no-such-encoding"),
        (NORSE.encode("cp1252"), "utf-8"),  # a lie
    ],
)
def test_mark_then_header(content: bytes, said: str) -> None:
    assert decode(content, said) == NORSE


@pytest.mark.parametrize(
    "meta", ['<meta charset="koi8-r">', "<META http-equiv=Content-Type content='text/html; charset=KOI8-R'>"]
)
def test_meta(meta: str) -> None:
    assert RUSSIAN in decode(meta.encode() + RUSSIAN.encode("koi8-r"))


def test_the_header_wins_over_meta() -> None:
    assert RUSSIAN in decode(b"<meta charset=koi8-r>" + RUSSIAN.encode("cp1251"), "windows-1251")


@pytest.mark.parametrize(("text", "encoding"), [(RUSSIAN, "cp1251"), (JAPANESE, "euc-jp"), (JAPANESE, "shift_jis")])
def test_detection(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("label", ["ascii", "iso-8859-1"])
def test_labels_mean_what_browsers_make_of_them(label: str) -> None:
    assert decode(b"\x93quoted\x94 \x80", label) == "“quoted” €"


def test_a_broken_byte_spoils_only_itself() -> None:
    text = NORSE * 40
    content = text.encode()
    broken = content[:50] + b"\xff" + content[50:]
    assert decode(broken).replace("�", "") == text


def test_lone_surrogates_are_replaced() -> None:
    assert decode(codecs.BOM_UTF16_LE + b"a\x00\x00\xd8b\x00") == "a�b"
    assert "\ud800" not in decode("<p>\ud800 x</p>".encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7 x",
        b"\x89PNG\r\n\x1a\nxx",
        b"\xff\xd8\xff\xe0 x",
        bytes(range(32)) * 9,
        b"PK\x03\x04x",
        b"\x7fELF\x02",
    ],
)
def test_binary_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(BadPage, match=r"^x: this is a binary file[^\n]*$"):
        decode(content, name="x")


@pytest.mark.parametrize("content", [b"", b" \r\n\t "])
def test_empty_is_refused(content: bytes) -> None:
    with pytest.raises(BadPage, match="^x: the page is empty; leave it out$"):
        decode(content, name="x")


def test_a_page_s_encoding_reaches_the_decoder() -> None:
    page = Page("x", "x.html", b"<p>" + NORSE.encode("cp1252"), encoding="windows-1252")
    assert segment(page).text == [NORSE]


@pytest.mark.parametrize("content", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF8 + b" "])
def test_a_mark_alone_is_an_empty_page(content: bytes) -> None:
    with pytest.raises(BadPage, match="^x: "):
        segment(Page("x", "x", content, format="text"))


@pytest.mark.parametrize(
    "content",
    [
        "é漢🙂".encode() * 9000, b"x" * 16383 + "🙂".encode(), b"ascii only", b"cut off \xf0\x9f\x99",
        b"\xed\xa0\x80 lone",
        b"x\xffy" * 9, codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), codecs.BOM_UTF8 + b"x",
        b"<meta charset=koi8-r>" + RUSSIAN.encode("koi8-r"),
    ],
)  # fmt: skip
def test_as_utf8_it_is_the_same_text(content: bytes) -> None:
    assert utf8(content) == decode(content).encode()

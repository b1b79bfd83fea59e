"""Encodings mean what the Encoding standard says: labels, tables, broken bytes, prescan; undeclared text is
detected.
"""

from __future__ import annotations

import base64
import codecs
from itertools import product
from typing import Any

import pytest
from growth import grows_linearly

from toolkit.errors import BadPage
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.segment.declared import declared
from toolkit.segment.decode import decode, utf8

# What browsers read where Python's codec of that name does not: label, bytes, text.
TABLE = [
    ("shift_jis", b"\x87\x40\x87\x8a\xfb\xfc\xee\xe0\x81\x60", "①㈱髙髙～"),
    ("x-sjis", b"\x87\x82 \x81\x7c", "№ －"),
    ("euc-jp", b"\xad\xa1\xad\xea\xfc\xe2\x8f\xb0\xa1", "①㈱髙丂"),
    ("x-euc-jp", b"\xad\xb7", "Ⅲ"),
    ("iso-2022-jp", b"\x1b$B-!\x1b(B.", "①."),
    ("euc-kr", b"\x8c\x63\xc5\xad", "똠큼"),
    ("ks_c_5601-1987", b"\x94\xee\x88\x62", "뷁늒"),
    ("gbk", b"\x80\xfe\x50\x95\x32\x82\x36", "€⺁𠀀"),
    ("gb2312", b"\x80\x88\xd2\x86\xb4", "€堃喆"),
    ("gb_2312-80", b"\x81\x30\x89\x38\x95\x34\xb2\x35", "ß𠮷"),
    ("big5", b"\xfa\x40\x9d\xf5\xc9\x4e\xf9\xd8\xfe\xd3\xf9\xfe", "𠕇嗰冇裏着￭"),
    ("big5-hkscs", b"\x88\x62\x88\xa5", "\u00ca\u0304\u00ea\u030c"),
    ("x-x-big5", b"\xa1\xc3\xa2\xcc", "￣十"),
    ("tis-620", b"\x80\x85\x93\xa1\x94", "€…“ก”"),
    ("iso-8859-11", b"\x91\xe0\x92", "‘เ’"),
    ("latin1", b"\x80\x85\x93\x81", "€…“\x81"),
    ("us-ascii", b"\x96", "–"),
    ("iso-8859-9", b"\x80\xfe", "€ş"),
    ("l9", b"\xa4\xbc", "€Œ"),
    ("x-mac-cyrillic", b"\x80\xff", "А€"),
    ("x-mac-ukrainian", b"\xa2", "Ґ"),
    ("koi", b"\xaf\xf0", "╞П"),
    ("koi8-ru", b"\xae\xbe", "ўЎ"),
    ("logical", b"\xe0\xfd", "א\u200e"),
    ("windows-1255", b"\xca", "\u05ba"),
    ("windows-1253", b"\xaa", "�"),
    ("x-user-defined", b"A\x80\xff", "A\uf780\uf7ff"),
]


@pytest.mark.parametrize(("label", "content", "text"), TABLE, ids=[row[0] for row in TABLE])
def test_the_table_is_the_standard_s(label: str, content: bytes, text: str) -> None:
    """The same text from the transport, from `<meta>` and from the XML declaration, as HTML and as plain text."""
    assert decode(content, f' "{label.upper()}" ', markup=False) == text
    if label == "x-user-defined":
        return  # in a page it means windows-1252
    meta = f"<meta charset='{label}'><p>".encode()
    assert decode(meta + content).removeprefix(meta.decode()) == text
    xml = f'<?xml version="1.0" encoding="{label}"?><p>'.encode()
    assert utf8(xml + content).decode().removeprefix(xml.decode()) == text


@pytest.mark.parametrize(
    ("label", "content", "text"),
    [
        ("shift_jis", b"\x81<p>\x82\xa0\x83", "�<p>あ�"),
        ("shift_jis", b"\xa0\x82\xa0\xfd\x82\xa2", "�あ�い"),
        ("euc-jp", b"\xa4\xa2\xa4\n\x8f\xb0 \xa4\xa4", "あ�\n� い"),
        ("euc-kr", b"\xb0\xa1\xff\xc9<b>", "가��<b>"),
        ("gbk", b"\xb0\xa1\xff\xb0\xa2\x81 ", "啊�阿� "),
        ("gb18030", b"\x81\x30\x81<p>", "�0�<p>"),
        ("big5", b"\xa4\x40\x81\x22quay\x22", '一�"quay"'),
        ("windows-874", b"\xa1\xfc\xa2", "ก�ข"),
        ("utf-8", b"\xe2\x82quay \xf0\x9f\x98 \xed\xa0\x80", "�quay � ���"),
    ],
)
def test_a_broken_byte_never_swallows_its_neighbour(label: str, content: bytes, text: str) -> None:
    words = "é漢🙂" * 9 if label == "utf-8" else ""
    assert decode(content + words.encode(), label, markup=False) == text + words


THAI = "เรือลำเก่าจอดอยู่ที่ท่าเรือ และไม่มีใครรู้ว่าจะออกเมื่อไร"
UNDECLARED = {
    "shift_jis": ("cp932", "水車小屋は№３の橋のそばにあり、①番の道を行くと見えます。ﾊﾝｶｸもあります。"),
    "euc-jp": ("euc_jp", "水車小屋は橋のそばにあり、川の道を行くと見えます。"),
    "iso-2022-jp": ("iso2022_jp", "水車小屋は橋のそばにあります。"),
    "euc-kr": ("cp949", "방앗간은 다리 옆에 있고 똠방각하라는 이름의 고양이가 산다."),
    "gbk": ("gb18030", "水磨坊在桥的旁边，沿着河边的小路走就能看见。"),
    "big5": ("big5hkscs", "水磨坊在橋的旁邊，沿著河邊的小路走就能看見。"),
    "windows-874": ("cp874", THAI),
    "windows-1251": ("cp1251", "Мельница стоит у моста, и дорога вдоль реки ведёт прямо к ней."),
    "koi8-r": ("koi8_r", "Мельница стоит у моста, и дорога вдоль реки ведёт прямо к ней."),
    "windows-1253": ("cp1253", "Ο παλιός μύλος είναι δίπλα στη γέφυρα του ποταμού."),
    "windows-1255": ("cp1255", "הטחנה הישנה עומדת ליד הגשר והדרך לאורך הנהר מובילה אליה."),
    "windows-1256": ("cp1256", "الطاحونة القديمة بجانب الجسر والطريق على طول النهر يؤدي إليها."),
    "windows-1250": ("cp1250", "Starý mlýn stojí u mostu a cesta podél řeky vede přímo k němu, říká šťastný mlynář."),
    "windows-1252": ("cp1252", "café"),
}


@pytest.mark.parametrize(("codec", "text"), UNDECLARED.values(), ids=UNDECLARED)
def test_undeclared_text_is_detected(codec: str, text: str) -> None:
    content = text.encode(codec)
    assert segment(Page("x", "x.txt", content, format="text")).text == [text]
    assert segment(Page("x", "x.html", b"<!doctype html><title>x</title><p>" + content)).text == [text]
    assert segment(Page("x", "x.html", b"<title>x</title>" + b"<p>word" * 30000 + b"<p>" + content)).text[-1] == text


@pytest.mark.parametrize(
    ("html", "name"),
    [
        (b"<!-- <meta charset=big5> --><meta charset=koi8-r>", "koi8-r"),
        (b"<!--><meta charset=koi8-r>", "koi8-r"),
        (b"<script>'<meta charset=big5>'</script><meta charset=koi8-r>", "koi8-r"),
        (b"<html data-x='> <meta charset=big5>'><meta charset=koi8-r>", "koi8-r"),
        (b"<meta name=author content='charset=big5'><meta charset=koi8-r>", "koi8-r"),
        (b"<meta charset=no-such><meta\ncharset = ' KOI8-R '>", "koi8-r"),
        (b"<META CONTENT='text/html;CHARSET=\"koi8-r\"' HTTP-EQUIV=Content-Type>", "koi8-r"),
        (b"<meta property=x content=y charset=koi8-r charset=big5>", "koi8-r"),
        (b"<title>" + b"x" * 9000 + b"</title><meta charset=koi8-r>", "koi8-r"),
        (b"<?xml version='1.0' encoding='koi8-r'?><html><meta charset=big5>", "big5"),
        (b"\n<?xml version='1.0'\n encoding = 'koi8-r' standalone='yes'?><html>", "koi8-r"),
        (b"<?xml version='1.0' encoding='utf-16'?>", "utf-8"),
        (b"<meta charset=utf-16le>", "utf-8"),
        (b"<meta charset=x-user-defined>", "windows-1252"),
        (b"<?xml version='1.0'?><p encoding='big5'>", ""),
        (b"<p>charset=big5", ""),
    ],
)
def test_the_prescan(html: bytes, name: str) -> None:
    assert declared(html) == name


@pytest.mark.parametrize(
    "part", [b"<!--", b"<script>", b"<meta '", b'<a "', b"<a '<b \"", b"<meta charset=", b"<", b"</x '", b"<meta a"]
)
def test_the_prescan_is_linear(part: bytes) -> None:
    assert grows_linearly(lambda n: declared(part * (n // len(part))), 1 << 14)


def test_plain_text_declares_nothing() -> None:
    text = "The line <meta charset=big5> stands in old pages, né vers 1995."
    assert decode(text.encode("cp1252"), markup=False) == text


def test_utf8_with_a_broken_byte_is_utf8_in_spite_of_an_old_claim() -> None:
    text = "Блакитна вода тече повз старий млин. " * 5
    assert decode(b"<meta charset=windows-1251>" + text.encode() + b"\xff").endswith(text + "�")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["<p>Vieux café près du pont, fermé.</p>" * 3, "<p>水車小屋は、橋のそばにあります。</p>"]
)
def test_utf16_that_the_transport_names(codec: str, text: str) -> None:
    assert decode(text.encode(codec), codec.replace("16-", "16")) == text
    assert decode(text.encode(), "utf-16") == text  # a lie
    assert decode(("<?xml version='1.0'?>" * 3 + text).encode(codec)).endswith(text)  # without a mark


def test_two_marks_are_no_text() -> None:
    assert decode(codecs.BOM_UTF8 * 2 + b"a") == decode(codecs.BOM_UTF16_LE * 2 + b"a\0") == "a"
    assert utf8(codecs.BOM_UTF8 * 3 + b"a") == b"a"


@pytest.mark.parametrize(
    ("label", "content"),
    [("hz-gb-2312", b"~{VPND~}"), ("iso-2022-kr", b"\x1b$)C\x0e0!\x0f and many more words"), ("iso-2022-cn", b"\xff")],
)
def test_encodings_that_browsers_refuse(label: str, content: bytes) -> None:
    with pytest.raises(BadPage, match="^x: browsers refuse its encoding"):
        decode(content, label, "x")
    assert decode(b"plain ~ words", label) == "plain ~ words"


def test_terminal_dumps_are_no_iso_2022_jp() -> None:
    assert decode(b"\x1b[31mred\x1b[0m alert ~{", markup=False) == "\x1b[31mred\x1b[0m alert ~{"


# Chromium keeps a flag of EUC-JP after an error, breaks U+00CA U+0304 and its likes in Big5, and counts broken escapes
# otherwise.
ODD = {"euc-jp": b"\x8f", "big5": b"\x88", "iso-2022-jp": b"\x1b"}
ENCODINGS = """big5 euc-jp euc-kr gb18030 gbk ibm866 iso-2022-jp iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5
iso-8859-6 iso-8859-7
    iso-8859-8 iso-8859-8-i
    iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh shift_jis windows-874
    windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258
    x-mac-cyrillic x-user-defined""".split()


def test_all_pairs_of_bytes_are_what_a_browser_reads(chromium: Any) -> None:
    page = chromium.new_page()
    read = "([data, label]) => new TextDecoder(label).decode(Uint8Array.from(atob(data), c => c.charCodeAt(0)))"
    for label in ENCODINGS:
        pairs = [bytes(pair) for pair in product(range(256), repeat=2) if not {*pair} & {*ODD.get(label, b"")}]
        content = b"words\n" * 1000 + b"\n".join(pairs)  # enough of them that it is no binary file
        assert decode(content, label, markup=False) == page.evaluate(
            read, [base64.b64encode(content).decode(), label]
        ), label
    page.close()

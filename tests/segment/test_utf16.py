"""UTF-16 without a byte-order mark is a page wherever it comes from, and noise is none."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from toolkit.classify.run import as_blocks
from toolkit.errors import BadPage, PageblocksError
from toolkit.page import Page
from toolkit.readers import page_of, read_pages
from toolkit.segment import segment
from toolkit.segment.decode import opening, refuse_binary

TEXTS = ["Der Müller wohnt am Bach.", "Die Räder drehen sich. Мельница стоит у моста."]
HTML = "<html><body>" + "".join(f"<p>{text}</p>\n" for text in TEXTS) * 5
MARKS = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
encodings = pytest.mark.parametrize("encoding", MARKS)


@encodings
@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("name", ["mill.html", "mill.txt", "mill", "mill.htm.gz"])
def test_files(tmp_path: Path, encoding: str, marked: bool, name: str) -> None:
    content = MARKS[encoding] * marked + ("\n\n".join(TEXTS * 5) if ".txt" in name else HTML).encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    (page,) = read_pages([tmp_path / name])
    assert page.format == ("text" if ".txt" in name else "html")
    assert segment(page).text == TEXTS * 5


@encodings
@pytest.mark.parametrize("marked", [False, True])
def test_bytes_in_a_program(encoding: str, marked: bool) -> None:
    content = MARKS[encoding] * marked + HTML.encode(encoding)
    assert as_blocks(content).text == TEXTS * 5
    assert as_blocks(Page("mill", "mill", content)).text == TEXTS * 5
    assert page_of("mill", "mill", content).format == "html"


@encodings
def test_without_letters_of_ascii_where_the_transport_says_so(encoding: str) -> None:
    content = "夜の船は港を出た。".encode(encoding)
    label = encoding.replace("-le", "le").replace("-be", "be")  # as the Encoding standard calls it
    refuse_binary(content, "page", label)
    assert segment(Page("t", "t", content, encoding=label)).text == ["夜の船は港を出た。"]


def test_the_opening_of_other_encodings_is_as_it_is() -> None:
    for content in (HTML.encode(), HTML.encode("utf-8-sig"), HTML.encode("iso-8859-5", "replace"), b""):
        assert opening(content) == content
    assert opening("<p>ü".encode("utf-16")) == "\ufeff<p>ü".encode()
    assert len(opening(b"<p>" * 100_000)) < 70_000


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("format", ["html", "text"])
def test_noise_is_no_page_in_a_program_either(seed: int, format: str) -> None:
    noise = random.Random(seed).randbytes(5000)
    for some in (noise, b"<p>" + noise, bytes(200) + noise):
        with pytest.raises(BadPage, match="^t: this is a binary file, not a page; give HTML or plain text$"):
            segment(Page("t", "t", some, "text" if format == "text" else "html"))
    with pytest.raises(PageblocksError, match="this is a binary file"):
        as_blocks(noise)


def test_a_few_control_characters_are_only_odd_in_utf8_and_noise_elsewhere() -> None:
    odd = "ü\x01Räder drehen sich ".encode() * 50
    assert segment(Page("t", "t", odd)).text
    with pytest.raises(PageblocksError, match="this is a binary file"):
        segment(Page("t", "t", "ü\x01Räder drehen ".encode("iso-8859-1") * 50))

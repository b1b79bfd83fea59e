"""MHTML: pages that a browser saved in one file."""

from __future__ import annotations

import base64
import gzip
import quopri
from collections.abc import Callable
from pathlib import Path

import pytest
from growth import grows_linearly

from toolkit.page import Page
from toolkit.readers import read_pages
from toolkit.segment import segment

PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"></head><body><p>Das Schiff verließ – endlich – den '
    "Hafen.</p></body></html>"
)
CSS = b"p { margin: 0 }"
MIXED = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed"


def part(content: bytes, type: str, coding: str = "quoted-printable", more: str = "") -> bytes:
    packed = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}.get(coding, bytes)(content)
    return f"Content-Type: {type}\r\nContent-Transfer-Encoding: {coding}\r\n{more}\r\n".encode() + packed.replace(
        b"\n", b"\r\n"
    )


def saved(
    *parts: bytes, type: str = 'multipart/related;\r\n\ttype="text/html"', more: str = "", end: bytes = b"--"
) -> bytes:
    head = (
        f"From: <Saved by Blink>\r\n{more}MIME-Version: 1.0\r\nContent-Type: "
        f'{type};\r\n\tboundary="--b--(1)+"\r\n\r\n\r\n'
    )
    return (
        head.encode() + b"".join(b"----b--(1)+\r\n" + one + b"\r\n" for one in parts) + b"----b--(1)+" + end + b"\r\n"
    )


def read(path: Path) -> tuple[list[Page], list[str]]:
    errors: list[str] = []
    pages = list(read_pages([path], lambda error: errors.append(str(error))))
    assert all("\n" not in error for error in errors)
    return pages, errors


HERE = "Content-Location: https://quay.example/news\r\n"
FILES = {
    "quoted-printable": saved(part(PAGE.encode(), "text/html", more=HERE), part(CSS, "text/css")),
    "base64": saved(part(PAGE.encode(), "text/html; charset=utf-8", "base64", HERE), part(CSS, "text/css")),
    "8bit": saved(part(PAGE.encode(), "text/html", "8bit", HERE), part(CSS, "text/css")),
    "address in the head": saved(
        part(PAGE.encode(), "text/html"),
        more="Snapshot-Content-Location: https://quay.example/news\r\nSubject: =?utf-8?Q?=C3=9F?=\r\n",
    ),
    "the first part is a style": saved(part(CSS, "text/css"), part(PAGE.encode(), "text/html", more=HERE)),
    "the root is named": saved(
        part(b"<p>A frame", "text/html", more="Content-ID: <f@x>\r\n"),
        part(PAGE.encode(), "text/html", more="Content-ID: <root@x>\r\n" + HERE),
        type='multipart/related; start="<root@x>"',
    ),
    "in alternatives": saved(
        b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\n'
        + part(b"Das Schiff", "text/plain") + b"\r\n--in\r\n" + part(PAGE.encode(), "text/html",
        more=HERE) + b"\r\n--in--\r\n",
        part(CSS, "text/css"),
    ),
    "no parts": b"MIME-Version: 1.0\r\n" + HERE.encode() + part(PAGE.encode(), 'text/html; charset="utf-8"'),
    "lines that end in LF": saved(part(PAGE.encode(), "text/html", more=HERE), part(CSS, "text/css")).replace(b"\r\n",
    b"\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["news.mhtml", "news.mht", "news.MHT", "news.mhtml.gz", "news", "news.saved"])
@pytest.mark.parametrize("what", FILES)
def test_the_page_is_read(tmp_path: Path, what: str, name: str) -> None:
    content = FILES[what]
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    for source in (tmp_path / name, tmp_path):
        ((page,), errors) = read(source)
        assert errors == []
        assert (page.id, page.format, page.url) == (
            name if name == "news.saved" else "news",
            "html",
            "https://quay.example/news",
        )
        assert page.type == "text/html"
        assert segment(page).text == ["Das Schiff verließ – endlich – den Hafen."]


def test_the_charset_of_the_part(tmp_path: Path) -> None:
    (tmp_path / "a.mht").write_bytes(
        saved(part("<p>Øya på kartet".encode("cp1252"), "text/html; charset=windows-1252"))
    )
    ((page,), _) = read(tmp_path / "a.mht")
    assert (page.encoding, segment(page).text) == ("windows-1252", ["Øya på kartet"])


@pytest.mark.parametrize("coding", ["quoted-printable", "base64", "8bit"])
def test_a_cut_file_gives_what_it_has_and_says_so(tmp_path: Path, coding: str) -> None:
    long = "<!doctype html>" + "".join(f"<p>Buoy number {n} lies off the quay.</p>" for n in range(500))
    (tmp_path / "a.mhtml").write_bytes(saved(part(long.encode(), "text/html", coding))[:9001])
    ((page,), (error,)) = read(tmp_path / "a.mhtml")
    assert len(segment(page).text) > 100
    assert "breaks off inside the page" in error


@pytest.mark.parametrize(
    "content",
    [
        saved(part(CSS, "text/css")),
        saved(type="multipart/related"),
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\nx",
        b"",
        b"no headers",
    ],
)
def test_without_a_page_it_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mhtml").write_bytes(content)
    pages, (error,) = read(tmp_path / "a.mhtml")
    assert pages == []
    assert "a.mhtml: an MHTML file or mail without a page" in error


def test_a_letter_is_a_text(tmp_path: Path) -> None:
    letter = b"From: Ada\nTo: Ben\nSubject: the MIME-Version: of things\n\nDear Ben,\n\nthe ferry is late.\n"
    (tmp_path / "letter").write_bytes(letter)
    (tmp_path / "letter.txt").write_bytes(letter)
    assert [page.format for name in ("letter", "letter.txt") for page in read(tmp_path / name)[0]] == ["text", "text"]


@pytest.mark.parametrize(
    "content",
    [
        lambda n: saved(*[part(b"x", "text/css")] * n),
        lambda n: saved(part(b"\r\n----b--(1)" * 5 * n, "text/html", "8bit")),
        lambda n: MIXED + b"; boundary=a\r\n\r\n" + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * n,
        lambda n: MIXED + b"; boundary=a\r\n" + b"A: b\r\n" * 5 * n,
        lambda n: MIXED + b";" + b" a=b;" * 2 * n + b"\r\n\r\n",
        lambda n: MIXED + b"; boundary=a\r\n\r\n" + b"\r\n" * 50 * n,
    ],
)  # fmt: skip
def test_hostile_files_cost_no_more_than_their_length(tmp_path: Path, content: Callable[[int], bytes]) -> None:
    def look(n: int) -> None:
        (tmp_path / "a.mht").write_bytes(content(n))
        read(tmp_path / "a.mht")

    assert grows_linearly(look, 5_000)

"""WARC and WET archives, whole, packed, cut off and broken."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from pathlib import Path

import pytest

from toolkit.page import Page
from toolkit.readers import LARGEST, read_pages
from toolkit.segment import segment


def record(
    number: int, body: bytes, kind: str = "response", content_type: str = "text/html", status: str = "200 OK", more: str = ""
) -> bytes:
    if kind == "response":
        body = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}\r\n".encode() + body
        content_type = "application/http; msgtype=response"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number:08}-0000-4000-8000-000000000000>\r\n"
        f"WARC-Target-URI: https://a.example/{number}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def noise(size: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(f"{chance.getrandbits(60):x}" for _ in range(size // 16))


PAGES = [record(i, f"<p>Page {i} {noise(3000, i)}</p>".encode()) for i in range(6)]


def read(path: Path) -> tuple[list[Page], list[str]]:
    errors: list[str] = []
    return list(read_pages([path], lambda error: errors.append(str(error)))), errors


def archive(path: Path, records: list[bytes]) -> Path:
    path.write_bytes(b"".join(gzip.compress(r) for r in records) if path.suffix == ".gz" else b"".join(records))
    return path


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_responses_become_pages(tmp_path: Path, name: str) -> None:
    pages, errors = read(archive(tmp_path / name, [record(99, b"software: x", "warcinfo", "application/warc-fields"), *PAGES]))
    assert errors == []
    assert [page.id for page in pages] == [f"{i:08}-0000-4000-8000-000000000000" for i in range(6)]
    assert [page.url for page in pages] == [f"https://a.example/{i}" for i in range(6)]
    assert segment(pages[3]).text[0].startswith("Page 3 ")


def test_only_pages_are_given(tmp_path: Path) -> None:
    records = [
        record(1, b"\x89PNG...", content_type="image/png"),
        record(2, b"gone", status="404 Not Found"),
        record(3, b"GET / HTTP/1.1\r\n\r\n", "request", "application/http; msgtype=request"),
        record(4, b"plain words", content_type="text/plain; charset=utf-8"),
        record(5, b"<html><p>untold type", content_type=""),
        record(6, b"{}", content_type="application/json"),
        record(7, b"<p>x", content_type="application/xhtml+xml"),
        record(8, b""),
    ]
    pages, errors = read(archive(tmp_path / "a.warc.gz", records))
    assert errors == []
    assert [(page.url[-1], page.format) for page in pages] == [("4", "text"), ("5", "html"), ("7", "html")]
    assert [page.type for page in pages] == ["text/plain", "", "application/xhtml+xml"]


def test_the_charset_of_the_header_is_passed_on(tmp_path: Path) -> None:
    body = "<p>Øl på øya, æ æ æ".encode("cp1252")
    (page,), _ = read(archive(tmp_path / "a.warc", [record(1, body, content_type="text/html; charset=ISO-8859-1")]))
    assert page.encoding
    assert segment(page).text == ["Øl på øya, æ æ æ"]


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (gzip.compress(b"<p>packed"), "Content-Encoding: gzip\r\n"),
        (zlib.compress(b"<p>packed"), "Content-Encoding: deflate\r\n"),
        (b"9\r\n<p>packed\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n"),
        (b"<p>packed", "Content-Encoding: gzip\r\n"),  # unpacked by the crawler, the header left as it was
    ],
)
def test_packed_bodies(tmp_path: Path, body: bytes, more: str) -> None:
    (page,), errors = read(archive(tmp_path / "a.warc", [record(1, body, more=more)]))
    assert (page.content, errors) == (b"<p>packed", [])


def test_a_bad_body_costs_only_its_page(tmp_path: Path) -> None:
    bad = record(7, gzip.compress(b"x" * 9999)[:-30], more="Content-Encoding: gzip\r\n")
    bomb = record(8, gzip.compress(bytes(LARGEST + 1)), more="Content-Encoding: gzip\r\n")
    pages, errors = read(archive(tmp_path / "a.warc.gz", [PAGES[0], bad, bomb, PAGES[1]]))
    assert len(pages) == 2
    assert ["broken gzip" in errors[0], "more than 32 MiB" in errors[1]] == [True, True]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_truncated_archive_gives_what_it_holds_and_says_where_it_broke(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / name, PAGES)
    path.write_bytes(path.read_bytes()[:-1200])
    pages, errors = read(path)
    assert len(pages) == 5
    (error,) = errors
    assert "breaks off inside record 6 (https://a.example/5)" in error


def test_an_archive_as_one_gzip_stream(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    whole = gzip.compress(b"".join(PAGES))
    path.write_bytes(whole)
    assert len(read(path)[0]) == 6
    path.write_bytes(whole[:-1200])
    pages, errors = read(path)
    assert (len(pages), len(errors)) == (5, 1)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_rubbish_between_records(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / name, PAGES)
    half = archive(tmp_path / ("half" + name), PAGES[:3]).read_bytes()
    path.write_bytes(half + b"rubbish " * 99 + path.read_bytes())
    pages, errors = read(path)
    assert len(pages) == 3
    assert "broken after record 3" in errors[0]


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8bnor this"])
def test_no_archive(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(content)
    pages, errors = read(path)
    assert (pages, len(errors)) == ([], 1)
    assert errors[0].startswith(str(path))


def test_wet(tmp_path: Path) -> None:
    text = "En linje\nEn linje til på øya\n".encode()
    path = archive(tmp_path / "CC.warc.wet.gz", [record(i, text, "conversion", "text/plain") for i in range(3)])
    pages, errors = read(path)
    assert errors == []
    assert [page.format for page in pages] == ["text"] * 3
    assert segment(pages[0]).text == ["En linje", "En linje til på øya"]
    assert pages[0].url == "https://a.example/0"


def test_archives_in_a_folder(tmp_path: Path) -> None:
    archive(tmp_path / "a.warc.gz", PAGES[:2])
    (tmp_path / "b.html").write_bytes(b"<p>b")
    assert len(read(tmp_path)[0]) == 3


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    one = gzip.compress(record(1, f"<p>{noise(50_000, 1)}".encode()))
    with open(path, "wb") as f:
        for _ in range(400):
            f.write(one)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_pages([path])) == 400
        assert tracemalloc.get_traced_memory()[1] < 5_000_000  # 20 MB of pages went by
    finally:
        tracemalloc.stop()

"""WARC and WET archives, whole, packed, cut off and broken."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import zstandard

from toolkit.page import Page
from toolkit.readers import LARGEST, Skipped, read_pages
from toolkit.segment import segment


def record(
    number: int,
    body: bytes,
    kind: str = "response",
    content_type: str = "text/html",
    status: str = "200 OK",
    more: str = "",
) -> bytes:
    if kind == "response":
        body = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}\r\n".encode() + body
        content_type = "application/http; msgtype=response"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number:08}-0000-4000-8000-000000000000>\r\n"
        f"WARC-Target-URI: https://a.example/{number}\r\nContent-Type: {content_type}\r\nContent-Length: "
        f"{len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def noise(size: int, seed: int) -> str:
    chance = random.Random(seed)
    return " ".join(f"{chance.getrandbits(60):x}" for _ in range(size // 16))


PAGES = [record(i, f"<p>Page {i} {noise(3000, i)}</p>".encode()) for i in range(6)]


def read(path: Path, skipped: list[Skipped] | None = None) -> tuple[list[Page], list[str]]:
    errors: list[str] = []
    skip = lambda counts: None if skipped is None else skipped.append(counts)  # noqa: E731
    return list(read_pages([path], lambda error: errors.append(str(error)), on_skip=skip)), errors


def archive(path: Path, records: list[bytes]) -> Path:
    path.write_bytes(b"".join(gzip.compress(r) for r in records) if path.suffix == ".gz" else b"".join(records))
    return path


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_responses_become_pages(tmp_path: Path, name: str) -> None:
    pages, errors = read(
        archive(tmp_path / name, [record(99, b"software: x", "warcinfo", "application/warc-fields"), *PAGES])
    )
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
        (gzip.compress(b"<p>packed", mtime=0), "Content-Encoding: gzip\r\n"),
        (zlib.compress(b"<p>packed"), "Content-Encoding: deflate\r\n"),
        (b"9\r\n<p>packed\r\n0\r\n\r\n", "Transfer-Encoding: chunked\r\n"),
        (b"<p>packed", "Content-Encoding: gzip\r\n"),  # unpacked by the crawler, the header left as it was
    ],
)
def test_packed_bodies(tmp_path: Path, body: bytes, more: str) -> None:
    (page,), errors = read(archive(tmp_path / "a.warc", [record(1, body, more=more)]))
    assert (page.content, errors) == (b"<p>packed", [])


def test_a_bad_body_costs_only_its_page(tmp_path: Path) -> None:
    bad = record(7, gzip.compress(b"x" * 9999 + noise(999, 1).encode())[:-30], more="Content-Encoding: gzip\r\n")
    bomb = record(8, gzip.compress(bytes(LARGEST + 1)), more="Content-Encoding: gzip\r\n")
    pages, errors = read(archive(tmp_path / "a.warc.gz", [PAGES[0], bad, bomb, PAGES[1]]))
    assert [page.url[-1] for page in pages] == ["0", "7", "1"]
    assert pages[1].content.startswith(b"xxxxxxxxxx")  # as far as it goes
    (error,) = errors
    assert "larger than 32 MiB" in error


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
    pages, (error,) = read(path)
    if name == "a.warc":
        assert [page.url[-1] for page in pages] == list("012012345")
        assert "792 bytes after record 3 (https://a.example/2) belong to no record" in error
    else:
        assert [page.url[-1] for page in pages] == list("012012345")
        assert "broken after record 3 (https://a.example/2)" in error
        assert "792 bytes lost" in error


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


def chunked(body: bytes, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    parts = [body[at : at + 20] for at in range(0, len(body), 20)]
    return b"".join(b"%X%s\r\n%s\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n" + trailer + b"\r\n"


def bare(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def squeezed(body: bytes) -> bytes:
    return brotli.compress(body)


def zstd(body: bytes) -> bytes:
    return zstandard.compress(body)


BODY = b"<!doctype html><p>The lighthouse keeper counted " + b"seven, eight, nine, " * 60 + b"and slept.</p>"
CHUNKED = "Transfer-Encoding: chunked\r\n"
WHOLE = {
    "a header over a plain body": (BODY, CHUNKED),
    "the same under gzip": (BODY, CHUNKED + "Content-Encoding: gzip\r\n"),
    "a body that begins like a chunk": (b"abc\n" + BODY, CHUNKED),
    "chunk extensions": (chunked(BODY, b' ; a=1;b="x"'), CHUNKED),
    "trailers": (chunked(BODY, trailer=b"Expires: never\r\nX: y\r\n"), CHUNKED),
    "chunks in chunks": (chunked(chunked(BODY)), "Transfer-Encoding: chunked, chunked\r\n"),
    "gzip in chunks": (chunked(gzip.compress(BODY)), CHUNKED + "Content-Encoding: gzip\r\n"),
    "gzip as a transfer coding": (chunked(gzip.compress(BODY)), "Transfer-Encoding: gzip, chunked\r\n"),
    "gzip twice": (gzip.compress(gzip.compress(BODY)), "Content-Encoding: gzip, gzip\r\n"),
    "gzip twice, told once": (gzip.compress(gzip.compress(BODY)), "Content-Encoding: gzip\r\n"),
    "two headers": (gzip.compress(zlib.compress(BODY)), "Content-Encoding: deflate\r\nContent-Encoding: gzip\r\n"),
    "bare deflate": (bare(BODY), "Content-Encoding: deflate\r\n"),
    "bare deflate in gzip": (gzip.compress(bare(BODY)), "Content-Encoding: deflate, x-gzip\r\n"),
    "brotli": (squeezed(BODY), "Content-Encoding: br\r\n"),
    "zstd": (zstd(BODY), "Content-Encoding: zstd\r\n"),
    "brotli in gzip": (gzip.compress(squeezed(BODY)), "Content-Encoding: br,gzip\r\n"),
    "zstd in brotli": (squeezed(zstd(BODY)), "Content-Encoding: zstd, br\r\n"),
    "brotli that was undone": (BODY, "Content-Encoding: br\r\n"),
    "deflate that was undone": (BODY, "Content-Encoding: deflate\r\n"),
    "zstd that was undone": (BODY, "Content-Encoding: zstd\r\n"),
    "a coding of the house": (BODY, "Content-Encoding: none, utf-8\r\n"),
    "a folded header": (gzip.compress(BODY), "X-Long: a\r\n  b\r\nContent-Encoding:\r\n\tgzip\r\n"),
}
CUT = {
    "inside a chunk": (chunked(BODY)[:500], CHUNKED),
    "inside a chunk's size": (chunked(BODY)[: 26 * 20 + 1], CHUNKED),
    "inside gzip": (gzip.compress(BODY)[:-20], "Content-Encoding: gzip\r\n"),
    "gzip with a wrong end": (gzip.compress(BODY)[:-8] + b"\1" * 8, "Content-Encoding: gzip\r\n"),
    "inside deflate": (bare(BODY)[:-5], "Content-Encoding: deflate\r\n"),
    "inside brotli": (squeezed(BODY + noise(30_000, 1).encode())[:-4000], "Content-Encoding: br\r\n"),
    "inside a list": (gzip.compress(gzip.compress(BODY))[:-15], "Content-Encoding: gzip, gzip\r\n"),
    "chunks and gzip": (chunked(gzip.compress(BODY))[:-30], CHUNKED + "Content-Encoding: gzip\r\n"),
}


def with_odd(tmp_path: Path, name: str, odd: bytes, place: int) -> Path:
    return archive(tmp_path / name, [*PAGES[:place], odd, *PAGES[place:]])


@pytest.mark.parametrize("place", [0, 3, 6])
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
@pytest.mark.parametrize("what", WHOLE)
def test_bodies_as_recorders_leave_them(tmp_path: Path, what: str, name: str, place: int) -> None:
    body, more = WHOLE[what]
    skipped: list[Skipped] = []
    pages, errors = read(with_odd(tmp_path, name, record(7, body, more=more), place), skipped)
    assert (len(pages), errors, skipped) == (7, [], [])
    assert pages[place].content == (body if what == "a body that begins like a chunk" else BODY)


@pytest.mark.parametrize("place", [0, 3, 6])
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
@pytest.mark.parametrize("what", CUT)
def test_cut_bodies_give_what_they_have_and_so_do_all_after_them(
    tmp_path: Path, what: str, name: str, place: int
) -> None:
    body, more = CUT[what]
    skipped: list[Skipped] = []
    pages, errors = read(with_odd(tmp_path, name, record(7, body, more=more), place), skipped)
    assert (len(pages), errors) == (7, [])
    assert BODY.startswith(pages[place].content[:100])
    assert [str(counts).partition(": ")[2] for counts in skipped] == ["1 page is truncated and read as far as possible"]


@pytest.mark.parametrize("place", [0, 3, 6])
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
@pytest.mark.parametrize(
    "head",
    ["HTTP/1.1 200 OK\nContent-Type: text/html\n\n", "HTTP/1.0 200\nServer: old\r\nContent-Type: TEXT/HTML\n\r\n"],
)
def test_headers_that_end_in_lf(tmp_path: Path, head: str, name: str, place: int) -> None:
    odd = record(7, head.encode() + BODY, "response-as-it-is", "application/http")
    pages, errors = read(with_odd(tmp_path, name, odd.replace(b"response-as-it-is", b"response"), place))
    assert ([page.content for page in pages][place], len(pages), errors) == (BODY, 7, [])


def test_a_response_after_interim_ones(tmp_path: Path) -> None:
    raw = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + BODY
    ((page,), errors) = read(archive(tmp_path / "a.warc", [record(1, raw, "resource", "application/http")]))
    assert (page.content, errors) == (BODY, [])


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_resources_and_conversions_are_pages(tmp_path: Path, name: str) -> None:
    records = [
        record(1, "<p>Øya".encode("cp1252"), "resource", "text/html; charset=windows-1252"),
        record(2, b"plain", "resource", "text/plain"),
        record(3, b"<p>x<br/>", "resource", "application/xhtml+xml"),
        record(4, b"<p>made of a PDF", "conversion", "text/html"),
        record(5, b"<html><p>untold type", "resource", ""),
        record(6, b"{}", "resource", "application/json"),
        record(7, b"wget's arguments", "resource", "text/plain").replace(
            b"https://a.example/7", b"metadata://wget.example/7"
        ),
        record(8, b"the text of a page", "resource", "text/plain").replace(
            b"https://a.example/8", b"urn:text:https://a.example/8"
        ),
    ]
    skipped: list[Skipped] = []
    pages, errors = read(archive(tmp_path / name, records), skipped)
    assert errors == []
    assert [(page.url[-1], page.format, page.type, page.encoding) for page in pages] == [
        ("1", "html", "text/html", "windows-1252"), ("2", "text", "text/plain", ""), ("3", "html",
        "application/xhtml+xml", ""),
        ("4", "html", "text/html", "utf-8"), ("5", "html", "", ""),
    ]  # fmt: skip
    assert [counts.to_dict() for counts in skipped] == [{"type": {"application/json": 1}}]


def test_utf16_that_only_the_header_names(tmp_path: Path) -> None:
    body = "<p>夜の船は港を出た。".encode("utf-16-le")
    ((page,), errors) = read(
        archive(tmp_path / "a.warc", [record(1, body, content_type='text/html; charset="UTF-16LE"')])
    )
    assert (segment(page).text, errors) == (["夜の船は港を出た。"], [])


def test_what_is_passed_over_is_counted_by_reason(tmp_path: Path) -> None:
    records = [
        record(0, b"software: x", "warcinfo", "application/warc-fields"),
        PAGES[1],
        *(record(i, b"x", content_type="image/png") for i in range(3)),
        record(3, b"gone", status="404 Not Found"),
        record(4, b"", status="301 Moved"),
        record(5, b" \r\n"),
        record(6, b"", "revisit", "application/http"),
        record(7, b"GET / HTTP/1.1\r\n\r\n", "request", "application/http"),
        record(8, b"x", content_type="a/\x1b[31mb"),
    ]
    skipped: list[Skipped] = []
    path = archive(tmp_path / "a.warc.gz", records)
    assert [len(found) for found in read(path, skipped)] == [1, 0]
    (counts,) = skipped
    assert counts.to_dict() == {
        "status": {"404": 1, "301": 1}, "type": {"image/png": 3, "a/31mb": 1}, "empty": 1, "revisit": 1,
    }  # fmt: skip
    assert str(counts) == (
        f"{path}: skipped 8 records: 2 with another status than 200 (404 1, 301 1), "
        "4 of another type (image/png 3, a/31mb 1), 1 empty, 1 revisit"
    )


def test_without_anybody_who_asks_the_counts_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = archive(tmp_path / "a.warc", [PAGES[0], record(1, b"", status="500 Broken")])
    assert len(list(read_pages([path]))) == 1
    assert [(found.levelname, found.getMessage()) for found in caplog.records] == [
        ("WARNING", f"{path}: skipped 1 record: 1 with another status than 200 (500 1)")
    ]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_an_archive_of_which_nothing_is_read_is_an_error(tmp_path: Path, name: str) -> None:
    records = [record(0, b"x", "warcinfo", "application/warc-fields"), record(1, b"GIF8", "resource", "image/gif")]
    pages, (error,) = read(archive(tmp_path / name, records))
    assert pages == []
    assert "no page in it, only 1 of another type (image/gif 1), 1 about the capture (warcinfo 1)" in error


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_no_cut_is_silent(tmp_path: Path, name: str) -> None:
    """Cut anywhere, an archive gives the pages before the cut and one line, unless it is cut between two records."""
    asked = [
        record(9, b"GET / HTTP/1.1\r\n\r\n", "request", "application/http"),
        record(0, b"f: x", "warcinfo", "application/warc-fields"),
    ]
    records = [asked[1], record(1, b"<p>one"), asked[0], record(2, b"<p>two"), asked[0], record(3, b"<p>three")]
    packed = [gzip.compress(one) for one in records] if name.endswith(".gz") else records
    ends = {sum(map(len, packed[:k])) for k in range(len(packed) + 1)}
    whole = b"".join(packed)
    path = tmp_path / name
    for cut in range(1, len(whole)):
        path.write_bytes(whole[:cut])
        pages, errors = read(path)
        before = sum(end <= cut for end in sorted(ends)[1:])
        assert len(pages) >= before // 2
        if cut not in ends:
            assert len(errors) == 1, cut
            assert f"{path}: " in errors[0]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
@pytest.mark.parametrize("off", [-7, -1, 1, 2, 3])
def test_a_wrong_length_costs_at_most_its_own_record_and_the_next(tmp_path: Path, name: str, off: int) -> None:
    body = b"<p>Counted wrongly"
    odd = record(7, body)
    length = len(odd.split(b"\r\n\r\n", 1)[1]) - 4
    odd = odd.replace(b"Content-Length: %d\r\n" % length, b"Content-Length: %d\r\n" % (length + off))
    pages, errors = read(with_odd(tmp_path, name, odd, 2))
    assert [page.url[-1] for page in pages] == list("0172345")
    assert len(errors) == (off < 0)


@pytest.mark.parametrize("length", [b"", b"-5", b"many", b"9" * 30, "٣".encode()])
def test_a_length_that_is_no_number(tmp_path: Path, length: bytes) -> None:
    odd = record(7, b"<p>x")
    at = odd.index(b"Content-Length: ") + 16
    odd = odd[:at] + length + odd[odd.index(b"\r\n", at) :]
    pages, errors = read(with_odd(tmp_path, "a.warc", odd, 2))
    assert [page.url[-1] for page in pages] == list("012345")
    assert "no Content-Length" in errors[0]


def test_records_with_headers_that_end_in_lf(tmp_path: Path) -> None:
    head = b"WARC/1.0\nwarc-type: response\nWARC-Target-URI: <https://b.example/>\nContent-Type: application/http\n"
    lines = head + b"Content-Length: %d\n\n%s\n\n"
    answer = b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n" + BODY
    path = tmp_path / "a.warc"
    path.write_bytes(lines % (len(answer), answer) * 2)
    pages, errors = read(path)
    assert ([(page.url, page.content) for page in pages], errors) == ([("https://b.example/", BODY)] * 2, [])


def test_a_film_is_no_page_that_is_too_large(tmp_path: Path) -> None:
    film = record(1, bytes(LARGEST + 10), content_type="video/mp4")
    long = record(2, b"<p>" + b"x" * (LARGEST + 10))
    pages, errors = read(archive(tmp_path / "a.warc", [film, long, PAGES[0]]))
    assert len(pages) == 1
    assert ["larger than 32 MiB" in error for error in errors] == [True]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "crawl", "crawl.zst"])
def test_an_archive_under_any_name_and_zstd(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / name, PAGES)
    if name.endswith(".zst"):
        path.write_bytes(b"".join(map(zstandard.compress, PAGES)))
    assert len(read(path)[0]) == 6
    gz = tmp_path / "packed"
    gz.write_bytes(gzip.compress(b"".join(PAGES)))
    assert len(read(gz)[0]) == 6
    assert len(read(tmp_path)[0]) == 12


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_bombs_of_all_codings(tmp_path: Path, coding: str) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": bare, "br": squeezed, "zstd": zstd}
    bomb = pack[coding](bytes(LARGEST * 3))
    pages, (error,) = read(with_odd(tmp_path, "a.warc", record(7, bomb, more=f"Content-Encoding: {coding}\r\n"), 3))
    assert len(pages) == 6
    assert "larger than 32 MiB" in error


XML = (
    b'<?xml version="1.0"?><!-- <feed> --><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
    b"<body><p>x</p></body></html>"
)


@pytest.mark.parametrize("kind", ["application/xml", "text/xml; charset=utf-8", "application/vnd.wap.xhtml+xml"])
def test_xml_whose_root_is_html_is_a_page(tmp_path: Path, kind: str) -> None:
    feed = XML.replace(b"<html", b"<feed", 1).replace(b"</html", b"</feed")
    records = [record(1, XML, content_type=kind), record(2, feed, content_type=kind), record(3, XML, "resource", kind)]
    skipped: list[Skipped] = []
    pages, errors = read(archive(tmp_path / "a.warc.gz", records), skipped)
    assert ([(page.url[-1], page.type) for page in pages], errors) == ([(n, "application/xhtml+xml") for n in "13"], [])
    assert [segment(page).text for page in pages] == [["x"], ["x"]]
    assert skipped[0].to_dict() == {"type": {kind.partition(";")[0]: 1}}


def test_a_mark_in_front_of_an_archive(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.warc", PAGES)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    pages, errors = read(path)
    assert (len(pages), errors) == (6, [])

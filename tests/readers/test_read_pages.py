"""Files, folders, tables, archives, data sets, standard input: pages come out, breaks are said in one line."""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toolkit.corpus.importing import import_gold, import_pages
from toolkit.errors import PageblocksError
from toolkit.page import Page
from toolkit.readers import LARGEST, Columns, Skipped, page_id, page_of, read_pages
from toolkit.readers.base import plain_id, url_id
from toolkit.segment import segment

HTML = b"<!doctype html><p>One page</p>"


def read(*sources: str | Path, **more: Any) -> tuple[list[Page], list[str]]:
    errors: list[str] = []
    pages = list(read_pages(sources, lambda error: errors.append(str(error)), **more))
    assert all("\n" not in error for error in errors)
    return pages, errors


def one_line(*sources: str | Path, **more: Any) -> str:
    pages, errors = read(*sources, **more)
    assert pages == []
    (error,) = errors
    return error


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("a.html", "a"),
        ("a.b.HTM.gz", "a.b"),
        ("a.txt", "a"),
        ("a.txt.gz", "a"),
        ("a", "a"),
        ("a.pdf", "a.pdf"),
        (".html", ".html"),
    ],
)
def test_page_id(name: str, id: str) -> None:
    assert page_id(name) == id


def test_files_and_folders_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "1.html").write_bytes(HTML)
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"text"))
    (tmp_path / "c.htm").write_bytes(HTML)
    (tmp_path / ".hidden.html").write_bytes(HTML)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "d.html").write_bytes(HTML)
    (tmp_path / "notes.md").write_bytes(b"no page")
    (tmp_path / "pages.jsonl").write_bytes(b"{}")
    pages, errors = read(tmp_path, tmp_path / "c.htm")
    assert [(page.id, page.format) for page in pages] == [("a", "text"), ("b/1", "html"), ("c", "html"), ("c", "html")]
    assert (pages[0].content, errors) == (b"text", [])
    skipped: list[Skipped] = []
    assert len(list(read_pages([tmp_path], on_skip=skipped.append))) == 3
    assert [str(one) for one in skipped] == [
        f"skipped 2 files that are not pages ({tmp_path}/notes.md); name tables one by one"
    ]
    assert skipped[0].to_dict() == {"files": 2}


def test_pages_of_one_name_make_a_corpus(tmp_path: Path) -> None:
    for name in ("a/index.html", "b/index.html", "b/a.html.gz"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(HTML + name.encode())
    corpus = import_pages([tmp_path / "in"], tmp_path / "corpus")
    assert list(corpus.rows) == ["a/index", "b/a", "b/index"]
    assert [page.content[len(HTML) :] for page in corpus.pages()] == [b"a/index.html", b"b/a.html.gz", b"b/index.html"]
    with pytest.raises(PageblocksError, match="second page with the id 'index'.*folder above both"):
        import_pages([tmp_path / "in/a", tmp_path / "in/b"], tmp_path / "other")
    row = {"html": "in/a/index.html", "blocks": [{"text": "One page", "label": "article"}]}
    done = import_gold(jsonl(tmp_path / "gold.jsonl", [row | {"id": "a/index"}]), tmp_path / "labelled")
    assert done.corpus.page("a/index").content == corpus.page("a/index").content
    for id in ("../index", "/index", "a//index", "a/", ""):
        with pytest.raises(PageblocksError, match="cannot be the id of a page"):
            import_gold(jsonl(tmp_path / "gold.jsonl", [row | {"id": id}]), tmp_path / "others")


def test_what_cannot_be_read_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_bytes(HTML)
    (tmp_path / "cut.html.gz").write_bytes(gzip.compress(HTML * 50)[:-9])
    (tmp_path / "bad.html.gz").write_bytes(b"\x1f\x8bnonsense")
    pages, errors = read(tmp_path / "missing.html", tmp_path, "nul\0byte.html")
    assert [page.id for page in pages] == ["good"]
    assert [error.split(": ", 1)[1].split(" (")[0] for error in errors] == [
        "no such file or folder", "broken gzip", "broken gzip", "cannot be read",
    ]  # fmt: skip
    with pytest.raises(PageblocksError, match="no such file"):
        list(read_pages([tmp_path / "missing.html"]))


def test_a_folder_without_pages_says_how_tables_are_read(tmp_path: Path) -> None:
    (tmp_path / "pages.jsonl").write_text('{"html": "<p>x"}')
    assert "no pages in this folder" in one_line(tmp_path)
    assert "name tables one by one" in one_line(tmp_path)
    skipped: list[Skipped] = []
    assert list(read_pages([tmp_path], lambda _: None, on_skip=skipped.append)) == []
    assert skipped == []  # the error says it


@pytest.mark.parametrize("name", ["noise.html", "noise.htm.gz", "noise.txt", "noise.dat"])
def test_noise_is_no_page_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / "good.html").write_bytes(HTML)
    for seed in range(30):
        noise = random.Random(seed).randbytes(5000)
        (tmp_path / name).write_bytes(gzip.compress(noise) if name.endswith(".gz") else noise)
        pages, (error,) = read(tmp_path / name, tmp_path / "good.html")
        assert [page.id for page in pages] == ["good"]
        assert f"{name}: this is a binary file" in error


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-32", "shift_jis", "euc-jp", "iso2022_jp", "gb18030", "big5", "euc-kr"]
)
@pytest.mark.parametrize("name", ["a.html", "a.txt"])
def test_text_in_other_encodings_is_no_noise(tmp_path: Path, encoding: str, name: str) -> None:
    content = ("<p>" + "日本 文字 " * 300).encode(encoding)
    (tmp_path / name).write_bytes(content)
    ((page,), errors) = read(tmp_path / name)
    assert (page.content, errors) == (content, [])
    assert segment(page).text


def test_a_page_may_not_be_larger_than_the_limit(tmp_path: Path) -> None:
    large = tmp_path / "large.html"
    with open(large, "wb") as f:
        f.truncate(100 * 1024 * 1024)
    assert "larger than 32 MiB" in one_line(large)
    bomb = tmp_path / "bomb.html.gz"
    bomb.write_bytes(gzip.compress(bytes(LARGEST + 1)))
    assert "larger than 32 MiB" in one_line(bomb)


def test_gzip_of_several_members() -> None:
    assert page_of("x", "x.txt.gz", gzip.compress(b"one ") + gzip.compress(b"two")).content == b"one two"


def test_format_by_what_it_looks_like() -> None:
    assert page_of("x", "x", b"  <DIV class=a>x").format == "html"
    assert page_of("x", "x", b"a < b and c > d").format == "text"


@pytest.mark.parametrize(
    "id", ["../../etc/passwd", "/abs", ".hidden", "a/b", "a\\b", "a b", "", "x" * 500, "a\nb", "\ud800", "a\0b"]
)
def test_ids_that_could_climb_out_are_made_plain(id: str) -> None:
    plain = plain_id(id)
    assert plain != id
    assert Path(plain).name == plain
    assert len(plain) < 160
    assert not plain.startswith(".")
    assert plain == plain_id(id)
    plain.encode()


def test_plain_ids_stay() -> None:
    assert plain_id("0a1b-2c.3_d:e") == "0a1b-2c.3_d:e"
    assert plain_id("a/b") != plain_id("a b")
    assert url_id("https://user:pw@www.a.example:80/x?y").startswith("www.a.example:80-")


def jsonl(path: Path, rows: list[Any]) -> Path:
    data = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["p.jsonl", "p.ndjson", "p.jsonl.gz"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    rows = [
        {"id": "a", "url": "https://a.example/1", "html": "<p>x"},
        {"id": 7, "text": "plain"},
        {"url": "https://a.example/2", "html": "<p>y"},
        {"text": "nameless", "html": None},
    ]
    pages, errors = read(jsonl(tmp_path / name, rows))
    assert errors == []
    assert [(page.format, page.content, page.url) for page in pages] == [
        ("html", b"<p>x", "https://a.example/1"), ("text", b"plain", ""), ("html", b"<p>y", "https://a.example/2"),
        ("text", b"nameless", ""),
    ]  # fmt: skip
    assert [page.id for page in pages[:2]] == ["a", "7"]
    assert len({page.id for page in pages}) == 4


def test_json_lines_with_other_columns(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl", [{"key": "k", "raw": "<p>x", "uri": "https://a.example"}])
    (page,), _ = read(path, columns=Columns(html="raw", url="uri", id="key"))
    assert (page.id, page.content, page.url, page.format) == ("k", b"<p>x", "https://a.example", "html")
    assert "columns: key, raw, uri" in one_line(path)


def test_bad_lines_are_said_with_their_number(tmp_path: Path) -> None:
    rows = ["not json", {"html": "<p>x"}, [1], {"other": 1}, {"html": 5}, "", "[" * 100_000, {"html": "<p>y\ud800"}]
    pages, errors = read(jsonl(tmp_path / "p.jsonl", rows))
    assert len(pages) == 2
    assert [error.split(".jsonl:")[1].split(":")[0] for error in errors] == ["1", "3", "4", "5", "7"]
    assert segment(pages[1]).text == ["y�"]


def test_cut_json_lines_give_what_they_hold(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl.gz", [{"html": f"<p>{i} {'x' * 100}"} for i in range(2000)])
    path.write_bytes(path.read_bytes()[:-500])
    pages, errors = read(path)
    assert len(pages) > 500
    assert "breaks off after line" in errors[-1]


def parquet(path: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path


def test_parquet(tmp_path: Path) -> None:
    rows = [
        {"id": str(i), "content": f"<p>page {i}".encode(), "url": f"https://a.example/{i}", "more": i}
        for i in range(100)
    ]
    path = parquet(tmp_path / "p.parquet", rows, row_group_size=7)
    pages, errors = read(path, columns=Columns(html="content"))
    assert errors == []
    assert [page.id for page in pages] == [str(i) for i in range(100)]
    assert pages[99].content == b"<p>page 99"
    assert "no column 'html' or 'text' (columns: id, content, url, more)" in one_line(path)


def test_broken_parquet(tmp_path: Path) -> None:
    path = parquet(tmp_path / "p.parquet", [{"text": "x" * 1000}])
    path.write_bytes(path.read_bytes()[:-20])
    assert "breaks off after row 0" in one_line(path)


@pytest.fixture
def data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    jsonl(folder / "train.jsonl", [{"id": f"t{i}", "text": f"Train text {i}"} for i in range(5)])
    jsonl(folder / "test.jsonl", [{"id": "only", "text": "Test text"}])
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    return folder


def test_a_data_set_is_streamed(data_set: Path) -> None:
    pytest.importorskip("datasets")
    pages, errors = read(f"hub:{data_set}")
    assert ([page.id for page in pages], errors) == (["t0", "t1", "t2", "t3", "t4"], [])
    assert [page.content for page in read(f"hub:{data_set}::test")[0]] == [b"Test text"]


@pytest.mark.parametrize("name", ["hub:", "hub:{}/none", "hub:{}::nosplit", "hub:{}:noconfig"])
def test_a_data_set_that_is_not_there(data_set: Path, name: str) -> None:
    pytest.importorskip("datasets")
    assert one_line(name.format(data_set)).startswith("hub:")


class Pipe(io.RawIOBase):
    """A stream that cannot be sought, as a pipe."""

    def __init__(self, content: bytes) -> None:
        self.inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.inner.readinto(buffer)


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    def put(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(content))))

    return put


@pytest.mark.parametrize(
    ("content", "ids", "format"),
    [
        (HTML, ["stdin"], "html"),
        (gzip.compress(b"plain", mtime=0), ["stdin"], "text"),
        (b'{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n', ["a", "b"], "text"),
        (gzip.compress(b'{"id": "a", "html": "<p>x"}\n', mtime=0), ["a"], "html"),
        (b'{"this": "is a page about JSON"}\n', ["stdin"], "text"),
    ],
)
def test_standard_input(pipe: Callable[[bytes], None], content: bytes, ids: list[str], format: str) -> None:
    pipe(content)
    pages, errors = read("-")
    assert ([page.id for page in pages], errors) == (ids, [])
    assert pages[0].format == format


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("a.xhtml", "application/xhtml+xml"),
        ("a.XHTML.gz", "application/xhtml+xml"),
        ("a.htm", "text/html"),
        ("a.txt", "text/plain"),
        ("a", ""),
    ],
)
def test_the_media_type_by_the_name(name: str, type: str) -> None:
    assert page_of("a", name, HTML).type == type


NAN = float("nan")
IDS = [
    (7, "7"), (7.0, "7"), (0.0, "0"), (1.5, "1.5"), (1.2345678901234568e16, "12345678901234568"),
    (2**53, "9007199254740992"),
    ("007", "007"), ("7.0", "7.0"), ("nan", "nan"), (True, "True"), (0, "0"), (1e25, "1e+25"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "id"), IDS)
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_ids_stay_as_they_are_written(tmp_path: Path, kind: str, given: Any, id: str) -> None:
    path = tmp_path / f"t.{kind}"
    rows = [{"id": given, "html": "<p>x"}]
    ((page,), errors) = read(jsonl(path, rows) if kind == "jsonl" else parquet(path, rows))
    assert (page.id if id != "1e+25" else page.id.replace("E", "e"), errors) == (id, [])


@pytest.mark.parametrize(
    ("written", "id"),
    [("1.10", "1.10"), ("7.00", "7"), ("12345678901234567890", "12345678901234567890"), ("1e3", "1000")],
)
def test_numbers_in_json_are_not_rounded(tmp_path: Path, written: str, id: str) -> None:
    ((page,), _) = read(jsonl(tmp_path / "t.jsonl", [f'{{"id": {written}, "html": "<p>x"}}']))
    assert page.id == id


@pytest.mark.parametrize("missing", [NAN, None, ""])
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_missing_value_is_no_id_no_address_and_no_page(tmp_path: Path, kind: str, missing: Any) -> None:
    if kind == "parquet" and missing == "":
        pytest.skip("a column has one type")
    path = tmp_path / f"t.{kind}"
    row = {"id": missing, "url": "https://a.example/1", "html": missing, "text": "x"}
    rows = (
        [row, {**row, "id": 3.0, "url": None}, {"text": "y"}]
        if kind == "parquet"
        else [row, {**row, "url": missing}, {"text": "y"}]
    )
    pages, errors = read(jsonl(path, rows) if kind == "jsonl" else parquet(path, rows))
    assert errors == []
    assert [page.format for page in pages] == ["text"] * 3
    assert [page.url for page in pages] == ["https://a.example/1", "", ""]
    assert pages[0].id.startswith("a.example-")
    assert not [page.id for page in pages if "nan" in page.id.lower()]
    assert len({page.id for page in pages}) == 3


def test_a_row_whose_page_is_missing_is_said(tmp_path: Path) -> None:
    assert ":1: no column" in one_line(jsonl(tmp_path / "t.jsonl", [{"id": 1, "html": NAN, "text": NAN}]))


def test_bytes_as_ids_are_their_text(tmp_path: Path) -> None:
    rows = [{"id": b"k-1", "url": b"https://a.example/1", "html": b"<p>x"}]
    ((page,), errors) = read(parquet(tmp_path / "t.parquet", rows))
    assert (page.id, page.url, errors) == ("k-1", "https://a.example/1", [])


@pytest.mark.parametrize(
    "number", ["1e999999999", "1e99999999999999999999999", "-1e400", "9" * 5000, "1" + "0" * 4000 + ".5"]
)
def test_absurd_numbers_are_ids_or_errors(tmp_path: Path, number: str) -> None:
    pages, errors = read(jsonl(tmp_path / "t.jsonl", [f'{{"id": {number}, "html": "<p>x"}}']))
    assert len(pages) + len(errors) == 1
    assert all(len(page.id) < 160 for page in pages)

"""The folder of a crawl opens as it is, and its rows have what the sources say about a page."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from toolkit.crawl import classify_crawl
from toolkit.errors import AlreadyExists
from toolkit.readers import read_pages

HTML = "<p>The night ferry sails again</p>"


def record(number: int, kind: str, status: int = 200, body: str = HTML, type: str = "text/html") -> bytes:
    head = f"HTTP/1.1 {status} x\r\nContent-Type: {type}\r\n\r\n" if kind == "response" else ""
    content = (head + body).encode()
    type = "application/http" if kind == "response" else type
    fields = f"WARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:r{number}>\r\nWARC-Date: 2026-01-31T12:00:0{number}Z\r\n"
    about = f"WARC-Target-URI: https://ferry.example/\r\nContent-Type: {type}\r\nContent-Length: {len(content)}\r\n"
    return f"WARC/1.1\r\n{fields}{about}\r\n".encode() + content + b"\r\n\r\n"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("sources")
    facts = {"date": [datetime.date(2026, 1, 31)], "score": [1.5], "tags": [["sea", None]], "picture": [b"\x89PNG"]}
    pq.write_table(pa.table({"id": ["t"], "html": [HTML], "text": ["unread"], **facts}), folder / "table.parquet")
    deep = "[" * 900 + "]" * 900
    (folder / "rows.jsonl").write_text(
        f'{{"id": "j", "body": "{HTML}", "html": "{HTML}", "n": 1.10, "none": null, "deep": {deep}}}\n'
        '{"id": "k", "html": ""}\n'
    )
    records = [record(1, "response"), record(2, "resource"), record(3, "response", 404), record(4, "response", body="")]
    records.append(record(5, "response", type="image/png"))
    (folder / "crawl.warc").write_bytes(b"".join(records))
    return [str(folder / name) for name in ("table.parquet", "rows.jsonl", "crawl.warc")]


def check(rows: dict[str, dict[str, Any]]) -> None:
    assert sorted(rows) == ["j", "r1", "r2", "t"]
    # Not the bytes, and not what the page was read from.
    assert json.loads(rows["t"]["extra"]) == {"date": "2026-01-31", "score": 1.5, "tags": ["sea", None]}
    extra = json.loads(rows["j"]["extra"])
    assert list(extra) == ["body", "n", "deep"]
    assert (extra["body"], extra["n"]) == (HTML, 1.1)
    assert rows["r1"]["extra"] == "{}"
    assert [rows[id]["date"] for id in ("r1", "r2", "t")] == ["2026-01-31T12:00:01Z", "2026-01-31T12:00:02Z", ""]
    assert rows["r1"]["status"] == 200
    assert all(pd.isna(rows[id]["status"]) for id in ("r2", "t", "j"))


def test_parquet_opens_with_pandas_and_datasets(sources: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = classify_crawl(sources, out, jobs=1)
    assert (done.pages, done.errors, done.skipped) == (4, 1, {"status": 1, "type": 1, "empty": 1})
    assert {path.name for path in out.iterdir() if path.name[0] not in "._"} == {"part-00000.parquet"}
    frame = pd.read_parquet(out)
    check({row["id"]: row for row in frame.to_dict("records")})
    loaded = datasets.load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert loaded["train"].column_names == list(frame.columns)
    check({row["id"]: row for row in loaded["train"]})


def test_json_lines_open_with_datasets(sources: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    classify_crawl(sources, out, format="jsonl", jobs=1)
    lines = gzip.decompress((out / "documents/part-00000.jsonl.gz").read_bytes()).splitlines()
    check({row["id"]: row["metadata"] for row in map(json.loads, lines)})
    cache = str(tmp_path / "cache")
    assert len(datasets.load_dataset(str(out), split="train", cache_dir=cache)) == 4
    attributes = datasets.load_dataset(str(out), "attributes", split="train", cache_dir=cache)
    assert attributes.column_names == ["id", "source", "attributes"]


def test_single_pages_have_the_same_facts(sources: list[str]) -> None:
    bad: list[object] = []
    pages = {page.id: page for page in read_pages(sources, bad.append, on_skip=lambda _: None)}
    assert len(bad) == 1
    assert pages["t"].extra == {"date": "2026-01-31", "score": 1.5, "tags": ["sea", None]}
    assert (pages["r1"].date, pages["r1"].status) == ("2026-01-31T12:00:01Z", 200)


def test_the_datatrove_reader_has_them(sources: list[str]) -> None:
    module = pytest.importorskip("toolkit.pipelines.datatrove", exc_type=ImportError)
    documents = {document.id: document for document in module.ReadPages(str(Path(sources[0]).parent)).run()}
    assert documents["t"].metadata["score"] == 1.5
    assert (documents["r1"].metadata["date"], documents["r1"].metadata["status"]) == ("2026-01-31T12:00:01Z", 200)


def test_a_folder_of_an_earlier_version_is_refused_and_replaced_by_force(sources: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "shards").mkdir(parents=True)
    (out / "run.json").write_text('{"format": 3, "output": "parquet", "keep": [], "model": "1a2b"}')
    for name in ("manifest.jsonl", "errors.jsonl", "shards/part-00000.parquet"):
        (out / name).write_text("")
    with pytest.raises(AlreadyExists, match="another version of pageblocks; give another folder, or --force"):
        classify_crawl(sources, out, jobs=1)
    (out / "thesis.txt").write_text("years")
    with pytest.raises(AlreadyExists, match=r"thesis\.txt"):
        classify_crawl(sources, out, jobs=1, force=True)
    (out / "thesis.txt").unlink()
    classify_crawl(sources, out, jobs=1, force=True)
    assert {path.name for path in out.iterdir() if path.name[0] not in "._"} == {"part-00000.parquet"}
    assert classify_crawl(sources, out, jobs=1).new_pages == 0

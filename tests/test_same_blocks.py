"""One page has the same blocks wherever it comes in: archives, tables, corpora, crawls, pipelines, service, library."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from toolkit import BlockClassifier, Page
from toolkit.classify.result import hidden
from toolkit.classify.run import as_blocks
from toolkit.corpus.folder import Corpus
from toolkit.corpus.importing import import_pages
from toolkit.crawl import classify_crawl
from toolkit.page import Blocks
from toolkit.pipelines.ray import LabelBlocks
from toolkit.readers import read_pages
from toolkit.segment import segment
from toolkit.serve.body import json_page
from toolkit.serve.work import Ask, label

from .readers.test_warc import record

XHTML = b"""<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>
<script src="a.js"/></head><body>
<h1>Tide tables</h1><p>High water comes <a id="x"/>twice a day.</p><iframe src="b"/><p>Salt &amp; <![CDATA[spray
<3]]></p>
</body></html>"""
SHADOW = b"""<!doctype html><title>Tides</title><tide-card><template shadowrootmode="open"><h2>Low
water</h2><p><slot></slot></p>
<p>Mind the sandbank.</p></template>At four in the morning.</tide-card><p>The harbour is closed at night.</p>"""
HIDDEN = b"""<!doctype html><title>Tides</title><p>The harbour is open.</p><div hidden><p>Nobody reads this
paragraph.</p></div>
<p style="display:none">Nor this one.</p><p>The lamp is lit at dusk.</p>"""
DRAWN = b"""<!doctype html><title>Tides</title><div id="app"></div><script type="application/ld+json">{"@type":
"NewsArticle",
"headline": "Low water", "articleBody": "%s"}</script>""" % (
    b"The sea went out on Monday and the sandbank lay dry until the evening came. " * 12
)
PAGES: dict[str, tuple[bytes, str]] = {
    "xhtml": (XHTML, "application/xhtml+xml"),
    "the same as html": (XHTML.replace(b'<script src="a.js"/>', b"").replace(b"<title/>", b""), "text/html"),
    "charset": ("<title>Море</title><p>Отлив начался утром.</p><p>Ёлка</p>".encode("koi8-r"),
    "text/html; charset=koi8-r"),
    "plain text in a charset": ("Маяк\n\n<b>не тег</b>\n".encode("cp866"), "text/plain; charset=ibm866"),
    "utf-16": ("<!doctype html><p>夜の潮".encode("utf-16-le"), 'Text/HTML; Charset="utf-16le"'),
    "shadow roots": (SHADOW, "text/html"),
    "hidden": (HIDDEN, "text/html"),
    "no XML": (b"<html xmlns='http://www.w3.org/1999/xhtml'><p>Tides & winds<br></p></html>", "application/xhtml+xml"),
    "drawn by a script": (DRAWN, "text/html"),
    "noscript": (b"<p>Loading</p><noscript>" + b"<p>The pilot boat waits.</p>" * 40 + b"</noscript>", "text/html"),
}  # fmt: skip
Facts = dict[str, list[Any]]
# A page as it is in an archive of `tmp_path`, and as its content and its Content-Type -> texts, tags and what is hidden
Way = Callable[[Path, bytes, str], Facts]


def facts(blocks: Blocks) -> Facts:
    return {"text": blocks.text, "tag": blocks.tag, "hidden": hidden(blocks), "note": [str(blocks.note or "")]}


def of_json(row: dict[str, Any]) -> Facts:
    return {name: [block[name] for block in row["blocks"]] for name in ("text", "tag", "hidden")} | {
        "note": [row["note"]]
    }


def only(path: Path) -> Page:
    (page,) = read_pages([path])
    return page


def archive(folder: Path, content: bytes, said: str) -> Path:
    path = folder / "in.warc.gz"
    path.write_bytes(gzip.compress(record(1, content, content_type=said)))
    return path


def warc(folder: Path, content: bytes, said: str) -> Facts:
    return facts(segment(only(archive(folder, content, said))))


def resource(folder: Path, content: bytes, said: str) -> Facts:
    path = folder / "resource.warc"
    path.write_bytes(record(1, content, "resource", said))
    return facts(segment(only(path)))


def mhtml(folder: Path, content: bytes, said: str) -> Facts:
    path = folder / "page.mhtml"
    head = (
        f"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=X\r\n\r\n--X\r\nContent-Type: {said}\r\n\r\n"
    )
    path.write_bytes(head.encode() + content + b"\r\n--X--\r\n")
    return facts(segment(only(path)))


def corpus(folder: Path, content: bytes, said: str) -> Facts:
    made = import_pages([archive(folder, content, said)], folder / "corpus")
    (id,) = made.rows
    return facts(segment(Corpus.open(folder / "corpus").page(id)))


def corpus_of_a_table(folder: Path, content: bytes, said: str) -> Facts:
    path = folder / "rows.parquet"
    column = "text" if said.startswith("text/plain") else "html"
    pq.write_table(pa.table({column: [content], "content_type": [said]}), path)
    made = import_pages([path], folder / "corpus-of-a-table")
    return facts(*made.segmented())


def crawl(folder: Path, content: bytes, said: str) -> Facts:
    classify_crawl([str(archive(folder, content, said))], folder / "out", jobs=1)
    (row,) = pq.read_table(folder / "out").to_pylist()
    for block in row["blocks"]:
        block["text"] = row["text"][block["start"] : block["end"]]
    return of_json(row)


def crawl_to_jsonl(folder: Path, content: bytes, said: str) -> Facts:
    classify_crawl([str(archive(folder, content, said))], folder / "lines", format="jsonl", jobs=1)
    row = json.loads(gzip.decompress((folder / "lines/documents/part-00000.jsonl.gz").read_bytes()))
    for block in row["blocks"]:
        block["text"] = row["text"][block["start"] : block["end"]]
    return of_json(row | {"note": row["metadata"]["note"]})


def ray(folder: Path, content: bytes, said: str) -> Facts:
    column = "text" if said.startswith("text/plain") else "html"
    out = LabelBlocks()({column: [content], "content_type": [said]})
    return {"text": out["texts"][0], "tag": out["tags"][0], "hidden": out["hidden"][0], "note": [out["note"][0]]}


def datatrove(folder: Path, content: bytes, said: str) -> Facts:
    module = pytest.importorskip("toolkit.pipelines.datatrove", exc_type=ImportError)
    archive(folder, content, said)
    (document,) = module.LabelBlocks(keep={"article", "caption", "appeal", "form", "sidebar"}, attributes=True).run(
        module.ReadPages(str(folder), glob_pattern="in.warc.gz").run()
    )
    blocks, whole = document.metadata["all_blocks"], document.metadata["all_text"]
    for block in blocks:
        block["text"] = whole[block["start"] : block["end"]]
    return of_json({"blocks": blocks, "note": document.metadata.get("note", "")})


def library(folder: Path, content: bytes, said: str) -> Facts:
    return facts(as_blocks(content, content_type=said))


@pytest.fixture(scope="module")
def service(model: BlockClassifier) -> Way:
    def ask(folder: Path, content: bytes, said: str) -> Facts:
        (answer,) = label([Ask(content, content_type=said)], model, 10, max_bytes=1 << 20, tell=lambda at: None)
        return of_json(json.loads(answer.body))

    return ask


@pytest.fixture(scope="module")
def service_of_json(model: BlockClassifier) -> Way:
    def ask(folder: Path, content: bytes, said: str) -> Facts:
        encoding = said.rpartition("=")[2].strip('"') if "=" in said else "utf-8"
        text = content.decode(encoding)
        given = {"text" if said.startswith("text/plain") else "html": text, "content_type": said}
        (answer,) = label([json_page(given)], model, 10, max_bytes=1 << 20, tell=lambda at: None)
        return of_json(json.loads(answer.body))

    return ask


@pytest.mark.parametrize("name", PAGES)
def test_one_page_has_the_same_blocks_everywhere(tmp_path: Path, name: str, service: Way, service_of_json: Way) -> None:
    content, said = PAGES[name]
    expected = warc(tmp_path, content, said)
    assert expected["text"]
    ways = [
        resource,
        mhtml,
        corpus,
        corpus_of_a_table,
        crawl,
        crawl_to_jsonl,
        ray,
        datatrove,
        library,
        service,
        service_of_json,
    ]
    if name in ("utf-16", "plain text in a charset"):
        ways.remove(mhtml)  # browsers do not save these so
    for way in ways:
        assert way(tmp_path, content, said) == expected, way.__name__


def test_what_these_pages_are(tmp_path: Path) -> None:
    texts = {name: warc(tmp_path, *page)["text"] for name, page in PAGES.items()}
    assert texts["xhtml"] == ["Tide tables", "High water comes twice a day.", "Salt & spray <3"]
    assert texts["the same as html"] != texts["xhtml"]
    assert texts["charset"] == ["Отлив начался утром.", "Ёлка"]
    assert texts["plain text in a charset"][1] == "<b>не тег</b>"
    assert texts["utf-16"] == ["夜の潮"]
    assert texts["shadow roots"][1:3] == ["At four in the morning.", "Mind the sandbank."]
    assert warc(tmp_path, *PAGES["hidden"])["hidden"] == [False, True, True, False]
    assert "sandbank lay dry" in texts["drawn by a script"][-1]
    assert "JSON-LD" in warc(tmp_path, *PAGES["drawn by a script"])["note"][0]
    assert [name for name, page in PAGES.items() if warc(tmp_path, *page)["note"] != [""]] == [
        "no XML", "drawn by a script", "noscript",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["page.xhtml", "page.xht", "page.xhtml.gz"])
def test_a_file_that_its_name_calls_xhtml_stays_that_in_a_corpus(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / name
    path.write_bytes(gzip.compress(XHTML) if name.endswith(".gz") else XHTML)
    expected = segment(only(path)).text
    assert expected[0] == "Tide tables"
    for source in (path, tmp_path / "in"):
        made = import_pages([source], tmp_path / "corpus", force=True)
        (row,) = made.rows.values()
        assert (row["id"], row["media_type"]) == ("page", "application/xhtml+xml")
        assert [blocks.text for blocks in made.segmented()] == [expected]


def test_pages_of_usual_types_have_no_more_in_their_rows(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(HIDDEN)
    (row,) = import_pages([tmp_path / "page.html"], tmp_path / "corpus").rows.values()
    assert set(row) == {"id", "file", "url", "format", "sha256"}

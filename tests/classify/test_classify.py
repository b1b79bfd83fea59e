"""The library: one page, many pages, text of the wanted labels."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit import BlockClassifier, Blocks, Classified, Page, PageblocksError, read_pages
from toolkit.segment import segment

ROOT = Path(__file__).parents[2]
HTML = """<!doctype html><title>Ferry</title><nav><a href=/>Home</a> <a href=/news>News</a></nav><main>
<h1>The night ferry sails again</h1><p>After two winters at the quay the night ferry left the harbour on Monday – with
a brass
band and the mayor, who had promised as much in spring.</p></main><form><label>E-mail</label><button>Sign
up</button></form>"""


@pytest.mark.parametrize("form", ["str", "bytes", "utf-16", "page", "blocks"])
def test_one_page_in_whatever_form_it_comes(model: BlockClassifier, form: str) -> None:
    page = Page("p", "p.html", HTML.encode())
    forms = {
        "str": HTML,
        "bytes": HTML.encode(),
        "utf-16": HTML.encode("utf-16"),
        "page": page,
        "blocks": segment(page),
    }
    found = model.classify(forms[form])
    assert isinstance(found, Classified)
    assert found.blocks.text == segment(page).text
    assert found.probabilities.shape == (len(found.blocks), len(found.classes))
    assert found.labels == [found.classes[i] for i in found.probabilities.argmax(axis=1)]
    assert found.labels == model.predict([segment(page)])[0]


def test_the_address_comes_with_the_page(model: BlockClassifier) -> None:
    page = model.classify(HTML, url="https://www.ferry.example.co.uk/news.txt").blocks.page
    assert (page.site, page.format) == ("example.co.uk", "html")


def test_plain_text_is_told_from_html(model: BlockClassifier) -> None:
    assert model.classify("The night ferry sails again\n\nIt left on Monday.").blocks.page.format == "text"


def test_extract_gives_the_wanted_blocks_only(model: BlockClassifier) -> None:
    page = model.classify(HTML)
    for keep in ({"article"}, {"form", "sidebar"}, set(page.classes), set()):
        wanted = [text for text, label in zip(page.blocks.text, page.labels, strict=True) if label in keep]
        assert model.extract(HTML, keep=keep) == "\n\n".join(wanted)
    assert "After two winters" in model.extract(HTML)


def test_many_pages_are_what_each_is_alone(model: BlockClassifier) -> None:
    pages = list(read_pages([ROOT / "corpora/sample/pages"]))
    many = list(model.classify_many(pages, batch=7))
    assert [page.blocks.page.id for page in many] == [page.id for page in pages]
    for page, found in zip(pages, many, strict=True):
        alone = model.classify(page)
        np.testing.assert_allclose(found.probabilities, alone.probabilities, atol=1e-4)


def test_many_takes_no_more_than_a_batch_ahead(model: BlockClassifier) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        for taken in itertools.count(1):
            yield HTML.replace("Monday", f"day {taken}")

    found = model.classify_many(endless(), batch=4)
    for _ in range(6):
        next(found)
    assert taken == 8


def test_a_bad_page_goes_to_on_error_and_the_next_follows(model: BlockClassifier) -> None:
    pages: list[str | bytes | Page | Blocks] = [HTML, "", b"\x89PNG\0\0\0", "<p></p>", HTML.encode()]
    bad: list[PageblocksError] = []
    assert len(list(model.classify_many(pages, on_error=bad.append))) == 2
    assert len(bad) == 3
    with pytest.raises(PageblocksError, match="empty"):
        list(model.classify_many(pages))


NAMES = [
    "page.html",
    "pages/news/index.html",
    "C:\\\\pages\\\\a.HTM",
    "crawl.warc.gz",
    "rows.jsonl",
    " page.txt\n",
    "https://ferry.example/news",
    "http://localhost:8000",
    "HTTPS://ferry.example/",
    "www.ferry.example",
    "file:///page.html",
    "s3://crawl/a.warc.gz",
    "hub:name:train",
    b"page.html",
    b"https://ferry.example/",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_path_or_an_address_is_no_page(model: BlockClassifier, name: str | bytes) -> None:
    for use in (model.extract, model.classify, lambda page: list(model.classify_many([page]))):
        with pytest.raises(PageblocksError, match=r"is the (path|address) of a page.*pageblocks\.read_pages"):
            use(name)


def test_a_file_is_no_page_whatever_it_is_called(
    model: BlockClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my page").write_text("<p>The night ferry")
    for name in ("my page", str(tmp_path / "my page"), str(tmp_path)):
        with pytest.raises(PageblocksError, match="is the path of a page"):
            model.extract(name)


@pytest.mark.parametrize(
    "text",
    [
        "See index.html for more",
        "https://ferry.example says so",
        "The night ferry",
        "ferry",
        "1.5",
        "Node.js",
        "a\0b",
        "page.html\nwas here",
        "<p>page.html",
        "x" * 5000,
        "and/or",
    ],
)
def test_text_that_speaks_of_files_and_addresses_is_a_page(model: BlockClassifier, text: str) -> None:
    assert len(model.classify(text).blocks)


@pytest.mark.parametrize("pages", ["<p>The night ferry", b"<p>The night ferry", Path("page.html")])
def test_one_page_is_not_several(model: BlockClassifier, pages: Any) -> None:
    with pytest.raises(PageblocksError, match="classify takes one page"):
        list(model.classify_many(pages))


@pytest.mark.parametrize("page", [Path("page.html"), None, 3, ["<p>x"]])
def test_what_is_no_page_is_told(model: BlockClassifier, page: object) -> None:
    with pytest.raises(PageblocksError, match=r"str, bytes, Page or Blocks.*pageblocks\.read_pages"):
        model.classify(page)  # type: ignore[arg-type]


def test_extract_knows_its_labels(model: BlockClassifier) -> None:
    with pytest.raises(PageblocksError, match="no label 'advert'.*article"):
        model.extract(HTML, keep={"advert"})
    with pytest.raises(PageblocksError, match=r"\{'article'\}"):
        model.extract(HTML, keep="article")


def test_half_a_surrogate_pair_stops_nothing(model: BlockClassifier) -> None:
    assert "ferry" in model.classify("<p>The \ud83d ferry sails</p>").blocks.text[0]


def test_the_classify_module_asks_for_no_model() -> None:
    code = (
        "import sys, toolkit.classify.run; sys.exit(any(n.startswith(('sklearn', 'toolkit.model')) for n in "
        "sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0

"""Extractors laid beside each other: figures against hand counts, peers where they are installed."""

from __future__ import annotations

import math
import sys
from types import SimpleNamespace

import pytest

from toolkit.benchmark.peers import installed, peer
from toolkit.benchmark.run import Known, contest, extract_all, extract_peer
from toolkit.benchmark.scores import Wanted, score_texts
from toolkit.errors import PageblocksError
from toolkit.model import BlockClassifier
from toolkit.page import Page
from toolkit.segment import segment

WANTED = [
    Wanted(
        "the cat sat down", "a.example", ["the cat"], ["menu", "log in"], {"page type": "article", "language": "en"}
    ),
    Wanted("one two three four five", "a.example", [], [], {"page type": "forum", "language": "en"}),
    Wanted("a b", "b.example", ["a b", "c"], ["menu"], {"page type": "article", "language": "de"}),
]
FOUND = ["The cat sat. Menu", "one two three four", "a b"]


def test_figures_are_means_over_pages() -> None:
    scores = score_texts("x", FOUND, WANTED)
    value = {name: figure.value for name, figure in scores.figures.items()}
    # Words: 3 of 4 found, 3 of 4 wanted; 4 of 4, 4 of 5; all.
    assert value["word_precision"] == pytest.approx((3 / 4 + 1 + 1) / 3)
    assert value["word_recall"] == pytest.approx((3 / 4 + 4 / 5 + 1) / 3)
    assert value["word_f1"] == pytest.approx((3 / 4 + 8 / 9 + 1) / 3)
    assert value["snippets_with"] == pytest.approx((1 + 1 / 2) / 2)  # a page without snippets does not count
    assert value["snippets_without"] == pytest.approx((1 / 2 + 0) / 2)
    # Runs of four: none shared; "one two three four" of two wanted; one short run.
    precision, recall = (0 + 1 + 1) / 3, (0 + 1 / 2 + 1) / 3
    assert value["shingle_f1"] == pytest.approx(2 * precision * recall / (precision + recall))
    assert {kind: {n: p for n, (p, _) in g.items()} for kind, g in scores.groups.items()} == {
        "page type": {"article": 2, "forum": 1},
        "language": {"en": 2, "de": 1},
    }
    assert scores.groups["page type"]["article"][1].value == pytest.approx((3 / 4 + 1) / 2)
    assert (scores.pages, scores.sites) == (3, 2)


def test_intervals_are_drawn_by_site() -> None:
    figure = score_texts("x", FOUND, WANTED).figures["word_f1"]
    # Two sites: a draw is the first alone, the second alone, or both.
    assert figure.low == pytest.approx((3 / 4 + 8 / 9) / 2)
    assert figure.high == pytest.approx(1)


def test_nothing_found_is_no_number() -> None:
    assert math.isnan(score_texts("x", ["", "", ""], WANTED).figures["shingle_f1"].value)
    assert score_texts("x", ["", "", ""], WANTED).to_dict()["figures"]["shingle_f1"]["value"] is None
    with pytest.raises(PageblocksError, match="2 texts for 3 pages"):
        score_texts("x", FOUND[:2], WANTED)


STORY = (
    "The last ferry of the winter left the pier with eleven passengers, two dogs and a grand piano that nobody could "
    "explain. "
)
TOLD = "It was the {} that the harbour had seen of it, and they talked about it for weeks."
BODY = "".join(f"<p>{STORY}{TOLD.format(which)}</p>" for which in ("first", "last"))
PAGE = f"<nav><a href=/>Home</a></nav><main><h1>Ferry</h1>{BODY}</main>"
HTML = f"<html lang=en><head><title>Ferry</title></head><body>{PAGE}</body></html>"


def known(html: str) -> Known:
    page = Page("t", "t.html", html.encode(), url="https://ferry.example/")
    try:
        blocks = segment(page)
    except PageblocksError:
        blocks = None
    return Known(page, Wanted(STORY, page.site), blocks)


def test_ours_and_a_peer_on_the_same_pages(model: BlockClassifier) -> None:
    pages = [known(HTML), known("<p> </p>")]
    ours, theirs = extract_all(model, pages), extract_peer("resiliparse", pages)
    assert STORY.strip() in ours[0]
    assert STORY.strip() in theirs[0]
    assert [ours[1], theirs[1]] == ["", ""]
    scores = contest({"empty": ["", ""], "pageblocks": ours, "resiliparse": theirs}, pages)
    assert scores[-1].name == "empty"


def test_markdown_becomes_text(monkeypatch: pytest.MonkeyPatch) -> None:
    markdown = "The [last ferry](https://ferry.example/last?a=1) ![a pier](/pier.png) left (on time)."
    fake = SimpleNamespace(convert=lambda html, url: SimpleNamespace(markdown=markdown))
    monkeypatch.setitem(sys.modules, "pagesift", fake)
    monkeypatch.setattr("toolkit.benchmark.peers.find_spec", lambda _: True)
    assert peer("pagesift")("", "") == "The last ferry a pier left (on time)."


@pytest.mark.parametrize("name", installed())
def test_a_peer_reads_a_page(name: str) -> None:
    assert "eleven passengers" in extract_peer(name, [known(HTML)])[0]


def test_a_peer_that_is_none_is_told() -> None:
    with pytest.raises(PageblocksError, match="unknown extractor 'mine'; choose one of trafilatura"):
        peer("mine")


@pytest.mark.parametrize(
    ("name", "extra"), [("justext", "peers"), ("pagesift", "pagesift"), ("rs-trafilatura", "rs-trafilatura")]
)
def test_a_peer_that_is_not_installed_names_its_extra(monkeypatch: pytest.MonkeyPatch, name: str, extra: str) -> None:
    monkeypatch.setattr("toolkit.benchmark.peers.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=rf"is not installed; pip install 'pageblocks\[{extra}\]'"):
        peer(name)

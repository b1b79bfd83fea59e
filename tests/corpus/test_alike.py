"""Pages that are nearly the same are found, others are not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from toolkit.corpus.alike import find_alike, signature
from toolkit.page import Blocks

PageOf = Callable[..., Blocks]
WORDS = [
    f"{a}{b}" for a in ("har", "fer", "win", "cou", "mar", "sto") for b in ("bour", "ry", "ter", "ncil", "ket", "rm")
]


def story(seed: int, paragraphs: int = 6) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choices(WORDS, k=30)) for _ in range(paragraphs)]


def drawn(paragraphs: list[str], names: str) -> str:
    boxes = "".join(f'<div class="{names}-{k}"><span class="{names}-label-{k}">Box {k}</span></div>' for k in range(25))
    return boxes + "".join(f"<p>{text}</p>" for text in paragraphs)


def test_signatures_estimate_what_is_shared() -> None:
    a, b = set(range(3000)), set(range(1000, 4000))
    assert (signature(a) == signature(b)).mean() == pytest.approx(0.5, abs=0.15)
    assert (signature(a) == signature(set(range(10_000, 13_000)))).mean() < 0.05
    assert (signature(a) == signature(list(a)[::-1])).all()


def test_the_same_story_on_two_sites_is_found(page_of: PageOf) -> None:
    text = story(1)
    copy = [
        *text[:5],
        "A paragraph that the second paper wrote for itself, of quite other words than those of the agency.",
    ]
    pages = [
        page_of("a", drawn(text, "one"), "http://a.example/1"),
        page_of("b", drawn(copy, "two"), "http://b.example/1"),
        page_of("c", drawn(story(2), "three"), "http://c.example/1"),
    ]
    (pair,) = find_alike(pages, ["a", "b", "c"])
    assert (pair.a, pair.b, pair.why) == (0, 1, "text")
    assert 0.5 < pair.share < 1
    assert find_alike(pages, ["a", "a", "c"]) == []  # of one site: they are kept together anyway


def test_a_template_on_two_sites_is_found(page_of: PageOf) -> None:
    pages = [page_of(f"p{i}", drawn(story(i), "theme"), f"http://s{i}.example/") for i in range(3)]
    assert [(p.a, p.b, p.why) for p in find_alike(pages, ["train", "train", "test"])] == [
        (0, 2, "template"),
        (1, 2, "template"),
    ]


def test_pages_that_say_little_are_like_none(page_of: PageOf) -> None:
    pages = [page_of(f"p{i}", "<p>Not found, sorry, nothing lies at this address any more.</p>") for i in range(4)]
    assert find_alike(pages, ["a", "b", "c", "d"]) == []


def test_hostile_text_is_no_matter(page_of: PageOf) -> None:
    text = [t + " \ud800 \x00 \u202e" for t in story(3)]
    pages = [page_of(f"p{i}", drawn(text, "x"), f"http://s{i}.example/") for i in range(2)]
    assert {pair.why for pair in find_alike(pages, ["a", "b"])} == {"text", "template"}
    assert find_alike([], []) == []

"""Which blocks a known main content is."""

from __future__ import annotations

import pytest

from toolkit.corpus.public.content import closest, mark_content
from toolkit.page import Page
from toolkit.segment import segment

STORY = [
    "The night ferry sails again after nine dark weeks",
    "Captain Ibarra said that the engine hums like a choir of wasps",
]


def of(*parts: str, content: str = "\n\n".join(STORY)) -> list[int] | None:
    return mark_content(segment(Page("t", "t", "".join(f"<p>{part}</p>" for part in parts).encode())), content)


def test_the_blocks_of_the_content_are_found() -> None:
    assert of("Home", STORY[0], "Read more: bridges", STORY[1], "Contact us") == [0, 1, 0, 1, 0]


def test_what_the_page_says_twice_is_taken_once() -> None:
    found = of(STORY[0], STORY[1], "Menu", STORY[0], STORY[1])
    assert found is not None
    assert found[2] == 0
    assert sorted([found[0] + found[3], found[1] + found[4]]) == [1, 1]


def test_a_word_of_the_story_is_no_story() -> None:
    assert of(*STORY, "ferry", "engine", "sails") == [1, 1, 0, 0, 0]


def test_content_of_another_page_or_of_next_to_nothing_is_refused() -> None:
    assert of("Home", "About us", content=STORY[0] + STORY[1]) is None
    assert of(*STORY, content="The night ferry") is None
    assert of("Nothing of the kind stands here.") is None


def test_the_closest_blocks_are_told_even_where_they_are_far() -> None:
    blocks = segment(Page("t", "t", f"<p>{STORY[0]}</p><p>Menu</p>".encode()))
    assert closest(blocks, STORY[0]) == ([1, 0], 1.0)
    assert closest(blocks, STORY[0] + " " + STORY[1])[1] == pytest.approx(18 / 30)
    assert closest(blocks, "") == ([0, 0], 0.0)

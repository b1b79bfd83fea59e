"""Labels of others' texts -> labels of our blocks."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from toolkit.corpus.align import align, split_words
from toolkit.page import Blocks, Page
from toolkit.segment import segment


def page(*texts: str) -> Blocks:
    return segment(Page("p", "p.html", "".join(f"<p>{text}</p>" for text in texts).encode()))


def test_words_part_where_case_changes() -> None:
    assert split_words("HomeNews ABCNews x2, 漢字") == ["home", "news", "abc", "news", "x", "2", ",", "漢", "字"]


def test_equal_blocks() -> None:
    assert align(["One", "Two"], ["a", "b"], page("One", "Two")) == (["a", "b"], [])


def test_white_space_is_no_difference() -> None:
    assert align(["HomeAbout us"], ["nav"], page("Home About us")) == (["nav"], [])


def test_their_block_is_ours_in_two_and_the_other_way() -> None:
    assert align(["One sentence here. Another there."], ["a"], page("One sentence here.", "Another there.")) == (
        ["a", "a"],
        [],
    )
    ours = page("Some words and many more words here")
    assert align(["Some words", "and many more words here"], ["a", "b"], ours) == (["b"], [])


def test_a_moved_block_finds_its_place() -> None:
    ours = page("One", "Two", "Three", "Caption")
    assert align(["Caption", "One", "Two", "Three"], ["c", "a", "a", "a"], ours) == (["a", "a", "a", "c"], [])


def test_what_is_not_there_is_said() -> None:
    labels, left = align(["One", "nowhere to be found"], ["a", "b"], page("One", "entirely different"))
    assert (labels, left) == (["a", None], [1])


def test_nothing_to_align() -> None:
    assert align([], [], page("One")) == ([None], [])


@given(st.integers(0, 2**32))
def test_a_page_cut_otherwise_is_labelled_without_a_rest(seed: int) -> None:
    chance = random.Random(seed)
    units = [
        " ".join(f"w{chance.randrange(50)}" for _ in range(chance.randint(1, 9))) for _ in range(chance.randint(1, 12))
    ]
    theirs: list[str] = []
    for unit in units:  # they cut where we do not
        if chance.random() < 0.3 and " " in unit:
            theirs += unit.split(" ", 1)
        else:
            theirs.append(unit)
    labels, left = align(theirs, [chance.choice("ab") for _ in theirs], page(*units))
    assert left == []
    assert None not in labels

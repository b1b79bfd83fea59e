"""Scores of extracted text, against cases counted by hand."""

from __future__ import annotations

import pytest

from toolkit.benchmark.overlap import shingle_overlap, shingle_precision, shingle_recall, snippet_share, word_overlap


@pytest.mark.parametrize(
    ("found", "wanted", "scores"),
    [
        ("The cat sat.", "the CAT sat", (1, 1, 1)),
        ("the cat sat", "The cat sat down", (1, 3 / 4, 6 / 7)),
        ("sat cat the", "the cat sat", (1, 1, 1)),  # order does not count
        ("the the the the", "the the cat", (1 / 2, 2 / 3, 4 / 7)),  # each word as often as both have it
        ("cat", "dog", (0, 0, 0)),
        ("", "dog", (0, 0, 0)),
        ("dog", "", (0, 0, 0)),
        ("", " - ", (1, 1, 1)),
        ("Über Größe", "über größe", (1, 1, 1)),
    ],
)
def test_word_overlap(found: str, wanted: str, scores: tuple[float, float, float]) -> None:
    assert tuple(word_overlap(found, wanted)) == pytest.approx(scores)


@pytest.mark.parametrize(
    ("found", "wanted", "shares"),
    [
        ("a b c d e", "a b c d", (1 / 2, 1 / 2, 0)),
        ("a b c d e", "x b c d e f", (1 / 4, 1 / 4, 2 / 4)),  # abcd, bcde against xbcd, bcde, cdef
        ("a b", "a b", (1, 0, 0)),  # too short for a run of four: one run
        ("a b", "a b c", (0, 1 / 2, 1 / 2)),
        ("a a a a a", "a a a a", (1 / 2, 1 / 2, 0)),
        ("A b c d", "a b c d", (0, 1 / 2, 1 / 2)),  # letter case counts here
        ("", "a b", (0, 0, 1)),
        ("", "", (0, 0, 0)),
    ],
)
def test_shingle_overlap(found: str, wanted: str, shares: tuple[float, float, float]) -> None:
    assert tuple(shingle_overlap(found, wanted)) == pytest.approx(shares)


def test_shingle_precision_and_recall() -> None:
    shingles = shingle_overlap("a b c d e", "x b c d e f")
    assert shingle_precision(shingles) == pytest.approx(1 / 2)
    assert shingle_recall(shingles) == pytest.approx(1 / 3)
    assert shingle_precision(shingle_overlap("", "a")) is None
    assert shingle_recall(shingle_overlap("a", "")) is None


def test_snippet_share() -> None:
    assert snippet_share("The Cat sat on the mat", ["the cat", "mat", "dog", "on  the"]) == 0.5
    assert snippet_share("anything", []) is None

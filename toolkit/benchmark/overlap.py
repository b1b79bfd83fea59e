"""How good is extracted text: the scores of the public benchmarks, page by page. Pure functions of two texts.

Word F1 and snippets are WCXB's (github.com/Murrough-Foley/web-content-extraction-benchmark), shingles those of
github.com/scrapinghub/article-extraction-benchmark, so that figures can be laid beside published ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_WORD = re.compile(r"\w+")
SHINGLE = 4  # words


class Overlap(NamedTuple):
    """Shares from 0 to 1."""

    precision: float
    recall: float
    f1: float


class Shingles(NamedTuple):
    """Runs of words that both texts have, that only the extracted one has, and that it misses: shares that add up to
    1.
    """

    both: float
    only_found: float
    only_wanted: float


def word_overlap(found: str, wanted: str) -> Overlap:
    """Words that the two texts share, each as often as both have it; letter case and order do not count.

    Two empty texts agree perfectly; one empty text shares nothing.

    >>> word_overlap("the cat sat", "The cat sat down")
    Overlap(precision=1.0, recall=0.75, f1=0.8571428571428571)
    """
    ours, theirs = Counter(_WORD.findall(found.lower())), Counter(_WORD.findall(wanted.lower()))
    if not ours and not theirs:
        return Overlap(1.0, 1.0, 1.0)
    shared = (ours & theirs).total()
    if not shared:
        return Overlap(0.0, 0.0, 0.0)
    precision, recall = shared / ours.total(), shared / theirs.total()
    return Overlap(precision, recall, 2 * precision * recall / (precision + recall))


def snippet_share(found: str, snippets: Sequence[str]) -> float | None:
    """The share of the snippets that the text contains, letter case aside; None where there are no snippets."""
    if not snippets:
        return None
    lowered = found.lower()
    return sum(snippet.lower() in lowered for snippet in snippets) / len(snippets)


def shingle_overlap(found: str, wanted: str, size: int = SHINGLE) -> Shingles:
    """Runs of `size` words, each as often as it occurs; a shorter text is one run. Long pages weigh as much as short
    ones.

    >>> shingle_overlap("a b c d e", "a b c d")
    Shingles(both=0.5, only_found=0.5, only_wanted=0.0)
    """
    ours, theirs = _shingles(found, size), _shingles(wanted, size)
    both = (ours & theirs).total()
    total = ours.total() + theirs.total() - both
    if not total:
        return Shingles(0.0, 0.0, 0.0)
    return Shingles(both / total, (ours.total() - both) / total, (theirs.total() - both) / total)


def shingle_precision(shingles: Shingles) -> float | None:
    """None where nothing was found: such a page does not count towards the mean."""
    return _share(shingles.both, shingles.only_found)


def shingle_recall(shingles: Shingles) -> float | None:
    """None where nothing was wanted."""
    return _share(shingles.both, shingles.only_wanted)


def _share(both: float, one: float) -> float | None:
    return both / (both + one) if both + one else None


def _shingles(text: str, size: int) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    if not words:
        return Counter()
    return Counter(tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1)))

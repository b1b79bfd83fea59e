"""Scores of extracted text, as the public benchmarks compute them for each page. Pure functions of two texts.

Word F1 and snippets are WCXB's (github.com/Murrough-Foley/web-content-extraction-benchmark), shingles those of
github.com/scrapinghub/article-extraction-benchmark, so that scores can be compared with published ones.
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
    """Shares of runs of words that are in both texts, in the extracted one only, in the wanted one only; in sum 1."""

    both: float
    only_found: float
    only_wanted: float


def word_overlap(found: str, wanted: str) -> Overlap:
    """Compare the words of two texts; letter case and order do not count.

    Parameters
    ----------
    found : str
        The extracted text.
    wanted : str
        The reference.

    Returns
    -------
    Overlap
        Precision, recall and F1 of the words, each counted as often as it occurs. Two empty texts score 1; if only one
        is empty, 0.

    Examples
    --------
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
    """Compute the share of snippets that a text contains; letter case does not count.

    Parameters
    ----------
    found : str
        The extracted text.
    snippets : sequence of str
        The snippets.

    Returns
    -------
    float or None
        The share, from 0 to 1; None without snippets.
    """
    if not snippets:
        return None
    lowered = found.lower()
    return sum(snippet.lower() in lowered for snippet in snippets) / len(snippets)


def shingle_overlap(found: str, wanted: str, size: int = SHINGLE) -> Shingles:
    """Compare the runs of words of two texts, each run counted as often as it occurs.

    Parameters
    ----------
    found : str
        The extracted text.
    wanted : str
        The reference.
    size : int, default=4
        Words of a run; a shorter text is one run.

    Returns
    -------
    Shingles
        Shares of the runs, so that long pages count as much as short ones.

    Examples
    --------
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

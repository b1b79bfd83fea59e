"""Drift: in what a crawl differs from the pages that the model learned from, or from an earlier crawl."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..errors import UsageError
from ..evaluate.divergence import holm, permuted
from ..features.codes import encode, lower_case
from ..features.ngrams import Tokens
from ..features.word_vectors import keys, word_vectors
from ..support.text import counted
from .labelled import LabelledPage
from .shards import STEPS

ALPHA = 0.05
# In bits. A population stability index of 0.1 and 0.25, the usual limits, are about as much.
MODERATE, LARGE = 0.02, 0.05
_FEW = 5  # sites; with fewer, pages are compared instead
_SMALL = 20  # units of a side, with which only large changes are found
_MOST = 30  # categories; rarer ones are one
_SHOWN = 3
_OTHERS = "others"
_SURE = ((0.5, "under 50 %"), (0.6, "50 to 60 %"), (0.7, "60 to 70 %"), (0.8, "70 to 80 %"), (0.9, "80 to 90 %"),
         (0.97, "90 to 97 %"), (2, "over 97 %"))  # fmt: skip
_LONG = ((300, "under 300"), (1000, "300 to 1,000"), (3000, "1,000 to 3,000"), (10_000, "3,000 to 10,000"),
         (30_000, "10,000 to 30,000"), (np.inf, "over 30,000"))  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A category, and its share in the corpus and in the crawl: each page counts the same."""

    category: str
    before: float
    now: float


@dataclass(frozen=True)
class Aspect:
    """One comparison.

    Parameters
    ----------
    name : str
        What is compared: `languages`, `labels`, `confidence`, `tags`, `length` or `unknown words`.
    divergence : float
        Jensen-Shannon divergence of the crawl from the corpus in bits, 0 to 1.
    by_chance : float
        What 95 % of random exchanges of sites stay below.
    p : float
        Share of exchanges with at least this divergence, adjusted for the number of comparisons.
    size : str
        `none` if chance explains it, else `slight` (under 0.02 bits), `moderate` or `large` (from 0.05 bits on).
    changes : list of Change
        The categories that changed most.
    advice : str
        What to do; "" if there is nothing to do.
    """

    name: str
    divergence: float
    by_chance: float
    p: float
    size: str
    changes: list[Change]
    advice: str = ""


@dataclass(frozen=True)
class Drift:
    """In what a crawl differs from a corpus.

    Parameters
    ----------
    pages, sites : tuple of int
        Pages that were compared and their sites: of the corpus, of the crawl.
    aspects : list of Aspect
        The comparisons, the largest first.
    notes : list of str
        What to know of the comparison.
    """

    pages: tuple[int, int]
    sites: tuple[int, int]
    aspects: list[Aspect]
    notes: list[str]

    @property
    def found(self) -> list[Aspect]:
        """The moderate and large changes that chance does not explain."""
        return [aspect for aspect in self.aspects if aspect.size in ("moderate", "large")]

    def to_dict(self) -> dict[str, Any]:
        """Convert to JSON.

        Returns
        -------
        dict
            `drift` (whether something is found) and the attributes.
        """
        return {"drift": bool(self.found), **asdict(self)}


def compare(before: Sequence[LabelledPage], now: Sequence[LabelledPage], *, known: int = 0, seed: int = 0) -> Drift:
    """Compare a crawl (`now`) with a corpus or an earlier crawl (`before`), both labelled by one model.

    Parameters
    ----------
    before : sequence of LabelledPage
        The pages to compare with.
    now : sequence of LabelledPage
        The pages of the crawl.
    known : int, default=0
        How many pages of `before` the model learned from: it is surer about them than about any others.
    seed : int, default=0
        Of the random exchanges.

    Returns
    -------
    Drift
        The comparison.

    Raises
    ------
    UsageError
        If a side has no page.
    """
    if not before or not now:
        raise UsageError(f"no page to compare in the {'corpus' if not before else 'crawl'}; label some pages first")
    pages = [*before, *now]
    sites = (len({page.site for page in before}), len({page.site for page in now}))
    notes = []
    by_site = min(sites) >= _FEW
    units = [page.site if by_site else str(k) for k, page in enumerate(pages)]
    if not by_site:
        side, count = ("corpus", sites[0]) if sites[0] < _FEW else ("crawl", sites[1])
        notes.append(
            f"the {side} has {counted(count, 'site')}: pages are compared as if each were of another site, so what is "
            "found may be peculiar to these sites"
        )
    for side, of_side in (("corpus", before), ("crawl", now)):
        if without := sum(page.site.startswith("page:") for page in of_side):
            they = "counts as a site of its own" if without == 1 else "each count as a site of their own"
            notes.append(f"{counted(without, 'page')} of the {side} without an address {they}")
    least = min(sites if by_site else (len(before), len(now)))
    if least < _SMALL:
        notes.append(f"with {counted(least, 'site' if by_site else 'page')} on one side, only large changes are found")
    second = np.arange(len(pages)) >= len(before)
    values = [(name, *_shares([of(page) for page in pages])) for name, of in _ASPECTS.items()]
    tested = [permuted(shares, second, units, seed=seed) for _, shares, _ in values]
    judged = [name != "confidence" or known <= len(before) / 10 for name, *_ in values]
    if not all(judged):
        notes.append(
            f"the model learned from {known:,} of {counted(len(before), 'page')} of the corpus, and is surer about "
            "them: the confidence is shown, but does not count"
        )
    adjusted = holm([p for _, _, p in tested])
    aspects = []
    for (name, shares, categories), (found, chance, _), p, counts in zip(values, tested, adjusted, judged, strict=True):
        changes = _changes(shares, categories, second)
        size = _size(found) if p <= ALPHA and counts else "none"
        aspects.append(Aspect(name, found, chance, p, size, changes, _advice(name, changes, size)))
    aspects.sort(key=lambda aspect: (_SIZES.index(aspect.size), -aspect.divergence))
    return Drift((len(before), len(now)), sites, aspects, notes)


_SIZES = ("large", "moderate", "slight", "none")


def _size(divergence: float) -> str:
    return "large" if divergence >= LARGE else "moderate" if divergence >= MODERATE else "slight"


def _shares(counts: Sequence[Counter[str]]) -> tuple[np.ndarray[Any, Any], list[str]]:
    """How each page divides among the categories, and their names."""
    pages = Counter(category for one in counts for category in one)
    names = [name for name, _ in pages.most_common(_MOST)]
    columns = {name: k for k, name in enumerate(names)}
    if len(pages) > _MOST:
        names.append(_OTHERS)
    table = np.zeros((len(counts), len(names)))
    for row, one in zip(table, counts, strict=True):
        for category, count in one.items():
            row[columns.get(category, len(names) - 1)] += count
    return table / np.maximum(table.sum(axis=1, keepdims=True), 1e-9), names


def _changes(shares: np.ndarray[Any, Any], categories: Sequence[str], second: np.ndarray[Any, Any]) -> list[Change]:
    before, now = shares[~second].mean(axis=0), shares[second].mean(axis=0)
    order = np.argsort(-np.abs(now - before), kind="stable")[:_SHOWN]
    return [Change(categories[k], float(before[k]), float(now[k])) for k in order if abs(now[k] - before[k]) >= 0.001]


def _languages(page: LabelledPage) -> Counter[str]:
    return Counter([page.language or "unknown"])


def _labels(page: LabelledPage) -> Counter[str]:
    return Counter(page.labels)


def _confidence(page: LabelledPage) -> Counter[str]:
    # As Parquet holds them, so that rounding is no difference.
    steps = (np.rint(page.confidence * STEPS) / STEPS).tolist()
    return Counter(next(name for limit, name in _SURE if p < limit) for p in steps)


def _tags(page: LabelledPage) -> Counter[str]:
    return Counter(page.tags)


def _length(page: LabelledPage) -> Counter[str]:
    size = sum(map(len, page.texts))
    return Counter([next(name for limit, name in _LONG if size < limit)])


def _words(page: LabelledPage) -> Counter[str]:
    """Words with a vector, and those without. Numbers and punctuation do not count."""
    tokens = Tokens(*lower_case(*encode(page.texts)))
    some = np.flatnonzero((tokens.end - tokens.start > 1) & (tokens.codes[tokens.start] > ord("9")))
    slots, check = keys(tokens.hash[some])
    vectors = word_vectors()
    row = vectors.row[slots]
    known = int(np.count_nonzero((row >= 0) & (vectors.check[row] == check)))
    return Counter({"known": known, "unknown": len(some) - known}) if len(some) else Counter({"known": 1})


_ASPECTS: dict[str, Callable[[LabelledPage], Counter[str]]] = {
    "languages": _languages, "labels": _labels, "confidence": _confidence, "tags": _tags, "length": _length,
    "unknown words": _words,
}  # fmt: skip


def _advice(name: str, changes: Sequence[Change], size: str) -> str:
    if size in ("none", "slight"):
        return ""
    more = [change.category for change in changes if change.now > change.before and change.category != _OTHERS]
    less = [change.category for change in changes if change.now < change.before]
    first, last = more[:1], less[:1]
    if name == "languages":
        return f"label pages in {', '.join(more[:2])}" if more else "label pages in the languages of the crawl"
    if name == "labels":
        grown = f"blocks labelled {first[0]}" if first else f"pages without {last[0] if last else 'them'}"
        return f"look at {grown}: other pages, or mistakes of the model?"
    if name == "confidence":
        low = sum(c.now - c.before for c in changes if c.category in [n for _, n in _SURE[:4]])
        sure = "less" if low > 0 else "more"
        return f"the model is {sure} sure than on the corpus" + (": label pages of the crawl" if low > 0 else "")
    if name == "tags":
        return (
            f"the pages are built in another way (more {', '.join(more[:2]) or 'other tags'}): label pages of the crawl"
        )
    if name == "length":
        return "the pages have another length: are they of another kind, or cut off?"
    if "unknown" not in more:
        return "the model knows more of the words than of those of the corpus"
    return "the model knows fewer of the words: label pages of the crawl, in their language or subject"

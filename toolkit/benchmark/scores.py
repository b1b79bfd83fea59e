"""Texts that an extractor found, against the known content of their pages: scores with intervals by site, in all and by
group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import Mismatch
from ..evaluate.bootstrap import DRAWS, Array, Figure, draw_groups, figure
from ..support.text import counted
from .overlap import shingle_overlap, shingle_precision, shingle_recall, snippet_share, word_overlap

# What each figure is called in a table.
NAMES = {
    "word_f1": "word F1",
    "word_precision": "precision",
    "word_recall": "recall",
    "snippets_with": "with",
    "snippets_without": "without",
    "shingle_f1": "shingle F1",
}


@dataclass(frozen=True)
class Wanted:
    """What is known of one page. `present` and `absent` are WCXB's snippets; `groups` its page type, language and the
    like.
    """

    text: str = field(repr=False)
    site: str
    present: Sequence[str] = ()
    absent: Sequence[str] = ()
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Extracted:
    """The scores of one extractor. `groups`: kind -> name -> (pages, word F1)."""

    name: str
    pages: int
    sites: int
    figures: dict[str, Figure]
    groups: dict[str, dict[str, tuple[int, Figure]]]

    def to_dict(self) -> dict[str, Any]:
        """All figures as JSON takes them."""
        groups = {
            kind: {name: {"pages": pages, "word_f1": value.to_dict()} for name, (pages, value) in named.items()}
            for kind, named in self.groups.items()
        }
        figures = {name: value.to_dict() for name, value in self.figures.items()}
        return {"name": self.name, "pages": self.pages, "sites": self.sites, "figures": figures, "groups": groups}


def score_texts(
    name: str, found: Sequence[str], wanted: Sequence[Wanted], *, seed: int = 0, draws: int = DRAWS
) -> Extracted:
    """Score one text per page. Means over pages; 95 % intervals from a bootstrap over sites; a page without a site is
    its own.

    `word_f1`, `word_precision`, `word_recall`: as WCXB counts them. `snippets_with`: the share found of the snippets
    that belong in the text; `snippets_without`: of those that do not (less is better); pages without any do not
    count. `shingle_f1`: of the mean precision and the mean recall of runs of four words, as
    article-extraction-benchmark does. Raises Mismatch where the lengths differ or there are no pages.
    """
    if len(found) != len(wanted) or not wanted:
        raise Mismatch(
            f"{counted(len(found), 'text')} for {counted(len(wanted), 'page')}; give one text per page, and at least "
            "one page"
        )
    columns = _columns(found, wanted)
    sites = [page.site or f"page {i}" for i, page in enumerate(wanted)]

    def one(pages: Sequence[int], names: Sequence[str], value: Callable[[Array], Array]) -> Figure:
        order = {site: k for k, site in enumerate(dict.fromkeys(sites[i] for i in pages))}
        sums = np.zeros((len(order), 2 * len(names)))
        for i in pages:
            for k, column in enumerate(names):
                answer = columns[column][i]
                if answer is not None:
                    sums[order[sites[i]], 2 * k : 2 * k + 2] += answer, 1
        return figure(sums, value, draw_groups(len(order), draws, seed))

    everything = range(len(wanted))
    simple = ("word_f1", "word_precision", "word_recall", "snippets_with", "snippets_without")
    figures = {column: one(everything, [column], _mean) for column in simple}
    figures["shingle_f1"] = one(everything, ["shingle_precision", "shingle_recall"], _harmonic)
    groups: dict[str, dict[str, tuple[int, Figure]]] = {}
    for kind in dict.fromkeys(kind for page in wanted for kind in page.groups):
        members: dict[str, list[int]] = {}
        for i, page in enumerate(wanted):
            members.setdefault(page.groups.get(kind, ""), []).append(i)
        largest = sorted(members.items(), key=lambda item: -len(item[1]))
        groups[kind] = {group: (len(pages), one(pages, ["word_f1"], _mean)) for group, pages in largest}
    return Extracted(name, len(wanted), len(set(sites)), figures, groups)


def _columns(found: Sequence[str], wanted: Sequence[Wanted]) -> dict[str, list[float | None]]:
    columns: dict[str, list[float | None]] = {}
    for text, page in zip(found, wanted, strict=True):
        words, shingles = word_overlap(text, page.text), shingle_overlap(text, page.text)
        row = {
            "word_f1": words.f1,
            "word_precision": words.precision,
            "word_recall": words.recall,
            "snippets_with": snippet_share(text, page.present),
            "snippets_without": snippet_share(text, page.absent),
            "shingle_precision": shingle_precision(shingles),
            "shingle_recall": shingle_recall(shingles),
        }
        for column, value in row.items():
            columns.setdefault(column, []).append(value)
    return columns


def _mean(sums: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums[..., 0] / sums[..., 1])


def _harmonic(sums: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = sums[..., 0] / sums[..., 1], sums[..., 2] / sums[..., 3]
        return np.asarray(2 * precision * recall / (precision + recall))

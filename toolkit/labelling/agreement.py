"""How far annotators agree: percent agreement, Cohen's and Fleiss' kappa, Krippendorff's alpha, and where they differ.

All functions take label lists that are aligned block by block; None is a block that an annotator did not label. A
figure that cannot be computed (nobody labelled the same block; only one label in use) is NaN, not 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from ..errors import BadScheme, Mismatch, TooFewLabels
from ..evaluate.bootstrap import Array, Figure, draw_groups, figure, figures

Answers = Sequence[str | None]


def percent_agreement(annotators: Sequence[Answers]) -> float:
    """The mean share of agreeing pairs of annotators, over the blocks that two or more labelled."""
    return float(_percent(_fleiss_counts(_counts(annotators)).sum(axis=0)))


def cohen_kappa(a: Answers, b: Answers) -> float:
    """Cohen's kappa (1960) of two annotators, over the blocks that both labelled."""
    return float(_cohen(confusion(a, b, _names([a, b])).astype(np.float64)))


def fleiss_kappa(annotators: Sequence[Answers]) -> float:
    """Fleiss' kappa (1971). Blocks with fewer than two labels are left out; blocks may have different numbers of
    them.
    """
    return float(_fleiss(_fleiss_counts(_counts(annotators)).sum(axis=0)))


def krippendorff_alpha(annotators: Sequence[Answers], label: str | None = None) -> float:
    """Krippendorff's alpha for nominal data (2011), missing labels allowed; of one `label` against the rest where
    given.
    """
    counts = _counts(annotators)
    if label is not None:
        names = _names(annotators)
        if label not in names:
            return float("nan")
        own = counts[:, names.index(label)]
        counts = np.stack([own, counts.sum(axis=1) - own], axis=1)
    return float(_alpha(_coincidences(counts).sum(axis=0)))


def confusion(a: Answers, b: Answers, labels: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Blocks by the label of `a` (rows) and of `b` (columns); blocks that one of them did not label are left out."""
    _same_length([a, b])
    at = {name: i for i, name in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for x, y in zip(a, b, strict=True):
        if x is not None and y is not None:
            table[_index(at, x), _index(at, y)] += 1
    return table


def f1_by_label(a: Answers, b: Answers, labels: Sequence[str]) -> dict[str, float]:
    """The F1 of each label when one annotator is measured by the other (the same both ways round); NaN if neither uses
    it.
    """
    return dict(zip(labels, _f1(confusion(a, b, labels).astype(np.float64)).tolist(), strict=True))


@dataclass(frozen=True)
class AnnotatorPair:
    """Two annotators: their kappa, their F1 by label, and their `confusion` (rows are the first
    annotator's labels).
    """

    annotators: tuple[str, str]
    blocks: int
    kappa: Figure
    f1: dict[str, Figure]
    confusion: list[list[int]]


@dataclass(frozen=True)
class Agreement:
    """The result of `agreement`. Intervals are 95 %, bootstrapped over pages.

    Parameters
    ----------
    labels, annotators : list of str
        The labels and the annotators.
    pages, blocks : int
        Numbers of pages and blocks that two or more annotators labelled.
    percent : Figure
        Mean share of agreeing pairs.
    fleiss : Figure
        Fleiss' kappa.
    alpha : Figure
        Krippendorff's alpha.
    alpha_by_label : dict of str to Figure
        Krippendorff's alpha of each label against the rest.
    pairs : list of AnnotatorPair
        Kappa, F1 by label and confusion of each pair of annotators.
    reviews : int, default=0
        Annotations that were left out, because their annotators were shown the labels of others.
    reviewers : list of str
        The annotators of these.
    changed : int, default=0
        Annotations that were left out, because another person changed them.
    blind : Agreement, optional
        The same of the blocks that nobody saw a suggestion for, where others had some. This is how far people agree by
        themselves.
    suggested : Agreement, optional
        The same of the blocks whose suggestion all annotators saw: too high, as they accept the same suggestions.
    """

    labels: list[str]
    annotators: list[str]
    pages: int
    blocks: int
    percent: Figure
    fleiss: Figure
    alpha: Figure
    alpha_by_label: dict[str, Figure]
    pairs: list[AnnotatorPair] = field(default_factory=list)
    reviews: int = 0
    reviewers: list[str] = field(default_factory=list)
    changed: int = 0
    blind: Agreement | None = None
    suggested: Agreement | None = None

    def to_dict(self) -> dict[str, Any]:
        """Convert the agreement to JSON.

        Returns
        -------
        dict
            The fields; names of scores are written out (`fleiss_kappa`).
        """
        parts = {"blind": self.blind, "suggested": self.suggested}
        return {
            "labels": self.labels,
            "annotators": self.annotators,
            "pages": self.pages,
            "blocks": self.blocks,
            "left_out": {"reviews": self.reviews, "reviewers": self.reviewers, "changed": self.changed},
            "percent_agreement": self.percent.to_dict(),
            "fleiss_kappa": self.fleiss.to_dict(),
            "krippendorff_alpha": self.alpha.to_dict(),
            "krippendorff_alpha_by_label": {k: v.to_dict() for k, v in self.alpha_by_label.items()},
            "pairs": [
                {
                    "annotators": list(pair.annotators),
                    "blocks": pair.blocks,
                    "cohen_kappa": pair.kappa.to_dict(),
                    "f1": {k: v.to_dict() for k, v in pair.f1.items()},
                    "confusion": pair.confusion,
                }
                for pair in self.pairs
            ],
            **{name: part.to_dict() for name, part in parts.items() if part is not None},
        }


def agreement(
    pages: Mapping[str, Mapping[str, Answers]], labels: Sequence[str], *, seed: int = 0, draws: int = 2000
) -> Agreement:
    """Measure the agreement of annotators on the pages that two or more of them labelled.

    Parameters
    ----------
    pages : mapping of str to mapping of str to sequence of str or None
        By page id and annotator the label of each block, None for a block without one.
    labels : sequence of str
        All labels, in the order of the scheme.
    seed : int, default=0
        Seed of the bootstrap.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    Agreement
        The scores.

    Raises
    ------
    TooFewLabels
        If no page has labels of two annotators.
    Mismatch
        If the lists of one page differ in length.
    BadScheme
        If a label is not in `labels`.

    Examples
    --------
    >>> found = agreement({"first": {"anna": ["article", "form"], "ben": ["article", "article"]}}, ["article", "form"])
    >>> found.percent.value
    0.5
    """
    shared = {page: dict(by) for page, by in pages.items() if len(by) > 1}
    if not shared:
        raise TooFewLabels(
            "no page has labels of two annotators; let a second person label some pages, then pull again"
        )
    for page, by in shared.items():
        _same_length(list(by.values()), f"page {page}: ")
    names = sorted({name for by in shared.values() for name in by})
    counts = [_counts(list(by.values()), labels, f"page {page}: ") for page, by in shared.items()]
    weights = draw_groups(len(shared), draws, seed)
    fleiss = np.stack([_fleiss_counts(c).sum(axis=0) for c in counts])
    coincidences = np.stack([_coincidences(c).sum(axis=0) for c in counts])

    def one_label(i: int) -> Figure:
        pairs = [np.stack([c[:, i], c.sum(axis=1) - c[:, i]], axis=1) for c in counts]
        return figure(np.stack([_coincidences(c).sum(axis=0) for c in pairs]), _alpha, weights)

    return Agreement(
        labels=list(labels),
        annotators=names,
        pages=len(shared),
        blocks=int(sum((c.sum(axis=1) > 1).sum() for c in counts)),
        percent=figure(fleiss, _percent, weights),
        fleiss=figure(fleiss, _fleiss, weights),
        alpha=figure(coincidences, _alpha, weights),
        alpha_by_label={label: one_label(i) for i, label in enumerate(labels)},
        pairs=[
            p
            for a, b in combinations(names, 2)
            if (p := _pair(a, b, shared, labels=labels, seed=seed, draws=draws)) is not None
        ],
    )


def _pair(
    a: str, b: str, pages: Mapping[str, Mapping[str, Answers]], *, labels: Sequence[str], seed: int, draws: int
) -> AnnotatorPair | None:
    both = [confusion(by[a], by[b], labels) for by in pages.values() if a in by and b in by]
    if not both:
        return None
    tables = np.stack(both).astype(np.float64)
    weights = draw_groups(len(both), draws, seed)
    total = tables.sum(axis=0)
    return AnnotatorPair(
        annotators=(a, b),
        blocks=int(total.sum()),
        kappa=figure(tables, _cohen, weights),
        f1=dict(zip(labels, figures(tables, _f1, weights), strict=True)),
        confusion=total.astype(int).tolist(),
    )


def _names(annotators: Sequence[Answers]) -> list[str]:
    return sorted({label for labels in annotators for label in labels if label is not None})


def _same_length(annotators: Sequence[Answers], where: str = "") -> None:
    lengths = {len(labels) for labels in annotators}
    if len(lengths) > 1:
        raise Mismatch(
            f"{where}the annotators' lists have {sorted(lengths)} labels; attach them to the same blocks first"
        )


def _index(at: Mapping[str, int], label: str, where: str = "") -> int:
    try:
        return at[label]
    except KeyError:
        raise BadScheme(
            f"{where}unknown label {label!r}; the scheme has {', '.join(at)}; give the scheme of these labels with "
            "--scheme FILE"
        ) from None


def _counts(annotators: Sequence[Answers], labels: Sequence[str] | None = None, where: str = "") -> Array:
    """How many annotators gave each block each label: (blocks, labels)."""
    if len(annotators) < 2:
        raise TooFewLabels(f"{where}agreement needs two annotators or more")
    _same_length(annotators, where)
    at = {name: i for i, name in enumerate(_names(annotators) if labels is None else labels)}
    table = np.zeros((len(annotators[0]), len(at)))
    for one in annotators:
        for block, label in enumerate(one):
            if label is not None:
                table[block, _index(at, label, where)] += 1
    return table


def _divide(a: Array, b: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b > 0, a / np.where(b > 0, b, 1), np.nan)


def _fleiss_counts(counts: Array) -> Array:
    """Per block: [blocks, agreeing share of pairs, labels given ..., by label ...] as one row that may be added up."""
    n = counts.sum(axis=1)
    rated = n > 1
    share = np.where(rated, (counts * (counts - 1)).sum(axis=1) / np.where(rated, n * (n - 1), 1), 0)
    return np.column_stack([rated, share, counts * rated[:, None]]).astype(np.float64)


def _percent(totals: Array) -> Array:
    return _divide(totals[..., 1], totals[..., 0])


def _fleiss(totals: Array) -> Array:
    given = totals[..., 2:]
    chance = (_divide(given, given.sum(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    return _divide(_percent(totals) - chance, 1 - chance)


def _coincidences(counts: Array) -> Array:
    """Per block, ordered pairs of labels by different annotators, each block weighing as many as its labels: (blocks,
    L, L).
    """
    n = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    return np.asarray(np.where(n > 1, 1 / np.where(n > 1, n - 1, 1), 0)[:, None, None] * pairs)


def _alpha(table: Array) -> Array:
    by_label = table.sum(axis=-1)
    n = by_label.sum(axis=-1)
    agree = np.trace(table, axis1=-2, axis2=-1)
    expected = n**2 - (by_label**2).sum(axis=-1)  # times 1/(n(n-1))
    return 1 - _divide((n - agree) * (n - 1), expected)


def _cohen(table: Array) -> Array:
    n = table.sum(axis=(-2, -1))
    seen = _divide(np.trace(table, axis1=-2, axis2=-1), n)
    chance = _divide((table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1), n**2)
    return _divide(seen - chance, 1 - chance)


def _f1(table: Array) -> Array:
    both = np.diagonal(table, axis1=-2, axis2=-1)
    return _divide(2 * both, table.sum(axis=-1) + table.sum(axis=-2))

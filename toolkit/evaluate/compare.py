"""Compares two evaluations, paired by site, with intervals on the differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..errors import Mismatch
from . import scores
from .bootstrap import DRAWS, Array, Figure, draw_groups, figure
from .result import Evaluation

_SCORES: dict[str, Callable[[Array], Array]] = {
    "macro_f1": scores.macro_f1,
    "accuracy": scores.accuracy,
    "weighted_f1": scores.weighted_f1,
    "mcc": scores.mcc,
}


@dataclass(frozen=True)
class Comparison:
    """The difference of one score between two evaluations.

    Parameters
    ----------
    score : str
        Name of the score.
    a, b : float
        The score in the first and in the second evaluation.
    difference : Figure
        `b` minus `a`, with a 95 % interval.
    verdict : {"better", "worse", "cannot tell"}
        Whether `b` is better than `a`; "cannot tell" if the interval contains 0.
    """

    score: str
    a: float
    b: float
    difference: Figure
    verdict: Literal["better", "worse", "cannot tell"]

    def to_dict(self) -> dict[str, Any]:
        """Convert the comparison to JSON.

        Returns
        -------
        dict
            The fields; NaN is None.
        """
        a, b = (Figure(value).to_dict()["value"] for value in (self.a, self.b))
        return {"score": self.score, "a": a, "b": b, "difference": self.difference.to_dict(), "verdict": self.verdict}


def compare_evaluations(a: Evaluation, b: Evaluation, *, seed: int = 0, draws: int = DRAWS) -> list[Comparison]:
    """Compare two evaluations of the same gold.

    Parameters
    ----------
    a, b : Evaluation
        The evaluations.
    seed : int, default=0
        Seed of the bootstrap.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    list of Comparison
        Differences in macro-F1, accuracy, weighted F1 and Matthews' correlation.

    Raises
    ------
    Mismatch
        If sites, labels or gold blocks differ.
    """
    tables, weights = _paired(a, b), draw_groups(len(a.by_site), draws, seed)
    return [_compared(name, value, tables, weights=weights) for name, value in _SCORES.items()]


def compare_labels(a: Evaluation, b: Evaluation, *, seed: int = 0, draws: int = DRAWS) -> list[Comparison]:
    """Compare the F1 of each label in two evaluations of the same gold.

    Parameters
    ----------
    a, b : Evaluation
        The evaluations.
    seed : int, default=0
        Seed of the bootstrap.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    list of Comparison
        A difference for each label, which `score` names; NaN for a label that neither gold nor an evaluation has.

    Raises
    ------
    Mismatch
        If sites, labels or gold blocks differ.
    """
    tables, weights = _paired(a, b), draw_groups(len(a.by_site), draws, seed)
    found = []
    for i, label in enumerate(a.labels):

        def of_label(table: Array, i: int = i) -> Array:
            return np.asarray(scores.f1(table)[..., i])

        found.append(_compared(label, of_label, tables, weights=weights))
    return found


def _paired(a: Evaluation, b: Evaluation) -> Array:
    """The confusion matrices of both by site: (sites, 2, labels, labels)."""
    if a.labels != b.labels or set(a.by_site) != set(b.by_site):
        raise Mismatch("the two evaluations have different labels or sites; evaluate both on the same pages")
    tables = np.stack([[e.by_site[site] for site in a.by_site] for e in (a, b)], axis=1).astype(np.float64)
    if (tables[:, 0].sum(axis=-1) != tables[:, 1].sum(axis=-1)).any():
        raise Mismatch("the two evaluations have different gold on the same sites; evaluate both on the same pages")
    return tables


def _compared(score: str, value: Callable[[Array], Array], tables: Array, *, weights: Array) -> Comparison:
    first, second = (float(v) for v in value(tables.sum(axis=0)))

    def gap(t: Array) -> Array:
        each = value(t)
        return np.asarray(each[..., 1] - each[..., 0])

    difference = figure(tables, gap, weights)
    verdict: Literal["better", "worse", "cannot tell"] = "cannot tell"
    if difference.low is not None and difference.high is not None:
        verdict = "better" if difference.low > 0 else "worse" if difference.high < 0 else "cannot tell"
    return Comparison(score, first, second, difference, verdict)

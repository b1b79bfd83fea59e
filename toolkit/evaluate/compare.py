"""Compares two evaluations, paired by site, with intervals on the differences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

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
    if a.labels != b.labels or set(a.by_site) != set(b.by_site):
        raise Mismatch("the two evaluations have different labels or sites; evaluate both on the same pages")
    sites = list(a.by_site)
    tables = np.stack([[e.by_site[site] for site in sites] for e in (a, b)], axis=1).astype(
        np.float64
    )  # (sites, 2, L, L)
    if (tables[:, 0].sum(axis=-1) != tables[:, 1].sum(axis=-1)).any():
        raise Mismatch("the two evaluations have different gold on the same sites; evaluate both on the same pages")
    weights = draw_groups(len(sites), draws, seed)
    found = []
    for name, value in _SCORES.items():
        first, second = (float(v) for v in value(tables.sum(axis=0)))

        def gap(t: Array, value: Callable[[Array], Array] = value) -> Array:
            each = value(t)
            return np.asarray(each[..., 1] - each[..., 0])

        difference = figure(tables, gap, weights)
        verdict: Literal["better", "worse", "cannot tell"] = "cannot tell"
        if difference.low is not None and difference.high is not None:
            verdict = "better" if difference.low > 0 else "worse" if difference.high < 0 else "cannot tell"
        found.append(Comparison(name, first, second, difference, verdict))
    return found

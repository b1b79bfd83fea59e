"""How far two groups of pages are apart, and how far they would be by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
PERMUTATIONS = 1999
_CHANCE = 0.95
_AT_A_TIME = 100  # permutations that are in memory at once


def jensen_shannon(p: Array, q: Array) -> Any:
    """The Jensen-Shannon divergence of distributions (..., categories) in bits: 0 for equal ones, 1 for disjoint."""
    m = (p + q) / 2
    return np.maximum((_terms(p, m) + _terms(q, m)).sum(axis=-1) / 2, 0.0)


def _terms(p: Array, m: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * np.log2(p / m), 0.0)


def permuted(
    shares: Array, second: npt.NDArray[np.bool_], units: Sequence[str], *, seed: int = 0
) -> tuple[float, float, float]:
    """The divergence of the pages that are `second` from the others, what chance gives, and how often it gives more.

    Parameters
    ----------
    shares : ndarray of shape (pages, categories)
        How a page divides among the categories; each row sums to 1.
    second : ndarray of shape (pages,)
        Whether a page is of the second group.
    units : sequence of str
        The site of each page: pages of one site resemble each other, so a site changes the group as a whole.
    seed : int, default=0
        Of the permutations.

    Returns
    -------
    tuple of float
        The divergence of the groups' means; the 95th percentile of the divergence with the groups exchanged at random;
        the share of exchanges with a divergence as large (a p-value).
    """
    keys = [f"{int(of_second)}{unit}" for unit, of_second in zip(units, second, strict=True)]
    names, first, of = np.unique(keys, return_index=True, return_inverse=True)
    sums = np.zeros((len(names), shares.shape[1] + 1))
    np.add.at(sums, of, np.column_stack([shares, np.ones(len(shares))]))
    total, group = sums.sum(axis=0), second[first]

    def divergence(chosen: Array) -> Array:
        other = total - chosen
        value: Array = jensen_shannon(chosen[..., :-1] / chosen[..., -1:], other[..., :-1] / other[..., -1:])
        return value

    found = float(divergence(group @ sums))
    chance = np.random.default_rng(seed)
    drawn: list[Array] = []
    for start in range(0, PERMUTATIONS, _AT_A_TIME):
        count = min(_AT_A_TIME, PERMUTATIONS - start)
        drawn.append(divergence(chance.permuted(np.tile(group, (count, 1)), axis=1) @ sums))
    by_chance = np.concatenate(drawn)
    more = (1 + np.count_nonzero(by_chance >= found - 1e-12)) / (1 + PERMUTATIONS)
    return found, float(np.quantile(by_chance, _CHANCE)), float(more)


def holm(p: Sequence[float]) -> list[float]:
    """P-values that hold for all comparisons together (Holm, 1979)."""
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, k in enumerate(sorted(range(len(p)), key=lambda k: p[k])):
        largest = max(largest, min(1.0, (len(p) - rank) * p[k]))
        adjusted[k] = largest
    return adjusted

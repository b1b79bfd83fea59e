"""Scores from confusion matrices. All take (..., L, L), rows gold and columns predicted, and give (...) or (..., L).

Leading axes are bootstrap draws or groups: one call scores 2,000 draws in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Array


def confusions(
    gold: NDArray[np.intp], predicted: NDArray[np.intp], unit: NDArray[np.intp], shape: Sequence[int], weight: Array
) -> Array:
    """Confusion matrices by unit: `shape` is (units, labels); each block adds its `weight`. -> (units, labels,
    labels).
    """
    units, n = shape
    flat = (unit * n + gold) * n + predicted
    return np.bincount(flat, weights=weight, minlength=units * n * n).reshape(units, n, n).astype(np.float64)


def divide(a: Array, b: Array) -> Array:
    """a / b, and NaN where b is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b != 0, a / np.where(b != 0, b, 1), np.nan)


def hits(table: Array) -> Array:
    return np.diagonal(table, axis1=-2, axis2=-1)


def accuracy(table: Array) -> Array:
    return divide(hits(table).sum(axis=-1), table.sum(axis=(-2, -1)))


def support(table: Array) -> Array:
    return np.asarray(table.sum(axis=-1))


def precision(table: Array) -> Array:
    """0 where a label was never predicted (as scikit-learn's zero_division=0), NaN where gold does not have it
    either.
    """
    made = table.sum(axis=-2)
    return np.where((made == 0) & (support(table) > 0), 0.0, divide(hits(table), made))


def recall(table: Array) -> Array:
    return divide(hits(table), support(table))


def f1(table: Array) -> Array:
    return divide(2 * hits(table), support(table) + table.sum(axis=-2))


def macro(values: Array, table: Array) -> Array:
    """The plain mean over the labels that gold has: one that no test page contains can be neither right nor wrong."""
    present = support(table) > 0
    return divide(np.where(present, np.nan_to_num(values), 0).sum(axis=-1), present.sum(axis=-1))


def weighted(values: Array, table: Array) -> Array:
    """The mean over labels, each weighing as many as its gold blocks."""
    return divide((np.nan_to_num(values) * support(table)).sum(axis=-1), support(table).sum(axis=-1))


def macro_f1(table: Array) -> Array:
    return macro(f1(table), table)


def weighted_f1(table: Array) -> Array:
    return weighted(f1(table), table)


def mcc(table: Array) -> Array:
    """Matthews' correlation for many classes (Gorodkin 2004); 0 where gold or predictions are all one label, as
    scikit-learn.
    """
    n = table.sum(axis=(-2, -1))
    gold, made = table.sum(axis=-1), table.sum(axis=-2)
    over = hits(table).sum(axis=-1) * n - (gold * made).sum(axis=-1)
    under = np.sqrt((n**2 - (made**2).sum(axis=-1)) * (n**2 - (gold**2).sum(axis=-1)))
    return np.where(n == 0, np.nan, np.nan_to_num(divide(over, under)))

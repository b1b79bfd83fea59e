"""Hashed features, computed once for each distinct string.

Blocks share class names, paths, links and much of their text. The score that a linear model gives to a string is
therefore computed once and looked up for each block. A matrix over all blocks is made for training only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .codes import Floats, Index
from .ngrams import Grams, rehash
from .sparse import product

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_BITS = 18
WIDTH = 1 << _BITS  # columns of a matrix: few collisions, and 0.5 MB of weights per label


@dataclass
class Bag:
    """Features of m strings: `columns` (numbers below 2**18) of each row between `bounds` (m + 1).

    `of` is the row of each block, -1 for none.
    """

    columns: npt.NDArray[np.int32]
    bounds: npt.NDArray[np.int64]
    of: Index


def bag(grams: Grams, seed: int, *, of: Index) -> Bag:
    """The bag of `grams`; `seed` distinguishes kinds of features."""
    counts, hashes = grams
    bounds = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=bounds[1:])
    return Bag(rehash(hashes, seed, _BITS).astype(np.int32), bounds, of)


def scores(bags: Sequence[Bag], weights: Floats) -> Floats:
    """The sum of `weights` (2**18, k) over each block's features, at unit length: (blocks, k)."""
    counts = np.concatenate([*(np.diff(b.bounds) for b in bags), [0]])  # the last row stands for blocks without one
    bounds = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=bounds[1:])
    columns = np.concatenate([b.columns for b in bags])
    of_rows = np.empty((len(counts), weights.shape[1] + 1), np.float32)
    of_rows[:, :-1] = product(np.ones(len(columns), np.float32), columns, bounds, dense=weights)
    of_rows[:, -1] = counts
    first, rows = 0, np.empty((len(bags[0].of), len(bags)), np.int32)
    for k, b in enumerate(bags):
        rows[:, k] = np.where(b.of < 0, len(counts) - 1, b.of + first)
        first += len(b.bounds) - 1
    ones, ends = np.ones(rows.size, np.float32), np.arange(0, rows.size + 1, len(bags), dtype=np.int32)
    total = product(ones, rows.ravel(), ends, dense=of_rows)
    return np.asarray(total[:, :-1] / np.sqrt(np.maximum(total[:, -1:], 1)), np.float32)


def matrix(bags: Sequence[Bag]) -> csr_matrix:
    """The training matrix (blocks, 2**18) with rows of unit length. A row may contain a column more than once."""
    from scipy.sparse import csr_matrix  # start-up

    sizes = [_hand_out(np.diff(b.bounds), b.of) for b in bags]
    total = np.sum(sizes, axis=0)
    bounds = np.zeros(len(total) + 1, np.int64)
    np.cumsum(total, out=bounds[1:])
    columns = np.empty(bounds[-1], np.int32)
    free = bounds[:-1].copy()
    for b, size in zip(bags, sizes, strict=True):
        step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        columns[np.repeat(free, size) + step] = b.columns[np.repeat(b.bounds[b.of], size) + step]
        free += size
    values = np.repeat((1.0 / np.sqrt(np.maximum(total, 1))).astype(np.float32), total)
    return csr_matrix((values, columns, bounds), shape=(len(total), WIDTH))


def _hand_out(sizes: Index, of: Index) -> Index:
    """The size of the row of each block, 0 for blocks without one."""
    if not len(sizes):
        return np.zeros(len(of), np.int64)
    return np.where(of < 0, 0, sizes[of])

"""Blocks of a page that have something in common: their container, their looks, their text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .codes import Index


@dataclass
class Groups:
    """`of` (blocks,) is the group of each block, `position` (blocks,) its place in it, `sizes` (groups,)."""

    of: Index
    position: Index
    sizes: Index

    @classmethod
    def by(cls, key: Index, page: Index) -> Groups:
        """Groups of blocks with the same key (not negative) on the same page."""
        key = key + page * (key.max(initial=0) + 1)  # pages are in order, so this is nearly sorted
        order = np.argsort(key, kind="stable")
        k = key[order]
        new = np.ones(len(key), bool)
        new[1:] = k[1:] != k[:-1]
        number = np.cumsum(new) - 1
        begin = np.flatnonzero(new)
        of, position = np.empty(len(key), np.int64), np.empty(len(key), np.int64)
        of[order] = number
        position[order] = np.arange(len(key)) - begin[number]
        return cls(of, position, np.diff(np.append(begin, len(key))))

    def mean(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """For each block the mean of `values` (blocks,) or (blocks, columns) over its group."""
        return np.asarray((sums(values, self.of, len(self.sizes)).T / self.sizes).T[self.of], np.float64)


def sums(values: npt.NDArray[np.float64], of: Index, count: int) -> npt.NDArray[np.float64]:
    """The sums of `values` (n,) or (n, columns) over the rows `of` each of `count` groups."""
    if values.ndim == 1:
        return np.asarray(np.bincount(of, values, minlength=count), np.float64)
    return np.column_stack([np.bincount(of, column, minlength=count) for column in values.T])

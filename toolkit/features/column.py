"""Strings of many blocks, each distinct one stored once: blocks share class names, paths, links and much text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np
import numpy.typing as npt

from .codes import Index


@dataclass
class Column:
    """`values` are the distinct strings in order of first use; `of` (blocks,) is the index of each block."""

    values: list[str]
    of: Index

    @classmethod
    def of_all(cls, parts: Iterable[Sequence[str]]) -> Column:
        """The column of the strings of all pages, one part per page."""
        strings = list(chain.from_iterable(parts))
        number = dict(zip(dict.fromkeys(strings), count()))
        return cls(list(number), np.fromiter(map(number.__getitem__, strings), np.int64, len(strings)))

    def hand_out(self, found: Sequence[int] | npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """Look up for each block what was found for its value."""
        out: npt.NDArray[np.generic] = np.asarray(found)[self.of]
        return out

"""Strings of many blocks, each different one kept once: blocks share class names, paths, links and much of their
text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count

import numpy as np
import numpy.typing as npt

from .codes import Index


@dataclass
class Column:
    """`values`: the different strings in the order of their first blocks; `of` (blocks): which of them each block
    has.
    """

    values: list[str]
    of: Index

    @classmethod
    def of_all(cls, parts: Iterable[Sequence[str]]) -> Column:
        strings = list(chain.from_iterable(parts))
        number = dict(zip(dict.fromkeys(strings), count()))
        return cls(list(number), np.fromiter(map(number.__getitem__, strings), np.int64, len(strings)))

    def hand_out(self, found: Sequence[int] | npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        """What was found for each value -> the same for each block."""
        out: npt.NDArray[np.generic] = np.asarray(found)[self.of]
        return out

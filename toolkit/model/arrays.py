"""The arrays that models learn from and answer with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LabelIndices = npt.NDArray[np.int64]  # a block's label, as its place in the classes
Probabilities = npt.NDArray[np.float32]  # (blocks, classes)
Sites = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Targets:
    """What is known of n blocks: `labels` (n, classes), the probability of each, with `weights` (n,), 0 for unknown.

    `main` (n,) is how likely each block is main content, with `main_weights` (n,), 0 for unknown.
    """

    labels: Probabilities
    weights: npt.NDArray[np.float32]
    main: npt.NDArray[np.float32]
    main_weights: npt.NDArray[np.float32]

"""The arrays that models learn from and answer with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LabelIndices = npt.NDArray[np.int64]  # a block's label, as its place in the classes
Probabilities = npt.NDArray[np.float32]  # (blocks, classes)
Sites = npt.NDArray[np.str_]

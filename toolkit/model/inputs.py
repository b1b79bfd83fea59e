"""The input of the second stage, made for some blocks at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..features.codes import Floats

_CLIP = 6.0  # standard deviations; larger values carry no more information


@dataclass
class Scaler:
    """Standardises columns and clips outliers."""

    mean: Floats
    scale: Floats

    @classmethod
    def of(cls, x: Floats) -> Scaler:
        """Fit mean and deviation to the columns of `x`."""
        deviation = x.std(axis=0, dtype=np.float64)
        return cls(
            x.mean(axis=0, dtype=np.float64).astype(np.float32),
            np.where(deviation > 1e-6, deviation, 1.0).astype(np.float32),
        )

    def __call__(self, x: Floats, out: Floats | None = None) -> Floats:
        """Standardise and clip `x`, into `out` if it is given."""
        found: Floats = np.subtract(x, self.mean, out=out)
        found /= self.scale
        return np.clip(found, -_CLIP, _CLIP, out=found)


@dataclass
class Inputs:
    """Columns of n blocks side by side, standardised by `scaler` if there is one. `x[first:last]` makes these rows.

    All rows of a batch at once are too many for the processor's cache: making them would take as long as the network.
    """

    parts: Sequence[npt.NDArray[Any]]
    scaler: Scaler | None = None

    def __len__(self) -> int:
        return len(self.parts[0])

    def __getitem__(self, rows: slice) -> Floats:
        found: Floats = np.concatenate([part[rows] for part in self.parts], axis=1, dtype=np.float32)
        return found if self.scaler is None else self.scaler(found, out=found)

"""Figures with intervals from a bootstrap over whole groups (sites, pages), vectorised over the draws.

Blocks of one site resemble each other, so drawing single blocks would give intervals that are far too narrow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DRAWS = 2000


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval; `low` and `high` are None if there are too few groups for an interval."""

    value: float
    low: float | None = None
    high: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        """The figure as JSON: `value`, `low`, `high`; NaN is None."""
        return {"value": _number(self.value), "low": self.low, "high": self.high}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Figure:
        """Read what `to_dict` wrote."""
        value = data["value"]
        return cls(float("nan") if value is None else float(value), data.get("low"), data.get("high"))

    def __format__(self, spec: str) -> str:
        """`{figure:.3f}` gives "0.812 (0.790 to 0.835)"."""
        if np.isnan(self.value):
            return "n/a"
        if self.low is None or self.high is None:
            return format(self.value, spec)
        return f"{format(self.value, spec)} ({format(self.low, spec)} to {format(self.high, spec)})"

    def __str__(self) -> str:
        return format(self, ".3f")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)  # JSON has no NaN


@lru_cache(maxsize=32)  # hundreds of groups of an evaluation have the same few numbers of sites
def draw_groups(groups: int, draws: int = DRAWS, seed: int = 0) -> Array:
    """How often each group is drawn: (draws, groups), each row adds up to `groups`. The array is read-only."""
    drawn: Array = np.ones((draws, groups))
    if groups > 1:
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(np.float64)
    drawn.flags.writeable = False
    return drawn


def resample(counts: Array, per_group: Array) -> Array:
    """The totals of each draw: (draws, groups) times (groups, ...) gives (draws, ...)."""
    flat = per_group.reshape(len(per_group), -1)
    return (counts @ flat).reshape(len(counts), *per_group.shape[1:])


def figure(per_group: Array, value: Callable[[Array], Array], counts: Array) -> Figure:
    """`value` of the totals with its bootstrap interval. `value` maps (..., *shape) to (...)."""
    return figures(per_group, lambda totals: value(totals)[..., None], counts)[0]


def figures(per_group: Array, values: Callable[[Array], Array], counts: Array) -> list[Figure]:
    """As `figure`, for a function with several values: it maps (..., *shape) to (..., n)."""
    point = np.asarray(values(per_group.sum(axis=0)), dtype=np.float64)
    if len(per_group) < 2:
        return [Figure(float(v)) for v in point]
    drawn = np.asarray(values(resample(counts, per_group)), dtype=np.float64)
    return [with_interval(float(v), column) for v, column in zip(point, drawn.T, strict=True)]


def with_interval(value: float, drawn: Array) -> Figure:
    """The figure of a value and of what samples gave in its place."""
    known = drawn[np.isfinite(drawn)]
    # If most draws cannot compute a figure (a label that only one site has), an interval would mislead.
    if np.isnan(value) or len(known) < 0.5 * len(drawn):
        return Figure(value)
    low, high = np.percentile(known, [2.5, 97.5])
    return Figure(value, float(low), float(high))

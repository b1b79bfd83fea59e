"""Features of a block's surroundings, from first-stage probabilities: windows, containers, shapes, the story."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .batch import Batch
from .codes import Floats, Index
from .structure import groups

Doubles = npt.NDArray[np.float64]
_STEPS = (-4, -3, -2, -1, 1, 2, 3, 4)
_REACHES = (2, 5, 12, 30)
_LEVELS = 4


def context(batch: Batch, scores: Floats, words: Doubles, *, shapes: Index, texts: Index, story: int) -> Floats:
    """Features (blocks, features) of the surroundings, from first-stage probabilities `scores` (blocks, labels).

    `words` is the number of words of each block, `shapes` and `texts` are numbers shared by blocks with the same shape
    and text, `story` is the column of the story's label.
    """
    p = scores.astype(np.float64)
    columns: list[npt.NDArray[np.generic]] = []
    for step in _STEPS:
        columns.append(_shifted(p, batch, step))
    weight = np.minimum(words, 60)[:, None] + 1.0
    for reach in _REACHES:
        above, below = _windows(p * weight, batch, reach)
        heavy_above, heavy_below = _windows(weight, batch, reach)
        columns += [above / np.maximum(heavy_above, 1e-9), below / np.maximum(heavy_below, 1e-9)]
    for key in (shapes, texts):
        columns.append(_group_mean(p, key, batch.page))
    container = batch.parent
    for _ in range(_LEVELS):
        columns.append(_group_mean(p * weight, container, batch.page, weight))
        container = batch.above[container]
    page_mean = _group_mean(p * weight, batch.page, batch.page, weight)
    columns.append(page_mean)
    columns.append(np.column_stack(_story(batch, p[:, story], words)))
    return np.asarray(np.concatenate(columns, axis=1), np.float32)


def _shifted(values: Doubles, batch: Batch, step: int) -> Doubles:
    """The values of the block `step` positions further, zero beyond the page."""
    n = len(values)
    out = np.zeros_like(values)
    at = np.arange(n) + step
    inside = (at >= 0) & (at < n)
    inside[inside] = batch.page[at[inside]] == batch.page[inside]
    out[inside] = values[at[inside]]
    return out


def _windows(values: Doubles, batch: Batch, reach: int) -> tuple[Doubles, Doubles]:
    """Sums over the `reach` blocks above and below each block, on its page."""
    n = len(values)
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    at = np.arange(n)
    first, last = batch.bounds[batch.page], batch.bounds[batch.page + 1]
    above = total[at] - total[np.maximum(at - reach, first)]
    below = total[np.minimum(at + 1 + reach, last)] - total[at + 1]
    return above, below


def _group_mean(values: Doubles, key: Index, page: Index, weight: Doubles | None = None) -> Doubles:
    group, size, _ = groups(key, page)
    count = int(group.max(initial=-1)) + 1
    total = np.column_stack([np.bincount(group, values[:, j], minlength=count) for j in range(values.shape[1])])
    if weight is None:
        return total[group] / size[:, None]
    heavy = np.bincount(group, weight[:, 0], minlength=count)
    return (total / heavy[:, None])[group]


def _story(batch: Batch, p: Doubles, words: Doubles) -> list[Doubles]:
    """The position of a block in the story: shares of it above and below, distances to the nearest sure parts."""
    n = len(p)
    first, last = batch.bounds[batch.page], batch.bounds[batch.page + 1]
    mass = np.concatenate([[0.0], np.cumsum(p * words)])
    total = np.maximum(mass[last] - mass[first], 1e-9)
    above = (mass[:-1] - mass[first]) / total
    below = (mass[last] - mass[1:]) / total
    index = np.arange(n)
    out = [above, below, np.minimum(above, below), np.log1p(total)]
    count = np.concatenate([[0.0], np.cumsum(words)])
    for sure in ((p > 0.7) & (words >= 12), p > 0.7):
        before = np.maximum.accumulate(np.where(sure, index, -1))
        before = np.concatenate([[-1], before[:-1]])
        before = np.where(before >= first, before, -1)
        after = np.minimum.accumulate(np.where(sure, index, n)[::-1])[::-1]
        after = np.concatenate([after[1:], [n]])
        after = np.where(after < last, after, -1)
        up = np.where(before >= 0, np.log1p(np.maximum(index - before, 0)), 6.0)
        down = np.where(after >= 0, np.log1p(np.maximum(after - index, 0)), 6.0)
        words_up = np.where(before >= 0, np.log1p(np.maximum(count[index] - count[before + 1], 0)), 8.0)
        words_down = np.where(after >= 0, np.log1p(np.maximum(count[after] - count[index + 1], 0)), 8.0)
        out += [up, down, words_up, words_down, np.minimum(up, down)]
    return out

"""Features of a block's surroundings, from first-stage probabilities: windows, containers, shapes, the story."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .batch import Batch
from .codes import Floats
from .groups import sums

Doubles = npt.NDArray[np.float64]
_STEPS = (-4, -3, -2, -1, 1, 2, 3, 4)
_REACHES = (2, 5, 12, 30)
_LEVELS = 4


def context(batch: Batch, scores: Floats, words: Doubles, *, story: int) -> list[npt.NDArray[np.generic]]:
    """Features (blocks, features) of the surroundings, from first-stage probabilities `scores` (blocks, labels).

    `words` is the number of words of each block, `story` is the column of the story's label.
    """
    p = scores.astype(np.float64)
    weight = np.minimum(words, 60)[:, None] + 1.0
    weighted = np.concatenate([p * weight, weight], axis=1)
    columns: list[npt.NDArray[np.generic]] = [_shifted(scores, batch)]
    columns += _windows(weighted, batch)
    columns += [batch.same_shape.mean(p), batch.same_text.mean(p)]
    # The sums of the containers at each level are those of the level below, added up.
    totals, container = sums(weighted, batch.parent, len(batch.above)), batch.parent
    for level in range(_LEVELS):
        if level:
            totals, container = sums(totals, batch.above, len(batch.above)), batch.above[container]
        columns.append(_means(totals)[container])
    columns.append(_means(sums(weighted, batch.page, len(batch.sizes)))[batch.page])
    columns += [part[:, None] for part in _story(batch, p[:, story], words)]
    return columns


def _means(totals: Doubles) -> Doubles:
    """Weighted sums, in the last column the weights -> means."""
    return np.asarray(totals[:, :-1] / np.maximum(totals[:, -1:], 1e-9), np.float64)


def _shifted(values: Floats, batch: Batch) -> Floats:
    """The values of the blocks at `_STEPS` from each, zero beyond the page."""
    n, width = values.shape
    padded = np.zeros((n + 1, width), np.float32)
    padded[:-1] = values
    at = np.arange(n)
    steps = [np.where((at + step >= batch.first) & (at + step < batch.last), at + step, n) for step in _STEPS]
    return np.asarray(padded[np.stack(steps, axis=1)].reshape(n, -1), np.float32)


def _windows(weighted: Doubles, batch: Batch) -> list[Doubles]:
    """Means over the blocks above and below each block, for each of `_REACHES`, on its page."""
    n = len(weighted)
    total = np.zeros((n + 1, weighted.shape[1]))
    np.cumsum(weighted, axis=0, out=total[1:])
    at = np.arange(n)
    means = []
    for reach in _REACHES:
        means.append(_means(total[:-1] - total[np.maximum(at - reach, batch.first)]))
        means.append(_means(total[np.minimum(at + 1 + reach, batch.last)] - total[1:]))
    return means


def _story(batch: Batch, p: Doubles, words: Doubles) -> list[Doubles]:
    """The position of a block in the story: shares of it above and below, distances to the nearest sure parts."""
    n = len(p)
    first, last = batch.first, batch.last
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

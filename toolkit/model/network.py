"""The second stage: a small convolutional network that reads the blocks of a page in their order.

It is trained and run with NumPy alone, so a saved model needs no pickle and no particular version of a library.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..features.codes import Floats, Index

REACHES = (1, 2, 4, 8)  # each layer also reads the blocks this far above and below: 15 blocks in all
_CLIP = 6.0  # standard deviations; larger values carry no more information
_DROPPED = 0.1  # share of hidden values that are set to zero in training

Layers = list[tuple[Floats, Floats]]


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

    def __call__(self, x: Floats) -> Floats:
        """Standardise and clip `x`."""
        found: Floats = np.asarray(x - self.mean, np.float32)
        found /= self.scale
        return np.clip(found, -_CLIP, _CLIP, out=found)


@dataclass
class Network:
    """Members of an ensemble, each a list of (weights, bias): the input, one layer for each of `REACHES`, the output.

    The outputs are the scores of `labels` labels and, if main content was learned (`main`), that of main content.
    """

    members: list[Layers]
    labels: int

    @property
    def main(self) -> bool:
        """Whether main content was learned."""
        return len(self.members[0][-1][1]) > self.labels

    def probabilities(self, x: Floats, sizes: Index) -> tuple[Floats, Floats | None]:
        """From standardised features of pages with `sizes` blocks: (blocks, labels), and (blocks,) main content."""
        near = _neighbours(sizes)
        found = [_forward(layers, x, near) for layers in self.members]
        labels = _mean([_softmax(scores[:, : self.labels]) for scores in found])
        return labels, _mean([_logistic(scores[:, self.labels]) for scores in found]) if self.main else None


Near = list[tuple[Index, Index]]
Kept = list[tuple[Floats, Floats]]  # the input and the output of each layer


def _neighbours(sizes: Index) -> Near:
    """For each reach the rows so far above and below on the same page; the number of rows where there is none."""
    n = int(sizes.sum())
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    last = np.repeat(np.cumsum(sizes), sizes)
    row = np.arange(n)
    return [
        (np.where(row - reach >= first, row - reach, n), np.where(row + reach < last, row + reach, n))
        for reach in REACHES
    ]


def _forward(
    layers: Layers,
    x: Floats,
    near: Near,
    *,
    kept: Kept | None = None,
    chance: np.random.Generator | None = None,
) -> Floats:
    """Scores (blocks, outputs). `kept` takes what the training needs; with `chance` some values are dropped."""

    def active(source: Floats, weights: Floats, bias: Floats) -> Floats:
        found = source @ weights
        found += bias
        np.maximum(found, 0, out=found)
        if chance is not None:
            found *= (chance.random(found.shape, np.float32) >= _DROPPED) / np.float32(1 - _DROPPED)
        if kept is not None:
            kept.append((source, found))
        return found

    h = active(x, *layers[0])
    for (weights, bias), (above, below) in zip(layers[1:-1], near, strict=True):
        wide = np.zeros((len(h) + 1, h.shape[1]), np.float32)  # the last row stands for blocks beyond the page
        wide[:-1] = h
        h = h + active(np.concatenate([wide[above], h, wide[below]], axis=1), weights, bias)
    if kept is not None:
        kept.append((h, h))
    weights, bias = layers[-1]
    return h @ weights + bias


def _mean(answers: list[Floats]) -> Floats:
    return np.asarray(np.mean(answers, axis=0), np.float32)


def _softmax(scores: Floats) -> Floats:
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True), np.float32)


def _logistic(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))), np.float32)

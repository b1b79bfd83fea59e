"""The second stage: a small convolutional network that reads the blocks of a page in their order.

It is trained and run with NumPy alone, so a saved model needs no pickle and no particular version of a library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..features.codes import Floats, Index
from .inputs import Inputs

REACHES = (1, 2, 4, 8)  # each layer also reads the blocks this far above and below: 15 blocks in all
_CHUNK = 1_000  # blocks of whole pages that are labelled at once: few enough to stay in the cache

Layers = list[tuple[Floats, Floats]]


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

    def probabilities(self, x: Floats | Inputs, sizes: Index) -> tuple[Floats, Floats | None]:
        """From standardised features of pages with `sizes` blocks: (blocks, labels), and (blocks,) main content."""
        labels = np.empty((len(x), self.labels), np.float32)
        main = np.empty(len(x), np.float32)
        for first, last, some in _chunks(sizes):
            rows = x[first:last]
            found = [_scores(layers, rows, some) for layers in self.members]
            labels[first:last] = _mean([softmax(scores[:, : self.labels]) for scores in found])
            if self.main:
                main[first:last] = _mean([logistic(scores[:, self.labels]) for scores in found])
        return labels, main if self.main else None


def _chunks(sizes: Index) -> Iterator[tuple[int, int, Index]]:
    """Whole pages with about `_CHUNK` blocks: first and last block, and the sizes of the pages."""
    first, pages, blocks = 0, [], 0
    for size in sizes.tolist():
        pages.append(size)
        blocks += size
        if blocks >= _CHUNK:
            yield first, first + blocks, np.array(pages)
            first, pages, blocks = first + blocks, [], 0
    if blocks:
        yield first, first + blocks, np.array(pages)


def _scores(layers: Layers, x: Floats, sizes: Index) -> Floats:
    """Scores (blocks, outputs) of pages with `sizes` blocks."""
    # Zeros between the pages, so that the blocks above and below are slices, and none is beyond the page.
    gap = REACHES[-1]
    at = np.arange(len(x)) + np.repeat(np.arange(1, len(sizes) + 1) * gap, sizes)
    weights, bias = layers[0]
    width = weights.shape[1]
    h = np.zeros((len(x) + (len(sizes) + 1) * gap, width), np.float32)
    edges = np.ones(len(h), bool)
    edges[at] = False
    beyond = np.flatnonzero(edges)
    h[at] = np.maximum(x @ weights + bias, 0)
    for reach, (weights, bias) in zip(REACHES, layers[1:-1], strict=True):
        # What each block says to the one below, to itself, and to the one above.
        parts = h @ np.concatenate(np.split(weights, 3), axis=1)
        found = parts[:, width : 2 * width]
        found[reach:] += parts[:-reach, :width]
        found[:-reach] += parts[reach:, 2 * width :]
        found += bias
        np.maximum(found, 0, out=found)
        found[beyond] = 0
        h += found
    weights, bias = layers[-1]
    return np.asarray(h.take(at, axis=0) @ weights + bias, np.float32)


def _mean(answers: list[Floats]) -> Floats:
    return np.asarray(np.mean(answers, axis=0), np.float32)


def softmax(scores: Floats) -> Floats:
    """Shares (blocks, labels) that add up to one."""
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True), np.float32)


def logistic(scores: Floats) -> Floats:
    """Scores as probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))), np.float32)

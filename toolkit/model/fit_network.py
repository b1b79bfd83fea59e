"""The training of the second stage, with NumPy alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from ..features.codes import Floats, Index
from .arrays import Targets
from .network import REACHES, Layers, Network, logistic, softmax

_NOISE = 0.3  # standard deviations, added to the inputs in training: keeps the network from memorising single pages
_DROPPED = 0.1  # share of hidden values that are set to zero in training
_DECAY = 1e-4
_RATE, _TUNING_RATE = 3e-3, 1e-3  # of learning, at its highest; less for a network that is trained further
_AVERAGED = 100  # steps
_BATCH = 1_500  # blocks
_STEPS = 600  # with few pages, smaller batches and more rounds: else ten pages would give too few steps to learn from
_FEWEST = 200
_MOST_EPOCHS = 60
_BALANCE, _RAREST = 0.3, 0.01  # power of a label's share; smaller shares than this count as this
_MAIN = 0.5  # weight of main content beside the labels
_NEVER = -30.0  # the score of a label that no block has

Near = list[tuple[Index, Index]]
Kept = list[tuple[Floats, Floats]]  # the input and the output of each layer


def fit_network(
    x: Floats, sizes: Index, targets: Targets, *, seed: int, members: int, hidden: int, epochs: int,
    start: Network | None = None,
) -> Network:  # fmt: skip
    """Train on standardised features (n, f) of pages with `sizes` blocks. A label of no block gets no probability.

    With `start`, a network with the same labels, its members are trained further.
    """
    labels = targets.labels.shape[1]
    outputs = labels + bool((targets.main_weights > 0).any())
    made = []
    with threadpool_limits(1):  # the matrices are small: more threads would only wait for each other
        for k in range(len(start.members) if start else members):
            chance = np.random.default_rng(seed + k)
            if start:
                layers = [(weights.copy(), bias.copy()) for weights, bias in start.members[k]]
            else:
                layers = _drawn(chance, x.shape[1], hidden, outputs)
            layers = _trained(
                layers, x, sizes, targets=targets, epochs=epochs, chance=chance, rate=_TUNING_RATE if start else _RATE
            )
            if start is None:
                unseen = np.flatnonzero(~(targets.labels * targets.weights[:, None] > 0).any(axis=0))
                layers[-1][0][:, unseen], layers[-1][1][unseen] = 0, _NEVER
            made.append(layers)
    return Network(made, labels)


def _drawn(chance: np.random.Generator, inputs: int, hidden: int, outputs: int) -> Layers:
    """Random weights. The layers add little to what they get at first, and the outputs are nearly equal."""
    shapes = [(inputs, hidden, 1.0), *[(3 * hidden, hidden, 0.25)] * len(REACHES), (hidden, outputs, 0.1)]
    return [
        (
            (chance.standard_normal((a, b), np.float32) * np.sqrt(2 * gain / a)).astype(np.float32),
            np.zeros(b, np.float32),
        )
        for a, b, gain in shapes
    ]


def _trained(
    layers: Layers, x: Floats, sizes: Index, *, targets: Targets, epochs: int, chance: np.random.Generator, rate: float
) -> Layers:
    """Adam with a rate that rises shortly and falls; the result is a moving average over the second half."""
    blocks = min(_BATCH, max(64, len(x) // 50), len(x))
    blocks = max(blocks, len(x) // np.count_nonzero(sizes))  # batches are whole pages
    rounds = max(epochs, min(_MOST_EPOCHS, _STEPS * blocks // len(x)))
    steps = max(rounds * len(x) // blocks + 1, _FEWEST)
    warm_up = min(100, steps // 10)
    weights = _evened(targets.weights * (targets.labels @ _balance(targets))) / blocks
    main_weights = _evened(targets.main_weights) * np.float32(_MAIN / blocks)
    labels = targets.labels.shape[1]
    values = [part for layer in layers for part in layer]
    first, second = [np.zeros_like(v) for v in values], [np.zeros_like(v) for v in values]
    average = [v.copy() for v in values]
    batches = _batches(sizes, blocks, chance)
    for step in range(1, steps + 1):
        rows, some = next(batches)
        noise = chance.standard_normal((len(rows), x.shape[1]), np.float32) * np.float32(_NOISE)
        near = _neighbours(some)
        kept: Kept = []
        scores = _forward(layers, x[rows] + noise, near, kept=kept, chance=chance)
        slope = np.zeros_like(scores)
        slope[:, :labels] = (softmax(scores[:, :labels]) - targets.labels[rows]) * weights[rows, None]
        if scores.shape[1] > labels:
            slope[:, labels] = (logistic(scores[:, labels]) - targets.main[rows]) * main_weights[rows]
        done = step / steps
        now = rate * min(1.0, step / warm_up) * (0.02 + 0.49 * (1 + np.cos(np.pi * done)))
        for v, m, s, g in zip(values, first, second, _backward(layers, slope, kept, near), strict=True):
            m += 0.1 * (g - m)
            s += 0.01 * (g * g - s)
            change = m / (1 - 0.9**step) / (np.sqrt(s / (1 - 0.99**step)) + 1e-8)
            v -= np.float32(now) * (change + np.float32(_DECAY) * v if v.ndim > 1 else change)
        latest = np.float32(1 / min(max(step - steps // 2, 1), _AVERAGED))
        for a, v in zip(average, values, strict=True):
            a += (v - a) * latest
    return list(zip(average[::2], average[1::2], strict=True))


def _balance(targets: Targets) -> Floats:
    """A weight for each label: rare ones count more, though less than in proportion."""
    shares = np.average(targets.labels, axis=0, weights=targets.weights)
    return np.asarray(np.maximum(shares * len(shares), _RAREST) ** -_BALANCE, np.float32)


def _evened(weights: Floats) -> Floats:
    """Weights with a mean of one over the rows that have any."""
    some = weights[weights > 0]
    return weights / some.mean(dtype=np.float64).astype(np.float32) if len(some) else weights


def _batches(sizes: Index, blocks: int, chance: np.random.Generator) -> Iterator[tuple[Index, Index]]:
    """Rows and sizes of whole pages, drawn without end, at least `blocks` rows at once."""
    starts = np.cumsum(sizes) - sizes
    chosen: list[int] = []
    while True:
        for page in chance.permutation(np.flatnonzero(sizes)).tolist():
            chosen.append(page)
            if sizes[chosen].sum() >= min(blocks, sizes.sum()):
                yield np.concatenate([np.arange(starts[k], starts[k] + sizes[k]) for k in chosen]), sizes[chosen]
                chosen = []


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


def _backward(layers: Layers, slope: Floats, kept: Kept, near: Near) -> list[Floats]:
    """The gradients of all weights and biases, from those of the scores (`slope`)."""
    found: list[Floats] = []

    def layer(k: int, through: Floats) -> Floats:
        """Keep the gradients of layer `k`; those of its input."""
        source, out = kept[k]
        if k < len(layers) - 1:  # what was dropped is zero, too
            through = through * (out > 0) / np.float32(1 - _DROPPED)
        found[:0] = [source.T @ through, through.sum(axis=0)]
        return through @ layers[k][0].T if k else through

    h = layer(len(layers) - 1, slope)
    n, width = h.shape
    for k in range(len(layers) - 2, 0, -1):
        above, below = near[k - 1]
        back = layer(k, h)
        h = h + back[:, width : 2 * width]
        # A block is at most once the neighbour of another one at the same distance, so no two rows collide.
        for rows, part in ((above, back[:, :width]), (below, back[:, 2 * width :])):
            real = rows < n
            h[rows[real]] += part[real]
    layer(0, h)
    return found

"""The second stage: a small neural network over the features of a block and its context.

It is trained with scikit-learn, but stored and run as plain arrays, so a saved model needs no pickle and no particular
version.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from ..features.codes import Floats
from .arrays import LabelIndices

_NOISE = 0.3  # standard deviations
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

    def __call__(self, x: Floats) -> Floats:
        """Standardise and clip `x`."""
        found: Floats = np.asarray(x - self.mean, np.float32)
        found /= self.scale
        return np.clip(found, -_CLIP, _CLIP, out=found)


@dataclass
class Network:
    """Members of an ensemble, each a list of (weights, bias) by layer; their probabilities are averaged."""

    members: list[list[tuple[Floats, Floats]]]

    def probabilities(self, x: Floats) -> Floats:
        """Probabilities (blocks, labels) from standardised features."""
        return np.asarray(np.mean([_forward(layers, x) for layers in self.members], axis=0), np.float32)

    def cooled(self, temperature: float) -> Network:
        """The same network with less confident answers: its scores are divided by `temperature`."""
        scale = np.float32(temperature)
        return Network([[*layers[:-1], (layers[-1][0] / scale, layers[-1][1] / scale)] for layers in self.members])


def _forward(layers: Sequence[tuple[Floats, Floats]], x: Floats) -> Floats:
    for weights, bias in layers[:-1]:
        x = np.maximum(x @ weights + bias, 0.0)
    weights, bias = layers[-1]
    scores = x @ weights + bias
    scores -= scores.max(axis=1, keepdims=True)
    e = np.exp(scores)
    return np.asarray(e / e.sum(axis=1, keepdims=True), np.float32)


def fit_network(
    x: Floats, y: LabelIndices, labels: int, *, seed: int, members: int, hidden: int, epochs: int,
    start: Network | None = None, weights: Floats | None = None,
) -> Network:  # fmt: skip
    """Train on standardised features (n, f) and label numbers (n,). A label that is not in `y` gets no probability.

    With `start`, a network with the same labels, its members are trained further. `weights` (n,) are sample weights.
    """
    made = []
    # With few pages, smaller batches and more rounds: else ten pages would give too few steps to learn from.
    batch = min(512, max(32, len(y) // 50), len(y))
    rounds = max(epochs, min(60, 600 * batch // len(y)))
    for k in range(len(start.members) if start else members):
        # A little noise keeps the network from memorising single pages.
        noise = np.random.default_rng(seed + k).standard_normal(x.shape, np.float32) * np.float32(_NOISE)
        model = MLPClassifier(
            (hidden,),
            alpha=1e-3,
            learning_rate_init=1e-3,
            batch_size=batch,
            max_iter=rounds,
            random_state=seed + k,
            tol=0.0,
            n_iter_no_change=rounds + 1,
        )
        # The matrices are small: more threads would only wait for each other.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is chosen here
            if start is None:
                model.fit(x + noise, y, sample_weight=weights)
            else:
                _learn_on(model, start.members[k], x + noise, y=y, labels=labels, epochs=epochs)
        layers = [
            (w.astype(np.float32), b.astype(np.float32)) for w, b in zip(model.coefs_, model.intercepts_, strict=True)
        ]
        last, bias = layers[-1]
        if len(model.classes_) == 2:
            # One logistic output: the second class against the first.
            last, bias = np.hstack([0 * last, last]), np.hstack([0 * bias, bias])
        wide = np.zeros((last.shape[0], labels), np.float32)
        offset = np.full(labels, -30.0, np.float32)
        wide[:, model.classes_], offset[model.classes_] = last, bias
        layers[-1] = (wide, offset)
        made.append(layers)
    return Network(made)


def _learn_on(
    model: MLPClassifier,
    layers: Sequence[tuple[Floats, Floats]],
    x: Floats,
    *,
    y: LabelIndices,
    labels: int,
    epochs: int,
) -> None:
    """Train further from given weights. For two labels scikit-learn has one output, the second against the first."""
    weights, bias = layers[-1]
    if labels == 2:
        layers = [*layers[:-1], (weights[:, 1:] - weights[:, :1], bias[1:] - bias[:1])]
    model.partial_fit(x[: model.batch_size], y[: model.batch_size], classes=np.arange(labels))
    model.coefs_ = [weights.astype(x.dtype) for weights, _ in layers]
    model.intercepts_ = [bias.astype(x.dtype) for _, bias in layers]
    for _ in range(epochs):
        model.partial_fit(x, y)

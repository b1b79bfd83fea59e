"""The first stage: linear models over hashed features of each block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..features.bags import scores
from ..features.build import Features
from ..features.codes import Floats

_BITS = 8  # after the first of the largest weight; more make the file larger and no answer better


def rounded(weights: Floats) -> Floats:
    """Weights as they are on disk, so that a loaded model gives exactly the answers of the trained one."""
    return restored(*whole(weights))


def whole(weights: Floats) -> tuple[npt.NDArray[np.int16], Floats]:
    """Weights (n, k) as whole numbers, and the step of each column: a power of two, so that nothing else is rounded."""
    largest = np.abs(weights).max(axis=0, initial=0)
    step = np.exp2(np.floor(np.log2(np.maximum(largest, 1e-9))) - _BITS).astype(np.float32)
    most = (2 << _BITS) - 1  # a weight that is rounded up to the next power would change the step
    return np.clip(np.round(weights / step), -most, most).astype(np.int16), step


def restored(numbers: npt.NDArray[np.int16], step: Floats) -> Floats:
    """The weights of `whole`."""
    return np.ascontiguousarray(numbers.astype(np.float32) * step)


@dataclass
class Linear:
    """Weights of one view: `text` and `markup` (2**18, labels), `dense` (features, labels); None if unused."""

    text: Floats | None
    markup: Floats | None
    dense: Floats | None
    bias: Floats


class Linears:
    """Several linear models, whose weights are concatenated so that features are looked up once.

    The models keep views of the concatenated weights, so that memory holds them once.
    """

    def __init__(self, models: Mapping[str, Linear]) -> None:
        self.models = dict(models)
        self._weights = {part: self._side_by_side(part) for part in ("text", "markup", "dense")}

    def _side_by_side(self, part: str) -> tuple[list[str], Floats | None]:
        names = [name for name, model in self.models.items() if getattr(model, part) is not None]
        if not names:
            return names, None
        found = [getattr(self.models[name], part) for name in names]
        weights = np.ascontiguousarray(np.concatenate(found, axis=1))
        ends = np.cumsum([own.shape[1] for own in found])
        for name, own in zip(names, np.split(weights, ends[:-1], axis=1), strict=True):
            setattr(self.models[name], part, own)
        return names, weights

    def probabilities(self, features: Features, scaled: Floats) -> dict[str, Floats]:
        """Probabilities (blocks, labels) by model. `scaled` are the standardised dense features."""
        sums = {name: np.zeros((len(features), len(m.bias)), np.float32) + m.bias for name, m in self.models.items()}
        for part, (names, weights) in self._weights.items():
            if weights is None:
                continue
            found = scaled @ weights if part == "dense" else scores(getattr(features, part), weights)
            at = 0
            for name in names:
                width = len(self.models[name].bias)
                sums[name] += found[:, at : at + width]
                at += width
        return {name: _shares(total) for name, total in sums.items()}


def _shares(sums: Floats) -> Floats:
    """One-against-rest probabilities, divided by their sum."""
    one_against_rest = 1.0 / (1.0 + np.exp(-np.clip(sums, -30, 30)))
    total = one_against_rest.sum(axis=1, keepdims=True)
    return np.asarray(one_against_rest / np.maximum(total, 1e-9), np.float32)

"""The first stage: linear models over hashed features of each block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import SGDClassifier

from ..features.bags import WIDTH, matrix, scores
from ..features.build import Features
from ..features.codes import Floats
from .arrays import LabelIndices

VIEWS = {"text": (True, False, False), "markup": (False, True, False), "joint": (True, True, True)}
_DENSE = 0.05  # scales the ~100 dense columns to the length of a row of hashed ones


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
    """Several linear models, whose weights are concatenated so that features are looked up once."""

    def __init__(self, models: Mapping[str, Linear]) -> None:
        self.models = dict(models)
        self._weights = {part: self._side_by_side(part) for part in ("text", "markup", "dense")}

    def _side_by_side(self, part: str) -> tuple[list[str], Floats | None]:
        names = [name for name, model in self.models.items() if getattr(model, part) is not None]
        found = [getattr(self.models[name], part) for name in names]
        return names, np.ascontiguousarray(np.concatenate(found, axis=1)) if found else None

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


@dataclass(frozen=True)
class Table:
    """Training matrices, made once for all views: `text` and `markup` (blocks, 2**18), `dense` (blocks, features)."""

    text: csr_matrix
    markup: csr_matrix
    dense: csr_matrix

    @classmethod
    def of(cls, features: Features, scaled: Floats) -> Table:
        """The matrices for `features`, whose standardised dense part is `scaled`."""
        return cls(matrix(features.text), matrix(features.markup), csr_matrix(scaled * np.float32(_DENSE)))

    def view(self, view: str) -> csr_matrix:
        """The matrix of one of VIEWS."""
        parts = [part for part, wanted in zip((self.text, self.markup, self.dense), VIEWS[view], strict=True) if wanted]
        return parts[0] if len(parts) == 1 else hstack(parts, format="csr", dtype=np.float32)


def fit_linear(
    view: str, x: csr_matrix, y: LabelIndices, *, labels: int, seed: int, weights: Floats | None = None
) -> Linear:
    """Train one view on the rows of `x` (from `Table.view`); a label that is not in `y` gets weights of zero.

    `weights` are those of the rows.
    """
    model = SGDClassifier(
        loss="log_loss", alpha=2e-6, average=True, max_iter=max(3, min(15, 250_000 // max(len(y), 1))), tol=None,
        n_jobs=-1,
        random_state=seed,
    )  # fmt: skip
    model.fit(x, y, sample_weight=weights)
    found = np.zeros((labels, x.shape[1]), np.float32)
    bias = np.full(labels, -20.0, np.float32)
    if len(model.classes_) == 2:
        # scikit-learn keeps one row for two classes: the second against the first.
        first, second = model.classes_
        found[second], bias[second] = model.coef_[0], model.intercept_[0]
        found[first], bias[first] = -model.coef_[0], -model.intercept_[0]
    else:
        found[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    text, markup, dense = VIEWS[view]
    columns = rounded(found.T)
    at = 0
    halves: list[Floats | None] = []
    for wanted in (text, markup):
        halves.append(columns[at : at + WIDTH] if wanted else None)
        at += WIDTH if wanted else 0
    return Linear(halves[0], halves[1], columns[at:] * np.float32(_DENSE) if dense else None, bias)

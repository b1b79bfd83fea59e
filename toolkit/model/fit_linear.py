"""The training of the first stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import SGDClassifier

from ..features.bags import WIDTH, matrix
from ..features.build import Features
from ..features.codes import Floats
from .arrays import LabelIndices
from .linear import Linear, rounded

VIEWS = {"text": (True, False, False), "markup": (False, True, False), "joint": (True, True, True)}
_DENSE = 0.05  # scales the ~100 dense columns to the length of a row of hashed ones


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

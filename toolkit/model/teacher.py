"""Labels for blocks that nobody labelled, from boosted trees: what they are sure of, the network learns as well.

Trees learn more from few sites than a network does, which in turn is quicker to ask. So trees teach it on the many
pages of which only the main content is known; measured by site, this brings the network half of the way (CHANGELOG:
macro-F1 +0.007).
"""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from ..features.codes import Floats
from .arrays import LabelIndices

_SURE = 0.8
_FEWEST = 2_000  # blocks; from fewer the trees learn nothing that the network does not


def taught(x: Floats, y: LabelIndices, more: Floats, seed: int) -> tuple[LabelIndices, LabelIndices]:
    """Trees that learned (n, f) features and their labels say what `more` (m, f) are: rows that they are sure of, and
    labels.
    """
    nothing = np.zeros(0, np.int64)
    if len(y) < _FEWEST or not len(more):
        return nothing, nothing
    trees = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.08, max_leaf_nodes=15, min_samples_leaf=60, l2_regularization=5.0,
        max_features=0.3,
        early_stopping=False, random_state=seed,
    ).fit(x, y)  # fmt: skip
    said = trees.predict_proba(more)
    rows = np.flatnonzero(said.max(axis=1) > _SURE)
    return rows, trees.classes_[said[rows].argmax(axis=1)]

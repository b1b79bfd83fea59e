"""The metrics of scikit-learn for pages as samples: they are computed over the labelled blocks of all pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer

from ..model.sample import check_lengths
from ..page import Blocks


@dataclass(frozen=True)
class BlockScorer:
    """A scorer of scikit-learn, called with a fitted model, pages, and their labels.

    Parameters
    ----------
    scorer : callable
        The scorer that is called with a classifier of blocks, one sample per labelled block, and their labels.
    """

    scorer: Callable[..., float]

    def __call__(self, model: Any, pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]]) -> float:
        """Score the answers of a model."""
        check_lengths(pages, labels)
        answers = np.concatenate([np.zeros((0, len(model.classes_))), *model.predict_proba(pages)])
        answers /= answers.sum(axis=1, keepdims=True)  # in double precision, as scikit-learn checks it
        gold = [label for page in labels for label in page]
        known = np.array([i for i, label in enumerate(gold) if label is not None], np.int64)
        return float(self.scorer(_Answers(model.classes_, answers), known, np.array([gold[i] for i in known])))


class _Answers(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose samples are rows of known probabilities."""

    def __init__(self, classes: Any, probabilities: Any) -> None:
        self.classes, self.probabilities = classes, probabilities
        self.classes_ = classes

    def fit(self, rows: Any, labels: Any) -> _Answers:
        return self

    def predict_proba(self, rows: Any) -> Any:
        return self.probabilities[rows]

    def predict(self, rows: Any) -> Any:
        return self.classes[self.probabilities[rows].argmax(axis=1)]


def make_block_scorer(scoring: str | Callable[..., float]) -> BlockScorer:
    """Make a metric of scikit-learn one of pages, for the argument `scoring` of `cross_validate` or `GridSearchCV`.

    scikit-learn takes lists of labels for a multi-label target and refuses `scoring="f1_macro"`. The scorer compares
    block by block, over all pages of a fold together; blocks without a label do not count.

    Parameters
    ----------
    scoring : str or callable
        Name of a scorer, such as `f1_macro`, `balanced_accuracy` or `neg_log_loss`, or one that
        `sklearn.metrics.make_scorer` made.

    Returns
    -------
    BlockScorer
        The scorer.

    Raises
    ------
    ValueError
        If scikit-learn has no scorer of that name.
    """
    return BlockScorer(get_scorer(scoring))

"""Corpus to model, cross-validation by site, and two runs compared."""

from toolkit.train.compare import ComparedRuns, compare_runs
from toolkit.train.fit import Predictions, cross_validate, evaluate_predictions, predict, train
from toolkit.train.scoring import make_block_scorer

__all__ = [
    "ComparedRuns",
    "Predictions",
    "compare_runs",
    "cross_validate",
    "evaluate_predictions",
    "make_block_scorer",
    "predict",
    "train",
]

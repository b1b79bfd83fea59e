"""Corpus to model, and cross-validation by site."""

from toolkit.train.fit import Predictions, cross_validate, evaluate_predictions, predict, train

__all__ = ["Predictions", "cross_validate", "evaluate_predictions", "predict", "train"]

"""PB012 and PB013: whether the model has learned its training pages by heart, and how true its probabilities are."""

from __future__ import annotations

from ..evaluate import Evaluation
from ..model import BlockClassifier
from ..model.seen import recognised
from ..support.text import counted
from ..train.fit import Predictions, count_labels, count_right
from .check import Check, Rule

GAP = Rule(
    "PB012",
    "Gap between training and test",
    "A model that is much better on its training pages has learned them by heart.",
    "Label pages of more sites, which help more than further pages of known ones. Trust only the test score.",
)
CALIBRATION = Rule(
    "PB013",
    "Calibration",
    "A probability that cannot be taken at its word makes thresholds, `doubts` and suggestions misleading.",
    "Take thresholds from the table of recall at a given precision, and not from the probability itself.",
)
LARGEST_GAP = 0.10
LARGEST_ERROR = 0.05
_FEWEST = 5  # pages on each side


def check_gap(found: Predictions, model: BlockClassifier | None) -> Check:
    """PB012."""
    if found.trained is not None and found.trained[1]:
        right, known = count_right(found.gold, found.predicted), count_labels(found.gold)
        return _gap(found.trained[0] / found.trained[1], right / known, "a sample of the training pages")
    if model is None:
        return GAP.not_checked("The training pages were not scored; --folds scores some.")
    itself, of_site = recognised(model, found.pages)
    sides = [
        [i for i, known in enumerate(itself) if known],
        [i for i, known in enumerate(itself) if not known and not of_site[i]],
    ]
    if min(map(len, sides)) < _FEWEST:
        return GAP.not_checked(
            f"The model was trained on {len(sides[0]):,} of these pages, and {len(sides[1]):,} are of other sites; "
            f"{_FEWEST} of each are needed."
        )
    trained, test = (_accuracy(found, side) for side in sides)
    return _gap(trained, test, counted(len(sides[0]), "page") + " that it was trained on")


def _accuracy(found: Predictions, chosen: list[int]) -> float:
    gold = [found.gold[i] for i in chosen]
    return count_right(gold, [found.predicted[i] for i in chosen]) / max(count_labels(gold), 1)


def _gap(trained: float, test: float, what: str) -> Check:
    told = f"The model is right for {trained:.1%} of the blocks of {what}, and for {test:.1%} on other sites."
    return GAP.problem(told) if trained - test > LARGEST_GAP else GAP.passed(told)


def check_calibration(e: Evaluation) -> Check:
    """PB013."""
    error = e.figures.get("calibration_error")
    if error is None:
        return CALIBRATION.not_checked("There are no probabilities.")
    blocks = sum(row["blocks"] for row in e.calibration)
    sure, right = (
        sum(row["blocks"] * row[key] for row in e.calibration) / blocks for key in ("confidence", "accuracy")
    )
    told = (
        f"The mean probability is {sure:.1%}, and {right:.1%} of the blocks are right; calibration error {error:.1%}."
    )
    bad = (error.value if error.low is None else error.low) > LARGEST_ERROR
    return CALIBRATION.problem(told) if bad else CALIBRATION.passed(told)

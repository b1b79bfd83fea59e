"""Scores of predicted labels: intervals by site, calibration, groups, and a baseline. Pure functions.

The caller must ensure that the model has not seen the sites of the test pages; `pageblocks.model.seen` checks that.
"""

from __future__ import annotations

from .changes import Changes, find_changes
from .compare import Comparison, compare_evaluations, compare_labels
from .measure import baseline, evaluate
from .result import Evaluation, Group, LabelScores, format_figure

__all__ = [
    "Changes",
    "Comparison",
    "Evaluation",
    "Group",
    "LabelScores",
    "baseline",
    "compare_evaluations",
    "compare_labels",
    "evaluate",
    "find_changes",
    "format_figure",
]

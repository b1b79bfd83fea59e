"""How good predicted labels are: scores with intervals by site, and a baseline beside them."""

from toolkit.evaluate import (
    Changes,
    Comparison,
    Evaluation,
    Group,
    LabelScores,
    baseline,
    compare_evaluations,
    compare_labels,
    evaluate,
    find_changes,
)

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
]

"""How good predicted labels are: scores with intervals by site, and a baseline beside them."""

from toolkit.evaluate import Comparison, Evaluation, Group, LabelScores, baseline, compare_evaluations, evaluate

__all__ = ["Comparison", "Evaluation", "Group", "LabelScores", "baseline", "compare_evaluations", "evaluate"]

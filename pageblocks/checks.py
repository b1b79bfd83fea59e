"""Public names of `toolkit.checks`: what makes the scores of an evaluation too high or too vague."""

from toolkit.checks import RULES, Check, check_evaluation, check_scores

__all__ = ["RULES", "Check", "check_evaluation", "check_scores"]

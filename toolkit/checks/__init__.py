"""Checks of an evaluation: what makes its scores too high, too vague, or no reason to use the model."""

from __future__ import annotations

from .check import Check, Rule
from .run import RULES, check_evaluation, check_scores

__all__ = ["RULES", "Check", "Rule", "check_evaluation", "check_scores"]

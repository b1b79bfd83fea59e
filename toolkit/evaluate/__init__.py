"""How good are predicted labels: scores with intervals by site, calibration, groups, and a baseline beside them. Pure
functions.

The test pages must be of sites that the model has not seen; nothing in here can know that, but `toolkit.model.seen` can
tell.
"""

from __future__ import annotations

from .compare import Comparison, compare
from .measure import baseline, evaluate
from .result import Evaluation, Group, LabelScores, format_figure

__all__ = ["Comparison", "Evaluation", "Group", "LabelScores", "baseline", "compare", "evaluate", "format_figure"]

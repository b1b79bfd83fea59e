"""Experiments: a TOML file asks a question, `run` answers it with figures that can be reproduced.

segment -> folds -> evaluation, each step kept by the hash of all that it depends on.
"""

from __future__ import annotations

from .compare import against_first, compare_experiments
from .listing import list_experiments
from .result import Point, Result, read_result
from .run import dry_run, run
from .settings import Experiment, find_experiment, read_experiment
from .sweep import sweep

__all__ = [
    "Experiment",
    "Point",
    "Result",
    "against_first",
    "compare_experiments",
    "dry_run",
    "find_experiment",
    "list_experiments",
    "read_experiment",
    "read_result",
    "run",
    "sweep",
]

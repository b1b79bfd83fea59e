"""Experiments: a TOML file asks a question, `run` answers it."""

from toolkit.experiment import (
    Experiment,
    Point,
    Result,
    compare_experiments,
    dry_run,
    list_experiments,
    read_experiment,
    read_result,
    run,
    sweep,
)

__all__ = [
    "Experiment",
    "Point",
    "Result",
    "compare_experiments",
    "dry_run",
    "list_experiments",
    "read_experiment",
    "read_result",
    "run",
    "sweep",
]

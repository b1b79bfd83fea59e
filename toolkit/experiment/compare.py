"""Two results, or two points of one: better, worse, or undecided."""

from __future__ import annotations

from pathlib import Path

from ..errors import Mismatch
from ..evaluate import Comparison, compare_evaluations
from .result import Point, Result, read_result
from .settings import find_experiment


def compare_experiments(a: str | Path, b: str | Path, seed: int = 0) -> list[Comparison]:
    """Compare two results, paired by site.

    Each is the name or path of an experiment. A point of its grid may follow a colon, as in "learning-curve:share 0.5";
    by default it is the best point, whose score is slightly too high.

    Parameters
    ----------
    a, b : str or Path
        The experiments.
    seed : int, default=0
        Seed of the bootstrap.

    Returns
    -------
    list of Comparison
        For each score the difference `b` minus `a` with its interval.

    Raises
    ------
    BadInput
        If there is no such experiment, or no result of it.
    UsageError
        If a result has no such point.
    Mismatch
        If the results are of different pages or labels.
    """
    return compare_evaluations(find_point(a).evaluation, find_point(b).evaluation, seed=seed)


def find_point(name: str | Path) -> Point:
    """The point `EXPERIMENT:POINT` of a result; without `:POINT` the best one."""
    file, _, point = str(name).partition(":")
    result = read_result(
        find_experiment(file.removesuffix(".json") + ".toml" if file.endswith(".json") else file).with_suffix(".json")
    )
    return result.point(point) if point else result.best()


def against_first(result: Result, seed: int = 0) -> list[Comparison | None]:
    """Each point against the first, by the first metric that can be compared; None where they are of other pages."""
    first = result.points[0].evaluation
    found: list[Comparison | None] = []
    for point in result.points:
        try:
            rows = {row.score: row for row in compare_evaluations(first, point.evaluation, seed=seed)}
        except Mismatch:
            found.append(None)
            continue
        found.append(next((rows[name] for name in result.metrics if name in rows), rows["macro_f1"]))
    return found

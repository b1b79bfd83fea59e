"""A grid of settings, tried by cross-validation over sites."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .cache import FOLDER
from .result import Result
from .run import MIRROR, Steps, run, silent
from .settings import find_experiment, read_experiment


def sweep(
    name: str | Path,
    over: dict[str, list[Any]] | None = None,
    mirror: Path | str = MIRROR,
    *,
    cache: Path | str | None = FOLDER,
    pages: int = 0,
    out: Path | str | None = None,
    on_step: Steps = silent,
) -> Result:
    """Run an experiment for all combinations of a grid.

    The best point is chosen on the pages that it is scored on, so expect slightly lower scores elsewhere.

    Parameters
    ----------
    name : str or Path
        Name of an experiment in `experiments/`, or its file.
    over : dict of str to list, optional
        Values to try by key; by default the grid of the experiment. With it the result is written to `out` only.
    mirror : Path or str, default="corpora/mirror"
        Folder of public corpora.
    cache : Path, str or None, default=".cache/experiments"
        Folder of steps that are computed already; None caches nothing.
    pages : int, default=0
        Number of pages for a trial, as for `run`; 0 takes all.
    out : Path or str, optional
        File of the result.
    on_step : callable, optional
        Called as `on_step(steps, total)`, as for `run`.

    Returns
    -------
    Result
        The result; `ranked` gives its points, best first.

    Raises
    ------
    UsageError
        If there is no grid.
    BadInput
        If settings are wrong or data is missing.
    TooFewLabels
        If there is too little to learn from.
    SeenTestPages
        If a page or a template is in two parts of the split, or a corpus is one for testing.
    """
    if not over and not read_experiment(find_experiment(name)).grid:
        raise UsageError(f"{name} has no [grid]; give one, such as --over members=1,2,4")
    return run(name, mirror, cache, pages=pages, out=out, on_step=on_step, grid=over)


def read_over(options: Sequence[str]) -> dict[str, list[Any]]:
    """`members=1,2,4` -> {"members": [1, 2, 4]}; a value that is not JSON is a word. Lists go as JSON:
    `content=[[],["web"]]`.
    """
    grid: dict[str, list[Any]] = {}
    for option in options:
        key, equals, values = option.partition("=")
        if not equals or not key or not values:
            raise UsageError(f"--over {option}: write KEY=VALUE,VALUE,...")
        try:
            whole = json.loads(values)
        except ValueError:
            whole = None
        grid[key] = whole if isinstance(whole, list) else [_value(value) for value in values.split(",")]
    return grid


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text

"""The experiments of a folder, with what they found and whether that is still of today's files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import BadInput
from .data import label_hashes
from .hashes import code
from .result import Result, read_result
from .settings import FOLDER, Experiment, read_experiment

State = Literal["fresh", "stale", "not run"]


@dataclass(frozen=True)
class ListedExperiment:
    """An experiment of a folder with its result.

    Parameters
    ----------
    name : str
        Name of the experiment.
    experiment : Experiment
        Its settings.
    result : Result or None
        Its result, None if there is none that can be read.
    state : {"fresh", "stale", "not run"}
        Whether the result is of today's settings, labels and code.
    why : str, default=""
        What has changed since, or why the result cannot be read.
    """

    name: str
    experiment: Experiment
    result: Result | None
    state: State
    why: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The best point with its first metric; None where there are no results."""
        row: dict[str, Any] = {
            "name": self.name,
            "question": self.experiment.question,
            "state": self.state,
            "changed": self.why,
        }
        row |= {"points": len(self.experiment.points()), "date": None, "metric": None, "point": None, "figure": None}
        if self.result is not None:
            metric, best = self.result.metrics[0], self.result.best()
            figure = best.evaluation.figures.get(metric)
            row |= {"date": self.result.run["date"], "metric": metric, "point": best.name}
            row["figure"] = figure.to_dict() if figure else None
        return row


def list_experiments(folder: Path | str = FOLDER) -> list[ListedExperiment]:
    """List the experiments of a folder with their results.

    Changes in the pages of public corpora are not looked for.

    Parameters
    ----------
    folder : Path or str, default="experiments"
        The folder.

    Returns
    -------
    list of ListedExperiment
        For each experiment, in the order of names, its `name`, `experiment` (settings), `result` (None without one),
        `state` ("fresh", "stale" or "not run") and `why` (what has changed since).

    Raises
    ------
    BadInput
        If there is no such folder, or a file in it is not an experiment.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInput(f"{folder}: no folder of experiments here")
    return [_row(path) for path in sorted(folder.glob("*.toml"))]


def _row(path: Path) -> ListedExperiment:
    experiment = read_experiment(path)
    if not path.with_suffix(".json").exists():
        return ListedExperiment(path.stem, experiment, None, "not run")
    try:
        result = read_result(path.with_suffix(".json"))
    except BadInput as error:
        return ListedExperiment(path.stem, experiment, None, "stale", str(error))
    changed = []
    if result.settings != experiment.model_dump(exclude={"title", "question", "metrics"}):
        changed.append("settings")
    try:
        if result.made["labels"] != label_hashes(experiment, path.parent):
            changed.append("labels")
    except BadInput:
        changed.append("labels")
    if result.made["code"] != code():
        changed.append("code")
    return ListedExperiment(path.stem, experiment, result, "stale" if changed else "fresh", ", ".join(changed))

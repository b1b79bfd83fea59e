"""experiments/NAME.json: what an experiment found, by point of its grid, with all that it came from. No page text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput, UsageError
from ..evaluate import Evaluation
from ..support.files import write_json

FORMAT = 1


@dataclass
class Point:
    """The result of one combination of a grid's values.

    Parameters
    ----------
    differs : dict of str to object
        The keys of the grid with their values here; empty without a grid.
    pages : int
        Number of training pages, averaged over the folds.
    evaluation : Evaluation
        The scores.
    """

    differs: dict[str, Any]
    pages: int
    evaluation: Evaluation = field(repr=False)

    @property
    def name(self) -> str:
        """The point's name: what differs from the experiment's other points."""
        return self.name_of(self.differs)

    @staticmethod
    def name_of(differs: dict[str, Any]) -> str:
        """Name a combination of values.

        Parameters
        ----------
        differs : dict of str to object
            Values by key.

        Returns
        -------
        str
            The keys and values, such as "share 0.5, members 2"; "" if there are none.
        """
        return ", ".join(f"{key} {_plain(value)}" for key, value in differs.items())

    def to_dict(self) -> dict[str, Any]:
        """Convert the point to JSON's types.

        Returns
        -------
        dict of str to object
            `name`, `differs`, `pages` and `evaluation`.
        """
        return {
            "name": self.name,
            "differs": self.differs,
            "pages": self.pages,
            "evaluation": self.evaluation.to_dict(),
        }

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Point:
        """Make a point from what `to_dict` returned.

        Parameters
        ----------
        row : dict of str to object
            The dictionary.

        Returns
        -------
        Point
            The point.
        """
        return cls(row["differs"], row["pages"], Evaluation.from_dict(row["evaluation"]))


@dataclass
class Result:
    """The result of an experiment.

    Parameters
    ----------
    name : str
        Name of the experiment.
    title, question : str
        Its title and question.
    metrics : list of str
        The scores to show; the first one ranks.
    settings : dict of str to object
        The other settings of the experiment.
    points : list of Point
        One point for each combination of the grid's values.
    made : dict of str to object
        Hashes of `code`, `labels` and `pages`, and `versions`; the same ones give the same points.
    run : dict of str to object
        The `date` of the run (ISO 8601, UTC) and the processor time of its folds in `seconds`.
    test : dict of str to object, optional
        The `evaluation` on the test part and all `openings` of it, if it was opened.
    """

    name: str
    title: str
    question: str
    metrics: list[str]
    settings: dict[str, Any] = field(repr=False)
    points: list[Point]
    made: dict[str, Any] = field(repr=False)
    run: dict[str, Any] = field(repr=False)
    test: dict[str, Any] | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Convert the result to JSON's types.

        Returns
        -------
        dict of str to object
            The content of the result file.
        """
        return {
            "format": FORMAT,
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "metrics": self.metrics,
            "settings": self.settings,
            "made": self.made,
            "run": self.run,
            "test": self.test,
            "points": [point.to_dict() for point in self.points],
        }

    def best(self) -> Point:
        """Find the best point.

        Returns
        -------
        Point
            The first of `ranked`.
        """
        return self.ranked()[0]

    def ranked(self) -> list[Point]:
        """Rank the points by the first metric.

        Returns
        -------
        list of Point
            The points, best first: the lowest for errors and corrections, the highest for other scores. Points without
            the score come last.
        """
        name = self.metrics[0]
        sign = 1 if name in LOWER else -1

        def place(point: Point) -> float:
            figure = point.evaluation.figures.get(name)
            return float("inf") if figure is None or figure.value != figure.value else sign * figure.value

        return sorted(self.points, key=place)

    def point(self, name: str = "") -> Point:
        """Find a point by its name.

        Parameters
        ----------
        name : str, default=""
            The name, such as "share 0.5"; by default the first point.

        Returns
        -------
        Point
            The point.

        Raises
        ------
        UsageError
            If no point has that name.
        """
        for point in self.points:
            if not name or point.name == name:
                return point
        raise UsageError(f"{self.name} has no point {name!r}; it has {'; '.join(p.name for p in self.points)}")


LOWER = {"corrections_per_page", "log_loss", "brier", "calibration_error"}


def read_result(path: Path | str) -> Result:
    """Read the result file of an experiment.

    Parameters
    ----------
    path : Path or str
        The JSON file.

    Returns
    -------
    Result
        The result.

    Raises
    ------
    BadInput
        If the file is missing, is not a result, or is of another version of the format.
    """
    try:
        data = json.loads(Path(path).read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path}: no results yet; `pageblocks experiment run` makes them") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read ({error})") from error
    try:
        if data["format"] != FORMAT:
            raise BadInput(f"{path}: results of format {data['format']!r}, this version reads {FORMAT}; run it again")
        points = [Point.from_dict(row) for row in data["points"]]
        keys = ("name", "title", "question", "metrics", "settings", "made", "run", "test")
        return Result(points=points, **{key: data[key] for key in keys})
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path}: not the results of an experiment ({error!r}); run it again") from error


def write_result(result: Result, path: Path | str) -> bool:
    """Write a result; whether the file changed. A file that differs only in when it was run stays as it is.

    Raises BadInput where the existing file is not a result.
    """
    path = Path(path)
    if path.exists():
        old = read_result(path).to_dict()
        new = json.loads(json.dumps(result.to_dict()))
        if old | {"run": None} == new | {"run": None}:
            return False  # the first date is kept
    write_json(path, result.to_dict())
    return True


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "+".join(map(_plain, value)) or "nothing"
    return value if isinstance(value, str) else json.dumps(value)

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
    """`differs`: the keys of the grid with their values here; `pages`: training pages of an average fold."""

    differs: dict[str, Any]
    pages: int
    evaluation: Evaluation = field(repr=False)

    @property
    def name(self) -> str:
        """The point's name: what differs from the experiment's other points."""
        return self.name_of(self.differs)

    @staticmethod
    def name_of(differs: dict[str, Any]) -> str:
        """`share 0.5, members 2`; "" for an experiment without a grid."""
        return ", ".join(f"{key} {_plain(value)}" for key, value in differs.items())

    def to_dict(self) -> dict[str, Any]:
        """The point or result as JSON takes it."""
        return {
            "name": self.name,
            "differs": self.differs,
            "pages": self.pages,
            "evaluation": self.evaluation.to_dict(),
        }

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Point:
        """The inverse of `to_dict`."""
        return cls(row["differs"], row["pages"], Evaluation.from_dict(row["evaluation"]))


@dataclass
class Result:
    """`made` says of what it was made (the same again gives the same points); `run` when, and how long it took.

    `test`: what the test split said, with every time that it was opened before.
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
        """The point or result as JSON takes it."""
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
        """The point with the highest first metric; the lowest for errors and corrections."""
        return self.ranked()[0]

    def ranked(self) -> list[Point]:
        """The points, best first by the first metric."""
        name = self.metrics[0]
        sign = 1 if name in LOWER else -1

        def place(point: Point) -> float:
            figure = point.evaluation.figures.get(name)
            return float("inf") if figure is None or figure.value != figure.value else sign * figure.value

        return sorted(self.points, key=place)

    def point(self, name: str = "") -> Point:
        """A point by its name (`share 0.5`); by default the first. Raises UsageError where there is none of that
        name.
        """
        for point in self.points:
            if not name or point.name == name:
                return point
        raise UsageError(f"{self.name} has no point {name!r}; it has {'; '.join(p.name for p in self.points)}")


LOWER = {"corrections_per_page", "log_loss", "brier", "calibration_error"}


def read_result(path: Path | str) -> Result:
    """Raises BadInput for anything but a result of this version."""
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
    """Write unless the file holds the same already; whether it was written. Raises AlreadyExists where the file holds
    something else.
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

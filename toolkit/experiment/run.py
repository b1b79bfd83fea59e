"""Run an experiment: known parts come from the cache, the rest is computed, and the result is written beside the
TOML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ..corpus import open_test
from ..errors import BadInput
from ..evaluate import Evaluation
from ..scheme import Scheme
from . import data as source
from .cache import FOLDER, Cache
from .data import Data, Sources
from .folds import Answers, Fold, make_folds, predict_fold
from .hashes import MEASURING, code, hash_value, versions
from .measure import measure
from .parts import check_parts, chosen_split, learn_and_test, test_fold
from .result import Point, Result, write_result
from .settings import Experiment, find_experiment, read_experiment

MIRROR = Path("corpora/mirror")


class Steps(Protocol):
    """Counts folds that are done, or says how many there are."""

    def __call__(self, steps: int = 1, total: int | None = None) -> None:
        """Report `steps` finished steps of `total`."""


def silent(steps: int = 1, total: int | None = None) -> None:
    """Progress that is not shown."""
    return None


@dataclass
class Plan:
    """A point of the grid with its data and folds."""

    differs: dict[str, Any]
    experiment: Experiment
    gold: Data = field(repr=False)
    content: list[Data] = field(repr=False)
    silver: Data | None = field(repr=False)
    folds: list[Fold] = field(repr=False)
    files: dict[str, str] = field(default_factory=dict, repr=False)  # see `data.label_files`
    scheme: Scheme | None = field(default=None, repr=False)  # of the corpus

    @property
    def key(self) -> str:
        """A hash of the evaluation: the folds' answers and how they are scored."""
        how = [self.experiment.labels, self.experiment.merge, self.experiment.seed, self.experiment.format]
        order = [self.scheme.names] if self.scheme is not None and self.scheme != Scheme.default() else []
        return hash_value([code(MEASURING), [fold.key for fold in self.folds], how, *order])


def run(
    name: str | Path,
    mirror: Path | str = MIRROR,
    cache: Path | str | None = FOLDER,
    *,
    pages: int = 0,
    out: Path | str | None = None,
    on_step: Steps = silent,
    grid: dict[str, list[Any]] | None = None,
    test: bool = False,
) -> Result:
    """Run an experiment and write its result.

    The same files, settings and versions give the same result, to the last digit. A trial (with `pages` or `grid`) is
    written to `out` only.

    Parameters
    ----------
    name : str or Path
        Name of an experiment in `experiments/`, or its file.
    mirror : Path or str, default="corpora/mirror"
        Folder of public corpora.
    cache : Path, str or None, default=".cache/experiments"
        Folder of steps that are computed already; None caches nothing.
    pages : int, default=0
        Number of gold pages, and of pages of each content corpus, for a trial; 0 takes all.
    out : Path or str, optional
        File of the result; by default it is beside the experiment, with the ending `.json`.
    on_step : callable, optional
        Called as `on_step(steps, total)`: first with the number of folds in `total`, then for each finished fold.
    grid : dict of str to list, optional
        Values to try by key, instead of the experiment's grid.
    test : bool, default=False
        Whether to score the test part of the split as well, which is recorded (see `open_test`).

    Returns
    -------
    Result
        The result.

    Raises
    ------
    BadInput
        If settings are wrong or data is missing.
    TooFewLabels
        If there is too little to learn from or to test on.
    SeenTestPages
        If a page or a template is in two parts of the split, or a corpus is one for testing.
    """
    path = find_experiment(name)
    experiment = read_experiment(path)
    if grid:
        experiment = experiment.model_copy(update={"grid": grid})
    store = Cache(cache)
    at = Sources(path.parent, Path(mirror))
    plans = make_plans(experiment, at, store, limit=pages)
    check_parts(
        experiment, at, plans[0].gold, content=[part for plan in plans for part in (*plan.content, plan.silver) if part]
    )
    on_step(0, sum(len(plan.folds) for plan in plans) + test)
    final = _opened(path, plans, at, cache=store, on_step=on_step) if test else None
    points, seconds = [], 0.0
    for plan in plans:
        found, spent = _evaluated(plan, store, on_step)
        seconds += spent
        size = np.mean([len(fold.train) for fold in plan.folds])
        points.append(Point(plan.differs, round(float(size)), found))
    result = Result(
        name=path.stem,
        title=experiment.title,
        question=experiment.question,
        metrics=experiment.metrics,
        settings=experiment.model_dump(exclude={"title", "question", "metrics"}),
        points=points,
        made=made_of(experiment, at) | ({"trial": pages} if pages else {}),
        run={"date": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": round(seconds, 1)},
        test=final,
    )
    if out is not None or not (pages or grid):
        write_result(result, out if out is not None else path.with_suffix(".json"))
    return result


def made_of(experiment: Experiment, at: Sources) -> dict[str, Any]:
    """Hashes of code and data, and versions: what a result is of."""
    return {
        "code": code(),
        "labels": source.label_hashes(experiment, at.folder),
        "pages": source.corpora_hashes(experiment, at),
        "versions": versions(),
    }


def make_plans(experiment: Experiment, at: Sources, cache: Cache, *, limit: int = 0) -> list[Plan]:
    """The points with their data and folds; nothing is trained yet."""
    gold: dict[str, Data] = {}
    content: dict[str, Data] = {}
    silver: dict[tuple[str, ...], Data | None] = {}
    plans = []
    for differs, point in experiment.points():
        key = source.gold_key(point, at)
        if key not in gold:
            gold[key] = source.load_gold(point, at, cache, limit=limit)
        for name in point.content:
            if name not in content:
                (content[name],) = source.load_content(
                    point.model_copy(update={"content": [name]}), at, cache, limit=limit
                )
        said = tuple(point.silver)
        if said not in silver:
            silver[said] = source.load_silver(point, at, cache, limit=limit)
        parts = learn_and_test(point, gold[key], chosen_split(point, at.folder)[1])
        mine = [content[name] for name in point.content]
        folds = make_folds(point, gold[key], mine, parts=parts, silver=silver[said])
        files, scheme = source.label_files(point, at.folder), source.experiment_scheme(point, at.folder)
        plans.append(Plan(differs, point, gold[key], mine, silver[said], folds, files, scheme))
    return plans


def _opened(path: Path, plans: list[Plan], at: Sources, *, cache: Cache, on_step: Steps) -> dict[str, Any]:
    """What the test pages say of the model that learned from all others, and every time that they were opened."""
    if len(plans) > 1:
        raise BadInput(f"{path}: a [grid] is compared without the test pages; remove [grid] to open them once")
    plan = plans[0]
    file, chosen = chosen_split(plan.experiment, at.folder)
    if file is None or chosen is None:
        raise BadInput(f"{path}: there is no split to test on; make one with `pageblocks split` and name it in `split`")
    parts = [test_fold(plan.gold, chosen)]
    folds = make_folds(plan.experiment, plan.gold, plan.content, parts=parts, silver=plan.silver)
    final = replace(plan, differs={}, folds=folds)
    openings = open_test(file, chosen, path.stem, key=final.key, pages=len(folds[0].test))
    scores, _ = _evaluated(final, cache, on_step)
    return {"evaluation": scores.to_dict(), "openings": openings}


def _evaluated(plan: Plan, cache: Cache, on_step: Steps) -> tuple[Evaluation, float]:
    """The scores of a point, and the seconds of processor time that its folds took, whenever that was."""
    kept = cache.rows("score", plan.key)
    if kept:
        on_step(len(plan.folds))
        return Evaluation.from_dict(kept[0]["evaluation"]), kept[0]["seconds"]
    found: list[Answers] = []
    for fold in plan.folds:
        answers = predict_fold(plan.experiment, plan.gold, plan.content, fold=fold, cache=cache, silver=plan.silver)
        found.append(answers)
        on_step()
    scores = measure(plan.experiment, plan.gold, plan.folds, found=found, files=plan.files, scheme=plan.scheme)
    seconds = sum(answer.seconds for answer in found)
    cache.keep_rows("score", plan.key, [{"evaluation": scores.to_dict(), "seconds": seconds}])
    return scores, seconds


def dry_run(
    names: Sequence[str | Path], mirror: Path | str = MIRROR, cache: Path | str | None = FOLDER, *, pages: int = 0
) -> list[dict[str, Any]]:
    """Look up what `run` would find in the cache, and compute nothing.

    Parameters
    ----------
    names : sequence of str or Path
        Names of experiments in `experiments/`, or their files.
    mirror : Path or str, default="corpora/mirror"
        Folder of public corpora.
    cache : Path, str or None, default=".cache/experiments"
        Folder of steps that are computed already.
    pages : int, default=0
        Number of pages of a trial; 0 takes all.

    Returns
    -------
    list of dict
        For each point its `experiment` and `point` (names), whether its pages are `segmented`, its number of `folds`
        (None before the pages are segmented), and how many of them are `kept` in the cache.

    Raises
    ------
    BadInput
        If settings are wrong or data is missing.
    """
    store, rows = Cache(cache), []
    for name in names:
        path = find_experiment(name)
        experiment = read_experiment(path)
        at = Sources(path.parent, Path(mirror))
        for differs, point in experiment.points():
            parts = [("gold", source.gold_key(point, at))]
            parts += [("content", source.content_key(point, c, at)) for c in point.content]
            parts += [("silver", source.silver_key(point, at))] if point.silver else []
            ready = all(store.has(kind, key) for kind, key in parts)
            row: dict[str, Any] = {"experiment": path.stem, "point": Point.name_of(differs), "segmented": ready}
            row |= {"folds": None, "kept": 0}
            if ready:
                (plan,) = make_plans(point, at, store, limit=pages)
                scored = store.has("score", plan.key)
                kept = [scored or store.has("fold", fold.key) for fold in plan.folds]
                row |= {"folds": len(kept), "kept": sum(kept)}
            rows.append(row)
    return rows

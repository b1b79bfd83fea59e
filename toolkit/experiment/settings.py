"""experiments/NAME.toml: a recipe, the question that it is to answer, and how the answer is measured."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ..errors import BadInput, UsageError, first_problem
from ..evaluate.result import FIGURES
from ..model import BlockClassifier
from .without import GROUPS

FOLDER = Path("experiments")
_NESTED = 5  # files that build on each other; more is a circle


class Recipe(BaseModel):
    """`gold`, `silver`: stand-off label files, beside the recipe; `corpora`: public corpora in the mirror (see
    `toolkit.corpus.public`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    gold: list[str]
    corpora: list[str]
    content: list[str] = []
    silver: list[str] = []
    folds: int = 5
    members: int = 1
    hidden: int = 64
    epochs: int = 8
    dumps: int = 1
    vectors: bool = True
    seed: int = 0
    split: str = ""

    def classifier(self) -> BlockClassifier:
        """Make an unfitted classifier with these settings.

        Returns
        -------
        BlockClassifier
            The classifier.
        """
        return BlockClassifier(
            folds=self.folds, members=self.members, hidden=self.hidden, epochs=self.epochs, dumps=self.dumps,
            vectors=self.vectors, random_state=self.seed,
        )  # fmt: skip


class Experiment(Recipe):
    """The settings of an experiment: how a model is trained and how it is measured; read-only.

    Paths are relative to the folder of the experiment's file. Unknown keys are refused.

    Parameters
    ----------
    title : str
        Short title.
    gold : list of str, default=[]
        Files of stand-off labels. Exactly one of `gold` and `corpus` is given.
    corpora : list of str, default=[]
        Public corpora in the mirror that hold the pages of `gold`.
    content : list of str, default=[]
        Public corpora in the mirror whose main content is known, to learn from as well.
    silver : list of str, default=[]
        Files of silver labels, to learn from as well.
    folds : int, default=5
        Folds by site inside the model, for the out-of-fold answers of its first stage.
    members : int, default=1
        Number of networks, whose answers are averaged.
    hidden : int, default=64
        Hidden units of each layer.
    epochs : int, default=8
        Passes of the training over the blocks.
    dumps : int, default=1
        Plain-text versions of each HTML page that the text family learns from.
    vectors : bool, default=True
        Whether the second stage looks at the vectors of words.
    seed : int, default=0
        Seed of the training and of the folds.
    split : str, default=""
        A file of `pageblocks split`: train on its train part, test on its validation part. By default folds are used.
    question : str, default=""
        The question that the experiment answers.
    base : str, default=""
        Another file in the same folder, whose keys are inherited except its question and grid.
    corpus : str, default=""
        A corpus folder with gold, instead of `gold` and `corpora`.
    format : {"html", "text", "both"}, default="html"
        Train and test on HTML, on the same pages as text dumps, or on both.
    cv : int, default=5
        Folds by site of the cross-validation, 2 or more.
    repeats : int, default=1
        How often the cross-validation is repeated with other folds.
    share : float, default=1.0
        Share of each fold's training pages that is used, above 0 and at most 1, spread over sites.
    labels : dict of str to list of str, default={}
        Labels to merge: the old labels by new name.
    merge : {"before", "after"}, default="before"
        Merge labels in the gold before training, or in the predictions.
    without : list of str, default=[]
        Information to remove from all pages: "words", "names", "links", "tags", "headings", "containers", "page".
    stages : {1, 2}, default=2
        Measure the whole model (2) or its first stage alone (1).
    metrics : list of str, default=["macro_f1", "accuracy", "corrections_per_page"]
        Scores to show, keys of `Evaluation.figures`; the first one ranks.
    grid : dict of str to list, default={}
        Values to try by key; every combination is a point.
    """

    gold: list[str] = Field([])
    corpora: list[str] = Field([])
    question: str = ""
    base: str = ""
    corpus: str = ""
    format: Literal["html", "text", "both"] = "html"
    cv: int = Field(5, ge=2)
    repeats: int = Field(1, ge=1)
    share: float = Field(1.0, gt=0, le=1)
    labels: dict[str, list[str]] = Field({})
    merge: Literal["before", "after"] = "before"
    without: list[str] = Field([])
    stages: Literal[1, 2] = 2
    metrics: list[str] = Field(["macro_f1", "accuracy", "corrections_per_page"])
    grid: dict[str, list[Any]] = Field({})

    @field_validator("without")
    @classmethod
    def _groups(cls, names: list[str]) -> list[str]:
        if set(names) - set(GROUPS):
            raise ValueError(f"give any of {', '.join(GROUPS)}")
        return names

    @field_validator("metrics")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        if not names or set(names) - set(FIGURES):
            raise ValueError(f"give one or more of {', '.join(FIGURES)}")
        return names

    @model_validator(mode="after")
    def _whole(self) -> Experiment:
        if bool(self.corpus) == bool(self.gold):
            raise ValueError("give `corpus` or `gold` with `corpora`, one of them")
        if self.corpus and self.content and not self.corpora:
            raise ValueError("`content` names corpora of the mirror; give them in `corpora` too")
        if self.corpus and self.silver and not self.corpora:
            raise ValueError("the pages of `silver` are in corpora of the mirror; name them in `corpora`")
        old = [name for names in self.labels.values() for name in names]
        if len(old) != len(set(old)):
            raise ValueError("[labels] gives one label to two groups")
        if "page" in self.without and (self.content or self.silver):
            raise ValueError("without `page` each block is a page; leave out `content` and `silver`")
        if self.labels and len(self.labels) < 2:
            raise ValueError("[labels] needs two groups or more")
        if odd := {"grid", "base", "title", "question", "metrics"} & set(self.grid):
            raise ValueError(f"[grid] cannot change {', '.join(sorted(odd))}")
        if self.split and self.repeats > 1:
            raise ValueError("a split gives one answer; leave out `repeats`")
        return self

    def recipe(self) -> Recipe:
        """Select the settings that describe a model.

        Returns
        -------
        Recipe
            The settings from `title` to `split`.
        """
        return Recipe(**{name: getattr(self, name) for name in Recipe.model_fields})

    def points(self) -> list[tuple[dict[str, Any], Experiment]]:
        """Make an experiment for each combination of the grid's values.

        Returns
        -------
        list of (dict of str to object, Experiment)
            The values that differ and the experiment without a grid; a single one if there is no grid.

        Raises
        ------
        BadInput
            If a value of the grid is not valid.
        """
        found = []
        for values in itertools.product(*self.grid.values()):
            differs = dict(zip(self.grid, values, strict=True))
            found.append((differs, _validated(self.model_dump() | {"grid": {}} | differs, f"the grid's {differs}")))
        return found


def read_experiment(path: Path | str) -> Experiment:
    """Read the TOML file of an experiment.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    Experiment
        The settings, with those of its `base`.

    Raises
    ------
    BadInput
        If the file or its base cannot be read, or a key is unknown or has a wrong value.
    """
    return _validated(_keys(Path(path), 0), str(path))


def read_recipe(path: Path | str) -> Recipe:
    """The recipe of an experiment's file. Raises `BadInput` naming the key that is wrong or unknown."""
    experiment = read_experiment(path)
    if experiment.corpus:
        raise UsageError(
            f"{path}: learns from a corpus; train on that: `pageblocks train {experiment.corpus} --out FOLDER`"
        )
    return experiment.recipe()


def find_experiment(name: str | Path, folder: Path | str = FOLDER) -> Path:
    """A file by its name in the folder of experiments, or by its path. Raises `BadInput` where there is none."""
    path = Path(name)
    if path.suffix != ".toml":
        path = Path(folder) / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in Path(folder).glob("*.toml"))) or "none"
        raise BadInput(f"{path}: no such experiment; there are: {known}")
    return path


def _keys(path: Path, depth: int) -> dict[str, Any]:
    try:
        keys = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: not TOML ({error})") from error
    if not (base := keys.get("base")):
        return keys
    if depth >= _NESTED:
        raise BadInput(f"{path}: `base` leads back to this file; remove one of them")
    other = path.parent / str(base)
    if other.parent.resolve() != path.parent.resolve():
        raise BadInput(f"{path}: base {base!r} must lie beside it, since paths are read from its folder")
    # The base's question and grid are its own.
    return {k: v for k, v in _keys(other, depth + 1).items() if k not in ("question", "grid")} | keys


def _validated(keys: dict[str, Any], where: str) -> Experiment:
    try:
        return Experiment.model_validate(keys)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise BadInput(f"{where}: {f'{key}: ' if key else ''}{first_problem(first)}") from error

"""experiments/NAME.toml -> a model: the corpora, the gold and the settings that it was made from, in one file and one
command.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ..corpus import read_split, without_test
from ..corpus.public.pages import read_content, read_gold
from ..errors import UsageError
from ..model import BlockClassifier

Progress = Callable[[str], None]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Recipe(_Strict):
    """`gold`: stand-off label files, beside the recipe; `corpora`: public corpora in the mirror (see
    `toolkit.corpus.public`).
    """

    title: str
    gold: list[str]
    corpora: list[str]
    content: list[str] = []
    folds: int = 5
    members: int = 2
    hidden: int = 64
    epochs: int = 6
    dumps: int = 1
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
            random_state=self.seed,
        )  # fmt: skip


def read_recipe(path: Path | str) -> Recipe:
    """The recipe of an experiment's file. Raises `BadInput` naming the key that is wrong or unknown."""
    from .settings import read_experiment  # which builds on Recipe

    experiment = read_experiment(path)
    if experiment.corpus:
        raise UsageError(
            f"{path}: learns from a corpus; train on that: `pageblocks train {experiment.corpus} --out FOLDER`"
        )
    return experiment.recipe()


def train_recipe(path: Path | str, mirror: Path | str, progress: Progress = lambda _: None) -> BlockClassifier:
    """Train the recipe's model. The same files give the same model."""
    path, mirror = Path(path), Path(mirror)
    recipe = read_recipe(path)
    progress("reading the gold")
    pages, labels = read_gold(recipe.gold, recipe.corpora, path.parent, mirror=mirror)
    progress("reading the content corpora")
    more = read_content(recipe.content, mirror) if recipe.content else None
    if recipe.split:
        chosen = read_split(path.parent / recipe.split)
        pages, labels = without_test(pages, labels, chosen)
        more = without_test(*more, chosen) if more else None
    model = recipe.classifier().fit(pages, labels, more, progress=progress)
    hashes = {file: hashlib.sha256((path.parent / file).read_bytes()).hexdigest() for file in recipe.gold}
    model.facts_ |= {"recipe": recipe.model_dump(), "gold": hashes}
    return model

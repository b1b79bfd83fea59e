"""experiments/NAME.toml -> a model: the corpora, the gold and the settings that it was made from, in one file and one
command.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ..corpus import read_split, without_test
from ..corpus.public.mirror import Mirror, refuse_test
from ..errors import BadPage, Mismatch, UsageError
from ..model import BlockClassifier
from ..page import Blocks
from ..segment import segment
from ..standoff import attach, read_annotations
from .content import mark_content

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
        """An unfitted classifier with the recipe's settings."""
        return BlockClassifier(self.folds, self.members, self.hidden, self.epochs, self.dumps, self.seed)


def read_recipe(path: Path | str) -> Recipe:
    """The recipe of an experiment's file. Raises `BadInput` naming the key that is wrong or unknown."""
    from .settings import read_experiment  # which builds on Recipe

    experiment = read_experiment(path)
    if experiment.corpus:
        raise UsageError(
            f"{path}: learns from a corpus; train on that: `pageblocks train {experiment.corpus} --out FOLDER`"
        )
    return experiment.recipe()


def read_gold(recipe: Recipe, folder: Path, mirror: Path) -> tuple[list[Blocks], list[list[str | None]]]:
    """The recipe's gold on its pages, which are in the mirror; None for blocks without a label.

    Raises `Mismatch` for a page that is missing or changed, `SeenTestPages` for a test corpus.
    """
    refuse_test(recipe.corpora, mirror)
    places = {
        id: place for corpus in recipe.corpora for place in [Mirror.open(mirror / corpus)] for id in place.records
    }
    pages, labels = [], []
    for file in recipe.gold:
        for annotation in read_annotations(folder / file):
            if annotation.page not in places:
                raise Mismatch(f"{folder / file}: page {annotation.page!r} is in none of {', '.join(recipe.corpora)}")
            blocks = segment(places[annotation.page].page(annotation.page))
            answers = attach(blocks, annotation)
            if any(label is not None for label in answers):
                pages.append(blocks)
                labels.append(answers)
    return pages, labels


def read_content(recipe: Recipe, mirror: Path) -> tuple[list[Blocks], list[list[int]]]:
    """Pages of the content corpora, with 1 for each block that is the page's content."""
    refuse_test(recipe.content, mirror)
    pages, found = [], []
    for corpus in recipe.content:
        place = Mirror.open(mirror / corpus)
        for id, record in place.records.items():
            try:
                blocks = segment(place.page(id))
            except BadPage:
                continue  # drawn by a script: nothing to learn from
            answer = mark_content(blocks, record.truth.get("content") or "")
            if answer is not None:
                pages.append(blocks)
                found.append(answer)
    return pages, found


def train_recipe(path: Path | str, mirror: Path | str, progress: Progress = lambda _: None) -> BlockClassifier:
    """Train the recipe's model. The same files give the same model."""
    path, mirror = Path(path), Path(mirror)
    recipe = read_recipe(path)
    progress("reading the gold")
    pages, labels = read_gold(recipe, path.parent, mirror)
    progress("reading the content corpora")
    more = read_content(recipe, mirror) if recipe.content else None
    if recipe.split:
        chosen = read_split(path.parent / recipe.split)
        pages, labels = without_test(pages, labels, chosen)
        more = without_test(*more, chosen) if more else None
    model = recipe.classifier().fit(pages, labels, more, progress)
    hashes = {file: hashlib.sha256((path.parent / file).read_bytes()).hexdigest() for file in recipe.gold}
    model.facts_ |= {"recipe": recipe.model_dump(), "gold": hashes}
    return model

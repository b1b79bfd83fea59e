"""experiments/NAME.toml -> a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..corpus import read_split, without_test
from ..corpus.public.pages import read_content, read_gold
from ..model import BlockClassifier
from ..model.sample import ContentPages, Silver
from ..page import Blocks
from .settings import Recipe, read_recipe
from .silver import read_silver

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Material:
    """What a recipe learns from, without the test pages of its split."""

    pages: list[Blocks] = field(repr=False)
    labels: list[list[str | None]] = field(repr=False)
    content: ContentPages | None = field(repr=False)
    silver: Silver | None = field(repr=False)


def train_recipe(path: Path | str, mirror: Path | str, progress: Progress = lambda _: None) -> BlockClassifier:
    """Train the recipe's model. The same files give the same model."""
    path = Path(path)
    recipe = read_recipe(path)
    known = read_material(recipe, path.parent, Path(mirror), progress=progress)
    model = recipe.classifier().fit(known.pages, known.labels, known.content, silver=known.silver, progress=progress)
    hashes = {
        kind: {file: hashlib.sha256((path.parent / file).read_bytes()).hexdigest() for file in files}
        for kind, files in (("gold", recipe.gold), ("silver", recipe.silver))
    }
    model.facts_ |= {"recipe": recipe.model_dump(), **hashes}
    return model


def read_material(recipe: Recipe, folder: Path, mirror: Path, *, progress: Progress = lambda _: None) -> Material:
    """The pages of a recipe in `folder`, from the public corpora in the mirror."""
    progress("reading the gold")
    pages, labels = read_gold(recipe.gold, recipe.corpora, folder, mirror=mirror)
    content = silver = None
    if recipe.content:
        progress("reading the content corpora")
        content = read_content(recipe.content, mirror)
    if recipe.silver:
        progress("reading the silver labels")
        silver = read_silver(recipe.silver, recipe.corpora, folder, mirror=mirror)
    if recipe.split:
        chosen = read_split(folder / recipe.split)
        pages, labels = without_test(pages, labels, chosen)
        content = without_test(*content, chosen) if content else None
        if silver:
            silver = silver.of_pages(without_test(silver.pages, range(len(silver.pages)), chosen)[1])
    return Material(pages, labels, content, silver)

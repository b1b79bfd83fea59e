"""experiments/NAME.toml -> a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from ..corpus import read_split, without_test
from ..corpus.public.pages import read_content, read_gold
from ..model import BlockClassifier
from .settings import read_recipe

Progress = Callable[[str], None]


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

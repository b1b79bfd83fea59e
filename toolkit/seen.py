"""Which sites a model learned from, kept in its facts as short hashes: figures on pages of such sites flatter."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from .page import Blocks, Page, group_of, text_hash

if TYPE_CHECKING:
    from .model import BlockClassifier

_KEY = "sites"


def remember(model: BlockClassifier, groups: Iterable[str], start: BlockClassifier | None = None) -> None:
    """Keep in the model's facts the groups (`page.group_of`) that it learned from, and those of the model it started from."""
    before = _known(start) if start is not None else None
    model.facts_[_KEY] = sorted({text_hash(group) for group in groups} | (before or set()))


def overlap(model: BlockClassifier, groups: Iterable[str]) -> int | None:
    """How many of these, one a page, the model learned from; None where it does not say."""
    known = _known(model)
    return None if known is None else sum(text_hash(group) in known for group in groups)


def recipe_groups(path: Path | str, mirror: Path | str) -> set[str]:
    """The groups that a recipe's model learns from: those of its gold, and of the pages of which the content is known."""
    from .public.mirror import Mirror
    from .recipe import read_recipe
    from .split import read_split
    from .standoff import read_annotations

    folder, recipe = Path(path).parent, read_recipe(path)
    pages = [(said.page, said.url) for file in recipe.gold for said in read_annotations(folder / file) if said.labels]
    for corpus in recipe.content:
        records = Mirror.open(Path(mirror) / corpus).records
        pages += [(id, record.url) for id, record in records.items() if record.truth.get("content")]
    groups = {group_of(Blocks(Page(id, "", b"", url=url))) for id, url in pages}
    if not recipe.split:
        return groups
    chosen = read_split(folder / recipe.split)
    return {group for group in groups if chosen.part(group) != "test"}


def _known(model: BlockClassifier) -> set[str] | None:
    found = model.facts_.get(_KEY)
    return set(map(str, found)) if isinstance(found, list) else None

"""What the rest of a page changes: the answer for a block if the page did not have some of the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from typing import Any

from ..model import BlockClassifier
from ..page import Blocks
from .explanation import Neighbours

NEAR = 4  # blocks above and below that are left out one by one


def neighbours_of(model: BlockClassifier, page: Blocks, i: int) -> Neighbours:
    """Label block `i` again without the blocks above, below, without either, and without each of the nearest."""
    n = len(page)
    above, below = range(i), range(i + 1, n)
    near = [k for k in range(max(0, i - NEAR), min(n, i + NEAR + 1)) if k != i]
    left_out: list[Collection[int]] = [above, below, {*above, *below}, *({k} for k in near)]
    versions = [without(page, some) for some in left_out]
    classes = [str(name) for name in model.classes_]
    answers = [
        dict(zip(classes, chances[kept.index(i)].tolist(), strict=True))
        for chances, (_, kept) in zip(model.predict_proba([blocks for blocks, _ in versions]), versions, strict=True)
    ]
    above_out, below_out, alone, *others = answers
    return Neighbours(above_out, below_out, alone, dict(zip(near, others, strict=True)))


def without(page: Blocks, left_out: Collection[int]) -> tuple[Blocks, list[int]]:
    """The page without some blocks, and which of its blocks are left."""
    kept = [i for i in range(len(page)) if i not in left_out]
    place = {old: new for new, old in enumerate(kept)}
    columns: dict[str, Sequence[Any]] = {
        f.name: [getattr(page, f.name)[i] for i in kept]
        for f in fields(page)
        if isinstance(getattr(page, f.name), list) and f.name != "above"
    }

    def heading(i: int) -> int:
        while (above := page.heading[i]) in left_out and 0 <= above < i:
            i = above
        return place.get(above, -1)

    return replace(page, **{**columns, "heading": [heading(i) for i in kept]}), kept  # type: ignore[arg-type]

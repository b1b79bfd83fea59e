"""Inserts interruptions between the paragraphs of a story, as training data for the text family.

Plain text has no markup to distinguish an appeal inside a story. Few labelled pages have one, so some get one: other
blocks of the same page, or appeals written for this (`data/pitches.toml`).
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

import numpy as np

from ..page import Blocks
from ..support.files import data_path
from .sample import Sample

_LONG = 8  # words; shorter blocks do not interrupt stories
_RUNS = (1, 2, 3, 5)


@lru_cache(maxsize=1)
def pitches() -> dict[str, list[str]]:
    """The written appeals by language."""
    found: dict[str, list[str]] = tomllib.loads(data_path("pitches.toml").read_text(encoding="utf-8"))
    return found


def interrupted(sample: Sample, story: int, *, appeal: int | None, seed: int) -> Sample:
    """The page with one or two runs of blocks inserted into its story; unchanged without story.

    `story` and `appeal` are numbers of labels; without `appeal` no written appeals are inserted. What is inserted is
    not main content. The result is for `as_text` only: text, tag and flags are right, indices of headings are not.
    """
    page, known = sample.page, sample.numbers
    chance = random.Random(f"interrupted:{seed}:{page.page.id}")
    inside = [i for i in range(1, len(page)) if known[i] == known[i - 1] == story]
    rest = [i for i, label in enumerate(known) if label not in (story, -1) and len(page.text[i].split()) >= _LONG]
    sources = (["rest"] if rest else []) + (["written"] if appeal is not None else [])
    if len(inside) < 3 or not sources:
        return sample
    rows, texts = list(range(len(page))), list(page.text)
    written, inserted = [False] * len(page), [False] * len(page)
    for at in sorted(chance.sample(inside, chance.choice((1, 1, 2))), reverse=True):
        size = chance.choice(_RUNS)
        own = chance.choice(sources) == "rest"
        if own:
            first = chance.choice(rest)
            run = [i for i in range(first, min(first + size, len(page))) if known[i] == known[first]]
            said = [page.text[i] for i in run]
        else:
            pitched = pitches().get(page.language) or pitches()["en"]
            said = chance.sample(pitched, min(size, len(pitched)))
            run = [at] * len(said)
        rows[at:at], texts[at:at] = run, said
        written[at:at], inserted[at:at] = [not own] * len(run), [True] * len(run)
    moved = sample.moved(_of_rows(page, rows, texts), rows)
    if any(written):
        moved.labels[written] = np.eye(moved.labels.shape[1], dtype=np.float32)[appeal]
    moved.main[np.array(inserted) & ~np.isnan(moved.main)] = 0
    return moved


def _of_rows(page: Blocks, rows: Sequence[int], texts: list[str]) -> Blocks:
    columns: dict[str, Any] = {f.name: getattr(page, f.name) for f in fields(page)}
    same = {
        name: [column[i] for i in rows]
        for name, column in columns.items()
        if isinstance(column, list) and name != "above"
    }
    return Blocks(**columns | same | {"text": texts})

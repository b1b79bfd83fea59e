"""Labelled blocks -> the text that a corpus keeps: the main content, or the blocks of some labels."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from .byline import byline as byline_of
from .byline import headline as headline_of
from .repeats import once

if TYPE_CHECKING:
    from .classify import Classified

# Found on WCXB's dev set and fundus, out of fold: word F1 .882 so, .876 with one threshold of 0.4 for all pages.
_LABEL = 0.2  # what the label's probability counts against that of being main content
_LOW, _HIGH = 0.2, 0.5
STORY = "article"
BETWEEN = "\n\n"  # what stands between two blocks in a page's text


def main_text(
    page: Classified, keep: Collection[str] | None = None, headline: bool | None = None, byline: bool | None = None
) -> str:  # fmt: skip
    """See `Classified.text`."""
    return BETWEEN.join(page.blocks.text[i] for i in text_blocks(page, keep, headline, byline))


def text_blocks(
    page: Classified, keep: Collection[str] | None = None, headline: bool | None = None, byline: bool | None = None
) -> list[int]:  # fmt: skip
    """Indices of the blocks whose texts are the text of the page (see `Classified.text`), in reading order.

    What the page draws twice, for small screens and for large ones, is in it once (see `toolkit.repeats`).
    """
    chosen = set(chosen_blocks(page, keep))
    if headline is not None or byline is not None:
        # Benchmarks, from which main content was learned, often begin below the headline; the labels have it with the story.
        story = sorted(chosen | set(chosen_blocks(page, {STORY}))) if keep is None else sorted(chosen)
        for wanted, find in ((headline, headline_of), (byline, byline_of)):
            if wanted is not None:
                found = find(page.blocks, story)
                chosen = chosen | found if wanted else chosen - found
    return once(page.blocks.text, sorted(chosen))


def chosen_blocks(page: Classified, keep: Collection[str] | None = None) -> list[int]:
    """Indices of the blocks with one of these labels; without labels those of the main content.

    A model that was shown no main content gives its `article` blocks.
    """
    if keep is not None:
        return [i for i, label in enumerate(page.labels) if label in keep]
    if page.main is None:
        return [i for i, label in enumerate(page.labels) if label == STORY]
    return _likely(page)


def _likely(page: Classified) -> list[int]:
    """The blocks whose text can be expected to agree best with the main content, by F1.

    On a page of which the model is unsure that takes in more than on one where the content stands out. Every block above `_HIGH`
    is taken and none below `_LOW`.
    """
    p = np.asarray(page.main, np.float64)
    if not len(p):
        return []
    if STORY in page.classes:
        p = (1 - _LABEL) * p + _LABEL * page.probabilities[:, page.classes.index(STORY)]
    size = np.fromiter(map(len, page.blocks.text), np.float64, len(p))  # characters: not all scripts part words
    order = np.argsort(-p, kind="stable")
    right = np.cumsum((p * size)[order])
    expected = 2 * right / (np.cumsum(size[order]) + right[-1])
    least = min(max(p[order[expected.argmax()]], _LOW), _HIGH)
    return [int(i) for i in np.flatnonzero(p >= least)]

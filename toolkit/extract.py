"""Labelled blocks -> the text that a corpus keeps: the main content, or the blocks of some labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .byline import byline as byline_of
from .byline import headline as headline_of

if TYPE_CHECKING:
    from .classify import Classified

# Found on WCXB's dev set and fundus, out of fold: word F1 .882 so, .876 with one threshold of 0.4 for all pages.
_LABEL = 0.2  # what the label's probability counts against that of being main content
_LOW, _HIGH = 0.2, 0.5
STORY = "article"
_REPEAT = 8  # words: a longer text that comes again is the same text drawn twice, for small screens and for large ones


def main_text(
    page: Classified, keep: Collection[str] | None = None, headline: bool | None = None, byline: bool | None = None
) -> str:  # fmt: skip
    """See `Classified.text`."""
    chosen = set(chosen_blocks(page, keep))
    # Benchmarks, from which main content was learned, often begin below the headline; the labels have it with the story.
    story = sorted(chosen | set(chosen_blocks(page, {STORY}))) if keep is None else sorted(chosen)
    for wanted, find in ((headline, headline_of), (byline, byline_of)):
        if wanted is not None:
            found = find(page.blocks, story)
            chosen = chosen | found if wanted else chosen - found
    return "\n\n".join(page.blocks.text[i] for i in sorted(chosen))


def chosen_blocks(page: Classified, keep: Collection[str] | None = None) -> list[int]:
    """Indices of the blocks with one of these labels; without labels those of the main content, without what the page repeats.

    A model that was shown no main content gives its `article` blocks.
    """
    if keep is not None:
        return [i for i, label in enumerate(page.labels) if label in keep]
    if page.main is None:
        return _once(page.blocks.text, [i for i, label in enumerate(page.labels) if label == STORY])
    return _once(page.blocks.text, _likely(page))


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


def _once(texts: Sequence[str], chosen: Sequence[int]) -> list[int]:
    seen: set[str] = set()
    kept = []
    for i in chosen:
        words = texts[i].lower().split()
        if len(words) >= _REPEAT:
            text = " ".join(words)
            if text in seen:
                continue
            seen.add(text)
        kept.append(i)
    return kept

"""Labelled blocks -> the text that a corpus keeps: the main content, or the blocks of some labels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..page import Blocks, Flag
from .byline import byline as byline_of
from .byline import headline as headline_of
from .repeats import once

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

    What the page draws twice, for small screens and for large ones, is in it once (see `toolkit.classify.repeats`).
    """
    chosen = set(chosen_blocks(page, keep))
    if headline is not None or byline is not None:
        # Benchmarks, from which main content was learned, often begin below the headline; the labels have it with the
        # story.
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

    On a page of which the model is unsure that takes in more than on one where the content stands out. Every block
    above `_HIGH` is taken and none below `_LOW`.
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


@dataclass(frozen=True)
class Classified:
    """One page with a label for each block. `probabilities` is (blocks, classes), its columns in the order of
    `classes`, which are the model's `classes_`: sorted, as scikit-learn sorts them, and not in the order of the scheme.

    `main` (blocks,) says how likely each block is the page's main content; None where the model cannot say.
    """

    blocks: Blocks
    labels: list[str]
    probabilities: np.ndarray[Any, Any] = field(repr=False)
    classes: list[str]
    main: np.ndarray[Any, Any] | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The page as one JSON object: id, source, url, title, note, blocks.

        `note` is what to know of how the page was read (see `pageblocks.page.Note`), "" where there is nothing. A block
        has its id, text, tag, whether it is hidden, its label and each label's probability, in the order of `classes`.
        """
        blocks = self.blocks
        columns = zip(blocks.ids, blocks.text, blocks.tag, hidden(blocks), self.labels, self.probabilities, strict=True)
        return {
            "id": blocks.page.id,
            "source": blocks.page.source,
            "url": blocks.page.url,
            "title": blocks.title,
            "note": str(blocks.note or ""),
            "blocks": [
                {
                    "id": id,
                    "text": text,
                    "tag": tag,
                    "hidden": unseen,
                    "label": label,
                    "probabilities": {name: round(float(p), 4) for name, p in zip(self.classes, row, strict=True)},
                }
                for id, text, tag, unseen, label, row in columns
            ],
        }

    def text(
        self, keep: Collection[str] | None = None, headline: bool | None = None, byline: bool | None = None
    ) -> str:
        """The text of the blocks with one of these labels, an empty line between two; without labels the main content.

        What the page draws twice, for small screens and for large ones, is in it once.

        Headline and byline of the story, as far as they are found, come in with True and stay out with False. With None
        they are as the model has them: among the `article` blocks, but mostly not in the main content.
        """
        return main_text(self, keep, headline, byline)


def hidden(blocks: Blocks) -> list[bool]:
    """For each block whether a reader does not see it."""
    return [bool(flags & Flag.HIDDEN) for flags in blocks.flags] if blocks.flags else [False] * len(blocks)

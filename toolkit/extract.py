"""Labelled blocks -> the text that a corpus keeps: the main content, or the blocks of some labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from .byline import byline as byline_of
from .byline import headline as headline_of

if TYPE_CHECKING:
    from .classify import Classified

# Found on WCXB's dev set, out of fold: 0.35 to 0.45 are equally good; higher loses more content than it keeps out rest.
MAIN = 0.4
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
    return _once(page.blocks.text, [i for i, p in enumerate(page.main) if p > MAIN])


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

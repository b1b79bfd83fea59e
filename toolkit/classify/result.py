"""From labelled blocks to the text of a page: the main content, or the blocks with given labels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..page import Blocks, Flag
from .byline import byline as byline_of
from .byline import headline as headline_of
from .layout import TextFormat, text_of
from .least import MinProbability, least_of
from .repeats import once
from .table import Tabular

# Measured out of fold on WCXB's dev set and fundus: word F1 .882; one threshold of 0.4 for all pages gives .876.
_LABEL = 0.2  # weight of the label's probability; that of being main content has the rest
_LOW, _HIGH = 0.2, 0.5
STORY = "article"
_HIDDEN = int(Flag.HIDDEN)  # the flag itself takes ten times as long


def text_blocks(
    page: Classified, keep: Collection[str] | None = None, headline: bool | None = None,
    *, byline: bool | None = None, visible: bool = False, min_probability: MinProbability | None = None,
) -> list[int]:  # fmt: skip
    """Indices of the blocks that make up the text of a page, in their order there (see `Classified.text`)."""
    chosen = set(chosen_blocks(page, keep, min_probability))
    first: set[int] = set()
    if headline is not None or byline is not None:
        # The benchmarks from which main content is learned often begin below the headline; the label STORY includes it.
        story = sorted(chosen | set(chosen_blocks(page, {STORY}))) if keep is None else sorted(chosen)
        for wanted, find in ((headline, headline_of), (byline, byline_of)):
            if wanted is not None:
                found = find(page.blocks, story)
                chosen = chosen | found if wanted else chosen - found
                if wanted and find is headline_of:
                    first = found
    if visible:
        chosen -= {i for i, unseen in enumerate(hidden(page.blocks)) if unseen}
    kept = once(page.blocks.text, sorted(chosen))
    return sorted(kept, key=lambda i: (i not in first, i)) if first else kept


def chosen_blocks(
    page: Classified, keep: Collection[str] | None = None, min_probability: MinProbability | None = None
) -> list[int]:
    """Indices of the blocks with one of these labels, by default of the main content.

    A label with a least probability has the blocks that reach it, whatever their most probable label is. If the model
    cannot estimate main content, it is the `article` blocks.
    """
    least = least_of(keep, min_probability)
    if keep is not None:
        found = {i for i, label in enumerate(page.labels) if label in keep and label not in least}
        for label in least.keys() & set(page.classes):
            found.update(np.flatnonzero(page.probabilities[:, page.classes.index(label)] >= least[label]).tolist())
        return sorted(found)
    if page.main is None:
        return [i for i, label in enumerate(page.labels) if label == STORY]
    return _likely(page)


def _likely(page: Classified) -> list[int]:
    """The blocks with the best expected F1 against the main content.

    This selects more blocks on a page where the model is unsure than on one where the content is clear. Blocks above
    `_HIGH` are always taken, blocks below `_LOW` never.
    """
    p = np.asarray(page.main, np.float64)
    if not len(p):
        return []
    if STORY in page.classes:
        p = (1 - _LABEL) * p + _LABEL * page.probabilities[:, page.classes.index(STORY)]
    size = np.fromiter(map(len, page.blocks.text), np.float64, len(p))  # characters: not all scripts separate words
    order = np.argsort(-p, kind="stable")
    right = np.cumsum((p * size)[order])
    expected = 2 * right / (np.cumsum(size[order]) + right[-1])
    least = min(max(p[order[expected.argmax()]], _LOW), _HIGH)
    return [int(i) for i in np.flatnonzero(p >= least)]


@dataclass(frozen=True)
class Classified(Tabular):
    """One page with a label and probabilities for each block.

    Parameters
    ----------
    blocks : Blocks
        The blocks of the page.
    labels : list of str
        The most probable label of each block.
    probabilities : ndarray of shape (n_blocks, n_labels)
        Probability of each label, columns in the order of `classes`.
    classes : list of str
        The model's `classes_`: labels in alphabetical order, and not in the order of the scheme.
    main : ndarray of shape (n_blocks,), optional
        How likely each block is main content; None if the model does not estimate it.

    Examples
    --------
    >>> import pageblocks
    >>> page = pageblocks.load().classify("<h1>The night ferry sails again</h1><p>It left on Monday.")
    >>> page.labels
    ['article', 'article']
    >>> page.text({"article"})
    'The night ferry sails again\\n\\nIt left on Monday.'
    """

    blocks: Blocks
    labels: list[str]
    probabilities: np.ndarray[Any, Any] = field(repr=False)
    classes: list[str]
    main: np.ndarray[Any, Any] | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Convert the page to a JSON object.

        Returns
        -------
        dict
            `id`, `source`, `url`, `date`, `status` and `extra` of the page where it has them, `title`, `note` (a remark
            on how the page was read, often "") and `blocks`. A block has `id`, `text`, `tag`, `hidden`, `label` and
            `probabilities`, rounded to four digits.
        """
        blocks = self.blocks
        columns = zip(blocks.ids, blocks.text, blocks.tag, hidden(blocks), self.labels, self.probabilities, strict=True)
        return {
            "id": blocks.page.id,
            "source": blocks.page.source,
            "url": blocks.page.url,
            **{name: said for name in ("date", "status", "extra") if (said := getattr(blocks.page, name))},
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
        self, keep: Collection[str] | None = None, headline: bool | None = None, byline: bool | None = None,
        *, format: TextFormat = "text", visible: bool = False, links: bool = False,
        min_probability: MinProbability | None = None,
    ) -> str:  # fmt: skip
        """Join the text of the chosen blocks.

        Text that the page contains twice, once for small and once for large screens, is included once.

        Plain text has an empty line between two blocks, and one line for each row of a table, with a tab between two
        cells. Markdown has headings, lists, tables, quotes and code; characters of the page that would be such
        structure are escaped.

        Parameters
        ----------
        keep : collection of str, optional
            Labels of the blocks to include; by default the main content is included.
        headline : bool, optional
            Whether to include the headline of the story, as the first of the text. By default this depends on the
            blocks: the headline is among the `article` blocks, but usually not in the main content.
        byline : bool, optional
            Whether to include the byline, as for `headline`.
        format : {"text", "markdown"}, default="text"
            Plain text or Markdown.
        visible : bool, default=False
            Whether to leave out blocks that are hidden from a reader of the page.
        links : bool, default=False
            Whether Markdown has the address of a block that is nearly all link.
        min_probability : float or mapping of str to float, optional
            Least probability of the labels of `keep`, or of each of them by its name: includes the blocks that reach
            it, whatever their most probable label is. The report of `pageblocks evaluate` says which one gives which
            precision.

        Returns
        -------
        str
            The text; "" if no block is chosen.

        Raises
        ------
        UsageError
            If there is no such format, or `min_probability` is no probability of a label of `keep`.
        """
        chosen = text_blocks(self, keep, headline, byline=byline, visible=visible, min_probability=min_probability)
        return text_of(self.blocks, chosen, format, links=links)


def hidden(blocks: Blocks) -> list[bool]:
    """Whether each block is hidden from a reader of the page."""
    return [flags & _HIDDEN != 0 for flags in blocks.flags] if blocks.flags else [False] * len(blocks)

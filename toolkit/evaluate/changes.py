"""What changed between two runs over the same labelled pages, block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..errors import Mismatch
from ..support.text import counted

Kind = Literal["fixed", "broken", "wrong both times"]
KINDS: tuple[Kind, ...] = ("broken", "fixed", "wrong both times")


class Change(NamedTuple):
    """A block with different labels in two runs, by its page and its number there."""

    page: int
    block: int
    gold: str
    a: str
    b: str

    @property
    def kind(self) -> Kind:
        """Whether the second run is right ("fixed"), the first one was ("broken"), or neither."""
        if self.gold == self.b:
            return "fixed"
        return "broken" if self.gold == self.a else "wrong both times"


@dataclass(frozen=True)
class Changes:
    """The blocks to which two runs give different labels.

    Parameters
    ----------
    blocks : int
        Number of blocks that gold and both runs label.
    changed : list of Change
        The blocks with different labels, in the order of the pages.
    """

    blocks: int
    changed: list[Change]

    @property
    def counts(self) -> dict[Kind, int]:
        """The number of changed blocks of each kind."""
        found = Counter(change.kind for change in self.changed)
        return {kind: found[kind] for kind in KINDS}

    @property
    def flips(self) -> list[tuple[str, str, dict[Kind, int]]]:
        """For each pair of labels, from the first run to the second, the changed blocks; most frequent first."""
        found: dict[tuple[str, str], Counter[Kind]] = {}
        for change in self.changed:
            found.setdefault((change.a, change.b), Counter())[change.kind] += 1
        ordered = sorted(found.items(), key=lambda pair: (-pair[1].total(), pair[0]))
        return [(a, b, {kind: counts[kind] for kind in KINDS}) for (a, b), counts in ordered]

    @property
    def by_page(self) -> dict[int, list[Change]]:
        """The changes of each page, the page with most of them first."""
        found: dict[int, list[Change]] = {}
        for change in self.changed:
            found.setdefault(change.page, []).append(change)
        return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def find_changes(
    gold: Sequence[Sequence[str | None]], a: Sequence[Sequence[str | None]], b: Sequence[Sequence[str | None]]
) -> Changes:
    """Find the blocks to which two runs give different labels.

    Parameters
    ----------
    gold : sequence of sequence of str or None
        For each page the true label of each block.
    a, b : sequence of sequence of str or None
        For each page the labels of a run. A block that gold or a run does not label is left out.

    Returns
    -------
    Changes
        The blocks that changed.

    Raises
    ------
    Mismatch
        If pages or blocks differ in number.

    Examples
    --------
    >>> found = find_changes([["article", "form"]], [["article", "appeal"]], [["article", "form"]])
    >>> found.counts
    {'broken': 0, 'fixed': 1, 'wrong both times': 0}
    """
    changed, blocks = [], 0
    if not len(gold) == len(a) == len(b):
        raise Mismatch(
            f"gold has {counted(len(gold), 'page')}, the runs have {len(a)} and {len(b)}; give the same pages"
        )
    for page, (truth, first, second) in enumerate(zip(gold, a, b, strict=True)):
        if not len(truth) == len(first) == len(second):
            raise Mismatch(
                f"page {page}: gold has {counted(len(truth), 'block')}, the runs have {len(first)} and {len(second)}; "
                "segment the pages with the same version"
            )
        for block, (label, before, after) in enumerate(zip(truth, first, second, strict=True)):
            if label is None or before is None or after is None:
                continue
            blocks += 1
            if before != after:
                changed.append(Change(page, block, label, before, after))
    return Changes(blocks, changed)

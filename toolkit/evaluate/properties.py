"""Simple properties of blocks, by which their errors are searched for the worst slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..page import Blocks, Flag

LENGTHS = ((1, "1-2 words"), (3, "3-9 words"), (10, "10-29 words"), (30, "30 words or more"))
_PLACES = ((0, "first tenth"), (0.1, "up to a quarter"), (0.25, "middle half"), (0.75, "after three quarters"),
           (0.9, "last tenth"))  # fmt: skip
_DEPTHS = ((0, "under 5"), (5, "5-9"), (10, "10-14"), (15, "15 or more"))
_SIZES = ((0, "under 50 blocks"), (50, "50-149 blocks"), (150, "150-399 blocks"), (400, "400 blocks or more"))
_LINKS = ((0, "none"), (0.01, "some"), (0.99, "all"))
_FLAGS = {
    Flag.HIDDEN: "hidden", Flag.LIST: "in a list", Flag.TABLE: "in a table", Flag.FORM: "in a form",
    Flag.FIGURE: "in a figure", Flag.NAV: "in nav", Flag.ASIDE: "in aside", Flag.HEADER: "in header",
    Flag.FOOTER: "in footer", Flag.ARTICLE: "in article", Flag.MAIN: "in main", Flag.HEADING: "heading",
    Flag.DIALOG: "in a dialog", Flag.QUOTE: "quote", Flag.CODE: "code",
}  # fmt: skip


@dataclass(frozen=True)
class Property:
    """One property of all blocks: its `values`, and for each block the number of its value, -1 for none."""

    values: list[str]
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, values: Iterable[str]) -> Property:
        """The property that has this value for each block; "" for none."""
        numbers: dict[str, int] = {"": -1}
        codes = [numbers.setdefault(value, len(numbers) - 1) for value in values]
        return cls(list(numbers)[1:], np.array(codes, dtype=np.intp))


def block_properties(
    pages: Sequence[Blocks],
    gold: Sequence[Sequence[str | None]],
    predicted: Sequence[Sequence[str]],
    *,
    words: Sequence[Sequence[int]],
    groups: Mapping[str, Sequence[str]],
) -> dict[str, Property]:
    """The properties of the labelled blocks, one after the other.

    `words` are the words of each block; `groups` are properties of the pages, as `evaluate` takes them.
    """
    labelled = np.array([label is not None for page in gold for label in page], dtype=bool)
    sizes = np.array([len(page) for page in pages])
    found = {
        "true label": Property.of(label or "" for page in gold for label in page),
        "predicted label": Property.of(chain.from_iterable(predicted)),
        "tag": Property.of(tag for page in pages for tag in page.tag),
        "length": _steps(LENGTHS, [n for page in words for n in page]),
        "place": _steps(_PLACES, np.concatenate([np.arange(n) / max(n, 1) for n in sizes])),
        "depth": _steps(_DEPTHS, [depth for page in pages for depth in page.depth]),
        "link text": _steps(_LINKS, [density for page in pages for density in page.link_density]),
        "page": _steps(_SIZES, np.repeat(sizes, sizes)),
    }
    for name, values in groups.items():
        of_page = Property.of(values)
        found[name] = Property(of_page.values, np.repeat(of_page.codes, sizes))
    flags = np.array([own for page in pages for own in page.flags], dtype=np.int64)
    for flag, name in _FLAGS.items():
        found[name] = Property(["yes"], np.where(flags & int(flag), 0, -1).astype(np.intp))
    return {name: Property(own.values, own.codes[labelled]) for name, own in found.items()}


def _steps(steps: Sequence[tuple[float, str]], values: Sequence[float] | NDArray[Any]) -> Property:
    """A number as the last step that it reaches."""
    codes = np.searchsorted([low for low, _ in steps], np.asarray(values), side="right") - 1
    return Property([name for _, name in steps], np.maximum(codes, 0).astype(np.intp))

"""Labelled pages as a table with one row per block, for Arrow and pandas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..errors import Mismatch
from ..page import Blocks, Flag
from ..support.frame import require_pandas
from ..support.text import without_surrogates

if TYPE_CHECKING:
    import pandas
    import pyarrow

_HIDDEN = int(Flag.HIDDEN)


class LabelledPage(Protocol):
    """A page with labels: `Classified`."""

    @property
    def blocks(self) -> Blocks:
        """The blocks."""

    @property
    def labels(self) -> list[str]:
        """The label of each block."""

    @property
    def probabilities(self) -> np.ndarray[Any, Any]:
        """The probability of each label, (blocks, labels)."""

    @property
    def classes(self) -> list[str]:
        """The labels."""

    @property
    def main(self) -> np.ndarray[Any, Any] | None:
        """How likely each block is main content."""


def to_arrow(pages: Iterable[LabelledPage]) -> pyarrow.Table:
    """Make an Arrow table of the blocks of labelled pages.

    Parameters
    ----------
    pages : iterable of Classified
        Pages that one model labelled, such as `BlockClassifier.classify_many` gives.

    Returns
    -------
    pyarrow.Table
        One row per block; for the columns see `Classified.to_arrow`.

    Raises
    ------
    Mismatch
        If the pages have different labels.
    """
    import pyarrow as pa  # start-up

    some = list(pages)
    classes = some[0].classes if some else []
    if odd := next((page for page in some if page.classes != classes), None):
        raise Mismatch(
            f"{odd.blocks.page.id} has the labels {', '.join(odd.classes)} and {some[0].blocks.page.id} has "
            f"{', '.join(classes)}; make one table per model"
        )
    sizes = [len(page.blocks) for page in some]

    def by_page(values: Iterable[str]) -> pyarrow.Array:
        return pa.array([without_surrogates(value) for value in values], pa.string()).take(
            pa.array(np.repeat(np.arange(len(some)), sizes))
        )

    def by_block(name: str) -> pyarrow.Array:
        return pa.array([without_surrogates(text) for page in some for text in getattr(page.blocks, name)], pa.string())

    chances = np.concatenate([np.zeros((0, len(classes))), *(page.probabilities for page in some)]).astype(np.float32)
    fields = [pa.field(name, pa.float32()) for name in classes]
    flags = np.array([flag for page in some for flag in page.blocks.flags], np.int64)
    return pa.table(
        {
            "page": by_page(page.blocks.page.id for page in some),
            "position": pa.array([k for size in sizes for k in range(size)], pa.int32()),
            "block": by_block("ids"),
            "url": by_page(page.blocks.page.url for page in some),
            "title": by_page(page.blocks.title for page in some),
            "language": by_page(page.blocks.language for page in some),
            "text": by_block("text"),
            "tag": by_block("tag"),
            "hidden": pa.array(flags & _HIDDEN != 0, pa.bool_()),
            "label": pa.array([label for page in some for label in page.labels], pa.string()),
            "probabilities": pa.StructArray.from_arrays(
                [pa.array(np.ascontiguousarray(column)) for column in chances.T], fields=fields
            ) if fields else pa.array([{}] * len(chances), pa.struct([])),
            "main": pa.chunked_array([_main(page) for page in some], pa.float32()),
        }
    )  # fmt: skip


def _main(page: LabelledPage) -> pyarrow.Array:
    import pyarrow as pa  # start-up

    return pa.nulls(len(page.blocks), pa.float32()) if page.main is None else pa.array(page.main.astype(np.float32))


def to_pandas(pages: Iterable[LabelledPage]) -> pandas.DataFrame:
    """Make a pandas data frame of the blocks of labelled pages.

    Parameters
    ----------
    pages : iterable of Classified
        Pages that one model labelled, such as `BlockClassifier.classify_many` gives.

    Returns
    -------
    pandas.DataFrame
        One row per block; for the columns see `Classified.to_pandas`.

    Raises
    ------
    Mismatch
        If the pages have different labels.
    MissingExtra
        If pandas is not installed.
    """
    require_pandas()
    return to_arrow(pages).flatten().to_pandas()


class Tabular:
    """The methods that make a table of one page."""

    def to_arrow(self: LabelledPage) -> pyarrow.Table:
        """Make an Arrow table of the blocks. `pageblocks.tables.to_arrow` makes one of several pages.

        Returns
        -------
        pyarrow.Table
            One row per block, with the columns `page` (its id), `position` (of the block on the page, from 0), `block`
            (its id), `url`, `title`, `language`, `text`, `tag`, `hidden`, `label`, `probabilities` (a struct with one
            field per label) and `main` (how likely the block is main content; null if the model does not estimate it).
        """
        return to_arrow([self])

    def to_pandas(self: LabelledPage) -> pandas.DataFrame:
        """Make a pandas data frame of the blocks. `pageblocks.tables.to_pandas` makes one of several pages.

        Returns
        -------
        pandas.DataFrame
            One row per block, with the columns of `to_arrow`; `probabilities` is one column per label, such as
            `probabilities.article`.

        Raises
        ------
        MissingExtra
            If pandas is not installed.

        Examples
        --------
        >>> import pageblocks
        >>> page = pageblocks.load().classify("<h1>The night ferry sails again</h1><p>It left on Monday.")
        >>> page.to_pandas()[["position", "tag", "label", "text"]]
           position tag    label                         text
        0         0  h1  article  The night ferry sails again
        1         1   p  article           It left on Monday.
        """
        return to_pandas([self])

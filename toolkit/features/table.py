"""The features of blocks as a table with names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..page import Blocks
from ..support.frame import require_pandas
from ..support.text import without_surrogates
from .build import extract
from .codes import Floats
from .names import dense_names
from .strings import strings_of

if TYPE_CHECKING:
    import pandas
    import pyarrow
    from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class FeatureTable:
    """What the first stage of a model reads of blocks.

    Parameters
    ----------
    pages : list of Blocks
        The pages; the rows of the table are their blocks, in this order.
    names : list of str
        Names of the dense features.
    values : ndarray of shape (n_blocks, n_features)
        The dense features, as they are before a model standardises them.
    """

    pages: list[Blocks] = field(repr=False)
    names: list[str] = field(repr=False)
    values: Floats = field(repr=False)

    def to_arrow(self) -> pyarrow.Table:
        """Make an Arrow table of the dense features.

        Returns
        -------
        pyarrow.Table
            One row per block, with the columns `page` (its id), `position` (of the block on the page), `block` (its id)
            and one column per feature.
        """
        import pyarrow as pa  # start-up

        return pa.table(
            {
                "page": [without_surrogates(page.page.id) for page in self.pages for _ in range(len(page))],
                "position": pa.array([k for page in self.pages for k in range(len(page))], pa.int32()),
                "block": [without_surrogates(id) for page in self.pages for id in page.ids],
                **{name: np.ascontiguousarray(column) for name, column in zip(self.names, self.values.T, strict=True)},
            }
        )

    def to_pandas(self) -> pandas.DataFrame:
        """Make a pandas data frame of the dense features.

        Returns
        -------
        pandas.DataFrame
            One row per block, with the columns of `to_arrow`.

        Raises
        ------
        MissingExtra
            If pandas is not installed.
        """
        require_pandas()
        return self.to_arrow().to_pandas()

    def to_sparse(self) -> tuple[csr_matrix, list[str]]:
        """Count the strings that a model reads as hashed features: words, pairs, letters, class names, tags, links.

        Returns
        -------
        csr_matrix of shape (n_blocks, n_strings)
            How often each string occurs in each block.
        list of str
            Their names, `PART KIND:STRING`, such as `text word:ferry`, `names pair:site nav` or `tags word:li`. For
            the parts see `pageblocks.explain.Reason`. A model hashes the strings to 2**18 columns for `text` and as
            many for markup.
        """
        from scipy.sparse import csr_matrix  # start-up

        number: dict[str, int] = {}
        columns: list[int] = []
        bounds = [0]
        for page in self.pages:
            for i in range(len(page)):
                for strings in (found for part in strings_of(page, i) for found in part):
                    text = strings.spelled.text
                    for grams in strings.spelled.grams:
                        places = zip(grams.start.tolist(), grams.end.tolist(), strict=True)
                        names = [f"{strings.part} {grams.kind}:{text[a:b]}" for a, b in places]
                        columns += [number.setdefault(name, len(number)) for name in names]
                bounds.append(len(columns))
        counts = csr_matrix((np.ones(len(columns), np.float32), columns, bounds), shape=(len(bounds) - 1, len(number)))
        counts.sum_duplicates()
        return counts, list(number)


def feature_table(pages: Iterable[Blocks]) -> FeatureTable:
    """Make a table of the features of blocks.

    Parameters
    ----------
    pages : iterable of Blocks
        The pages.

    Returns
    -------
    FeatureTable
        One row per block.

    Examples
    --------
    >>> from pageblocks import Page
    >>> from pageblocks.segment import segment
    >>> from pageblocks.tables import feature_table
    >>> table = feature_table([segment(Page("first", "", b"<h1>Ferry sails</h1><p>It left on Monday."))])
    >>> table.values.shape == (2, len(table.names))
    True
    >>> counts, names = table.to_sparse()
    >>> [name for name in names if name.startswith("text pair")]
    ['text pair:ferry sails', 'text pair:it left', 'text pair:left on', 'text pair:on monday', 'text pair:monday.']
    """
    some = list(pages)
    names = dense_names()
    parts = [extract([page]).dense for page in some if len(page)]
    return FeatureTable(some, names, np.concatenate([np.zeros((0, len(names)), np.float32), *parts]))

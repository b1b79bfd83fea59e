"""Concatenates pages to one batch: columns of all their blocks, and the start of each page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from ..page import Blocks
from .codes import Floats, Index
from .column import Column
from .groups import Groups

_NEAR = 40  # characters of the names that distinguish shapes


@dataclass
class Batch:
    """Columns of blocks. `bounds` (pages + 1) are the starts of the pages; `page` (blocks,) is the page of each."""

    text: Column
    tag: Column
    path: Column
    names: Column
    href: Column
    titles: list[str]
    flags: Index
    density: Floats
    depth: Index
    heading: Index  # index in the batch, -1 for none
    parent: Index  # container, unique in the batch
    above: Index  # (containers) the container around each container
    bounds: Index
    page: Index

    def __len__(self) -> int:
        return len(self.page)

    @cached_property
    def first(self) -> Index:
        """The first block of the page of each block."""
        return self.bounds[self.page]

    @cached_property
    def last(self) -> Index:
        """The end of the page of each block."""
        return self.bounds[self.page + 1]

    @property
    def sizes(self) -> Index:
        """The number of blocks of each page."""
        return np.diff(self.bounds)

    @cached_property
    def shape(self) -> Index:
        """A number (blocks,) shared by blocks that look alike on a site: same path and same nearest names."""
        near = Column.of_all([[names[:_NEAR] for names in self.names.values]])
        return self.path.of * len(near.values) + near.of[self.names.of]

    @cached_property
    def same_parent(self) -> Groups:
        """Blocks in the same container."""
        return Groups.by(self.parent, self.page)

    @cached_property
    def same_shape(self) -> Groups:
        """Blocks of a page that look alike (`shape`)."""
        return Groups.by(self.shape, self.page)

    @cached_property
    def same_text(self) -> Groups:
        """Blocks of a page with the same text."""
        return Groups.by(self.text.of, self.page)


def stack(pages: Sequence[Blocks]) -> Batch:
    """The pages as one batch."""
    sizes = np.array([len(p) for p in pages], np.int64)
    bounds = np.zeros(len(pages) + 1, np.int64)
    np.cumsum(sizes, out=bounds[1:])
    page = np.repeat(np.arange(len(pages)), sizes)
    heading = _numbers(p.heading for p in pages)
    # An offset per page makes the numbers of containers unique.
    most = np.array([len(p.above) for p in pages], np.int64)
    offset = np.cumsum(most) - most
    return Batch(
        text=Column.of_all(p.text for p in pages),
        tag=Column.of_all(p.tag for p in pages),
        path=Column.of_all(p.path for p in pages),
        names=Column.of_all(p.names for p in pages),
        href=Column.of_all(p.href for p in pages),
        titles=[p.title for p in pages],
        flags=_numbers(p.flags for p in pages),
        density=np.array(list(chain.from_iterable(p.link_density for p in pages)), np.float32),
        depth=_numbers(p.depth for p in pages),
        heading=np.where(heading >= 0, heading + bounds[page], -1),
        parent=_numbers(p.parent for p in pages) + offset[page],
        above=_numbers(p.above for p in pages) + np.repeat(offset, most),
        bounds=bounds,
        page=page,
    )


def _numbers(parts: Iterable[Sequence[int]]) -> Index:
    return np.array(list(chain.from_iterable(parts)), np.int64)

"""Pages stacked into one batch: columns of all their blocks, one after the other, and where each page begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..page import Blocks
from .codes import Floats, Index


@dataclass
class Batch:
    """`bounds` (pages + 1) says where each page begins; `page` (blocks) which page each block is of."""

    text: list[str]
    tag: list[str]
    path: list[str]
    names: list[str]
    href: list[str]
    titles: list[str]
    flags: Index
    density: Floats
    depth: Index
    heading: Index  # index in the batch, -1 where there is none
    parent: Index  # container, unique in the batch
    above: Index  # (containers) the container around each container
    bounds: Index
    page: Index
    shape: Index  # what a site draws the same way has the same number: its path and names

    def __len__(self) -> int:
        return len(self.text)

    @property
    def sizes(self) -> Index:
        return np.diff(self.bounds)


def stack(pages: Sequence[Blocks]) -> Batch:
    sizes = np.array([len(p) for p in pages], np.int64)
    bounds = np.zeros(len(pages) + 1, np.int64)
    np.cumsum(sizes, out=bounds[1:])
    page = np.repeat(np.arange(len(pages)), sizes)
    path = [t for p in pages for t in p.path]
    names = [t for p in pages for t in p.names]
    heading = np.array([h for p in pages for h in p.heading], np.int64)
    parent = np.array([n for p in pages for n in p.parent], np.int64)
    # Numbers of containers are made unique by an offset a page.
    most = np.array([len(p.above) for p in pages], np.int64)
    offset = np.cumsum(most) - most
    above = np.array([n for p in pages for n in p.above], np.int64) + np.repeat(offset, most)
    return Batch(
        text=[t for p in pages for t in p.text],
        tag=[t for p in pages for t in p.tag],
        path=path,
        names=names,
        href=[t for p in pages for t in p.href],
        titles=[p.title for p in pages],
        flags=np.array([f for p in pages for f in p.flags], np.int64),
        density=np.array([d for p in pages for d in p.link_density], np.float32),
        depth=np.array([d for p in pages for d in p.depth], np.int64),
        heading=np.where(heading >= 0, heading + bounds[page], -1),
        parent=parent + offset[page],
        above=above,
        bounds=bounds,
        page=page,
        shape=_shape(path, names),
    )


def _shape(paths: list[str], names: list[str]) -> Index:
    table: dict[tuple[str, str], int] = {}
    return np.array([table.setdefault((p, n[:40]), len(table)) for p, n in zip(paths, names, strict=True)], np.int64)

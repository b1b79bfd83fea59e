"""Cross-validation by site: the training pages and test pages of each fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import TooFewLabels, UsageError
from ..page import Blocks, group_of
from ..support.folds import held_out
from ..support.hashing import shuffled
from ..support.text import counted

Array = npt.NDArray[Any]
SLACK = 0.1  # pages that the fullest fold may have more than the emptiest, as a share of an even fold


def spread_over_sites(pages: Sequence[Blocks], chosen: Sequence[int], seed: int) -> list[int]:
    """Order the pages so that every prefix has as many sites as possible: one page of each, then the second of each."""
    order = [chosen[k] for k in shuffled([pages[i].page.id for i in chosen], seed)]
    seen: dict[str, int] = {}
    rounds = []
    for k, i in enumerate(order):
        site = group_of(pages[i])
        seen[site] = seen.get(site, 0) + 1
        rounds.append((seen[site], k, i))
    return [i for _, _, i in sorted(rounds)]


def site_folds(
    pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]], folds: int, *, seed: int = 0
) -> list[tuple[list[int], list[int]]]:
    """For each fold the indices of (training pages, test pages). No site is on both sides.

    Labels are spread evenly; then sites are moved until the folds are even in pages: the fullest has at most a tenth of
    an even share more than the emptiest, or, if sites are too large for that, no more than its smallest site has. The
    order of the pages does not matter.

    Raises UsageError for fewer than two folds, TooFewLabels for fewer sites than folds.
    """
    groups = [group_of(page) for page in pages]
    if folds < 2:
        raise UsageError(f"{counted(folds, 'fold')} are not possible; give 2 or more")
    if (sites := len(set(groups))) < folds:
        fewer = f", or give --folds {sites}" if sites > 1 else ""
        raise TooFewLabels(
            f"{counted(sites, 'site', 'is')} too few for {counted(folds, 'fold')} by site; label pages of more "
            f"sites{fewer}"
        )
    of_page = np.repeat(np.arange(len(pages)), [len(page) for page in labels])
    # Blocks without a label are spread evenly too: all blocks of a page are in one fold.
    flat = np.array([label or "" for page in labels for label in page])
    held = held_out(flat, np.array(groups)[of_page], folds, seed=seed)
    drawn = {str(site): fold for fold, names in enumerate(held) for site in names}
    names, site_of_page, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    blocks = np.zeros((len(names), len(set(flat))))
    np.add.at(blocks, (site_of_page[of_page], np.unique(flat, return_inverse=True)[1]), 1)
    fold_of_site = np.array([drawn.get(str(site), 0) for site in names])  # a page without blocks is in none
    fold = _evened(fold_of_site, sizes, blocks, folds=folds)[site_of_page]
    return [(np.flatnonzero(fold != k).tolist(), np.flatnonzero(fold == k).tolist()) for k in range(folds)]


def _evened(fold: Array, sizes: Array, blocks: Array, *, folds: int) -> Array:
    """Move sites until the folds are even in pages.

    The fullest fold that can gives the emptiest one a site, that which makes the two most alike. `blocks` is the number
    of blocks of each site and label; of sites of equal size the one goes that keeps the labels most even.
    """
    fold, even = fold.copy(), sizes.sum() / folds
    while True:
        pages = np.bincount(fold, sizes, folds)
        emptiest = pages.argmin()
        gap = pages[fold] - pages[emptiest]
        able = np.flatnonzero(sizes < gap)
        if pages.max() - pages.min() <= SLACK * even or not len(able):
            return fold
        able = able[gap[able] == gap[able].max()]
        off = abs(gap[able] - 2 * sizes[able])
        moves = []
        for site in able[off == off.min()]:
            fold_if = fold.copy()
            fold_if[site] = emptiest
            table = np.zeros((folds, blocks.shape[1]))
            np.add.at(table, fold_if, blocks)
            moves.append((float((table / table.sum(axis=0)).std(axis=0).mean()), int(site)))
        fold[min(moves)[1]] = emptiest


def hold_out(
    pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]], share: int = 4, *, seed: int = 0
) -> tuple[list[int], list[int]]:
    """Split the pages by site: indices of the training pages, and of about one in `share` pages that are held out."""
    return site_folds(pages, labels, share, seed=seed)[0]

"""Cross-validation by site: the training pages and test pages of each fold."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from ..errors import TooFewLabels, UsageError
from ..page import Blocks, group_of
from ..support.hashing import shuffled
from ..support.text import counted


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
    pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]], folds: int, seed: int = 0
) -> list[tuple[list[int], list[int]]]:
    """For each fold the indices of (training pages, test pages). No site is on both sides; labels are spread evenly.

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
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A label with fewer blocks than folds cannot be in every fold; the report shows its support.
        warnings.simplefilter("ignore", UserWarning)
        splits = list(splitter.split(flat, flat, groups=np.array(groups)[of_page]))
    return [(sorted(set(of_page[a].tolist())), sorted(set(of_page[b].tolist()))) for a, b in splits]


def hold_out(
    pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]], share: int = 4, seed: int = 0
) -> tuple[list[int], list[int]]:
    """Split the pages by site: indices of the training pages, and of about one in `share` pages that are held out."""
    return site_folds(pages, labels, share, seed)[0]

"""Which pages are learned from and which are tested on: cross-validation by site, or a split whose test part is not
opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..corpus import Split, check_split, read_split, split_path
from ..corpus.folder import Corpus
from ..errors import TooFewLabels
from ..train.folds import site_folds
from .data import Data, Sources
from .settings import Experiment

Pair = tuple[list[int], list[int]]  # indices of training pages and of test pages


def chosen_split(experiment: Experiment, folder: Path) -> tuple[Path | None, Split | None]:
    """The experiment's own split, or the one of its corpus; a corpus' split knows the sites that came later, too."""
    named = folder / experiment.split if experiment.split else None
    if experiment.corpus:
        own = split_path(folder / experiment.corpus)
        if named is None or (own.exists() and named.exists() and named.samefile(own)):
            chosen = Corpus.open(folder / experiment.corpus).split()
            return (named or own, chosen) if chosen is not None else (None, None)
    return (named, read_split(named)) if named is not None else (None, None)


def learn_and_test(experiment: Experiment, gold: Data, chosen: Split | None) -> list[Pair]:
    """Train against validation where the experiment names a split; otherwise folds by site. Test pages are on neither
    side.
    """
    parts = chosen.parts(gold.pages) if chosen else ["train"] * len(gold.pages)
    if experiment.split:
        pair = _where(parts, "train"), _where(parts, "validation")
        if not all(pair):
            raise TooFewLabels("the split leaves no page with gold for training or for validation; label more sites")
        return [pair]
    kept = _where(parts, "train", "validation")
    pages, labels = [gold.pages[i] for i in kept], [gold.targets[i] for i in kept]
    found: list[Pair] = []
    for seed in range(experiment.seed, experiment.seed + experiment.repeats):
        for train, test in site_folds(pages, labels, experiment.cv, seed=seed):
            found.append(([kept[i] for i in train], [kept[i] for i in test]))
    return found


def test_fold(gold: Data, chosen: Split) -> Pair:
    """All but the test pages, and these."""
    parts = chosen.parts(gold.pages)
    if "test" not in parts:
        raise TooFewLabels("no page with gold lies in the test part of the split; label more sites")
    return _where(parts, "train", "validation"), _where(parts, "test")


def check_parts(experiment: Experiment, at: Sources, gold: Data, *, content: Sequence[Data]) -> None:
    """Raise SeenTestPages where a page or a template is seen on two sides of the split, in gold or in content
    pages.
    """
    chosen = chosen_split(experiment, at.folder)[1]
    if chosen is not None:
        pages = {page.page.id: page for data in (gold, *content) for page in data.pages}
        check_split(list(pages.values()), chosen)


def _where(parts: Sequence[str], *wanted: str) -> list[int]:
    return [i for i, part in enumerate(parts) if part in wanted]

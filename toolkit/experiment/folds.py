"""Second step: models that learn from some sites and answer about others, fold by fold."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import BadInput
from ..model.arrays import Probabilities
from ..model.sample import Silver
from ..model.text_dumps import as_text
from ..page import Blocks, group_of
from ..train.fit import fit_without
from ..train.folds import spread_over_sites
from .cache import Cache
from .data import Data
from .hashes import LEARNING, code, hash_value, versions
from .settings import Experiment
from .without import cut_all

Samples = list[tuple[Blocks, list[str | None]]]
_TEST_DUMPS = 1000  # other dumps of a page than the model learns from


@dataclass(frozen=True)
class Fold:
    """Indices of the gold pages; `key` is a hash of all that the answers depend on."""

    train: list[int] = field(repr=False)
    test: list[int] = field(repr=False)
    key: str


@dataclass
class Answers:
    """About the test samples of a fold, in their order. `seconds` of processor time that it took."""

    classes: list[str]
    probabilities: list[Probabilities] = field(repr=False)
    seconds: float


def make_folds(
    experiment: Experiment,
    gold: Data,
    content: Sequence[Data],
    *,
    parts: Sequence[tuple[list[int], list[int]]],
    silver: Data | None = None,
) -> list[Fold]:
    """Folds of (training pages, test pages), the training pages cut to the experiment's share."""
    made = []
    for train, test in parts:
        some = train
        if experiment.share < 1:
            some = sorted(
                spread_over_sites(gold.pages, train, experiment.seed)[: max(2, round(experiment.share * len(train)))]
            )
        about = {
            "code": code(LEARNING),
            "versions": versions(),
            "gold": gold.key,
            "content": [part.key for part in content],
            "silver": silver.key if silver else "",
            "model": experiment.classifier().get_params(),
            "format": experiment.format,
            "labels": experiment.labels if experiment.merge == "before" else {},
            "without": sorted(set(experiment.without)),
            "stages": experiment.stages,
            "seed": experiment.seed,
            "train": some,
            "test": test,
        }
        made.append(Fold(some, test, hash_value(about)))
    return made


def predict_fold(
    experiment: Experiment,
    gold: Data,
    content: Sequence[Data],
    *,
    fold: Fold,
    cache: Cache,
    silver: Data | None = None,
) -> Answers:
    """From the cache, or by training. Raises TooFewLabels where the fold's training pages have too little to learn
    from.
    """
    sizes = [len(page) for page, _ in test_samples(experiment, gold, fold.test)]
    kept = cache.arrays("fold", fold.key)
    if kept is not None and len(kept.get("probabilities", ())) == sum(sizes):
        return Answers(kept["classes"].tolist(), _cut(kept["probabilities"], sizes), float(kept["seconds"]))
    start = time.process_time()
    classes, found = _learn(experiment, gold, content, fold=fold, silver=silver)
    seconds = round(time.process_time() - start, 1)
    flat = np.concatenate([*found, np.zeros((0, len(classes)), np.float32)])
    cache.keep_arrays(
        "fold", fold.key, {"classes": np.array(classes), "probabilities": flat, "seconds": np.array(seconds)}
    )
    return Answers(classes, found, seconds)


def _learn(
    experiment: Experiment, gold: Data, content: Sequence[Data], *, fold: Fold, silver: Data | None
) -> tuple[list[str], list[Probabilities]]:
    before = merge_labels(gold.targets, experiment.labels if experiment.merge == "before" else {})
    learned = [(gold.pages[i], before[i]) for i in fold.train]
    if experiment.format == "html":
        learned = [pair for pair in learned if pair[0].page.format == "html"]
    seen, known = cut_all([page for page, _ in learned], [labels for _, labels in learned], experiment.without)
    more = [pair for part in content for pair in zip(part.pages, part.targets, strict=True)]
    inside = cut_all([page for page, _ in more], [targets for _, targets in more], experiment.without)
    held = {group_of(gold.pages[i]) for i in fold.test}
    said = _silver(experiment, silver) if silver else None
    formats = ("html", "text") if experiment.format == "both" else (experiment.format,)
    fitted = fit_without(
        held, experiment.classifier(), seen, labels=known, content=inside, silver=said, formats=formats
    )
    tests = [page for page, _ in test_samples(experiment, gold, fold.test)]
    asked = cut_all(tests, [[]] * len(tests), experiment.without)[0]
    answers = fitted.predict_proba(asked) if experiment.stages == 2 else fitted.predict_first(asked)
    flat = np.concatenate([np.zeros((0, len(fitted.classes_)), np.float32), *answers])
    return [str(name) for name in fitted.classes_], _cut(flat, [len(page) for page in tests])


def _silver(experiment: Experiment, data: Data) -> Silver:
    """The silver labels, cut and merged as the gold is."""
    pages, targets = cut_all(data.pages, data.targets, experiment.without)
    tables = [np.array(rows, np.float32).reshape(len(rows), len(data.classes) + 1) for rows in targets]
    chances, main = [table[:, :-1] for table in tables], [table[:, -1] for table in tables]
    if experiment.merge != "before" or not experiment.labels:
        return Silver(pages, data.classes, chances, main)
    groups = [[data.classes.index(old) for old in olds if old in data.classes] for olds in experiment.labels.values()]
    if left := sorted(set(data.classes) - {old for olds in experiment.labels.values() for old in olds}):
        raise BadInput(f"[labels] says nothing of {left[0]!r}; put it into one of its groups")
    merged = [np.stack([part[:, group].sum(axis=1) for group in groups], axis=1) for part in chances]
    return Silver(pages, list(experiment.labels), merged, main)


def test_samples(experiment: Experiment, gold: Data, chosen: Sequence[int]) -> Samples:
    """What a fold's model is asked about: pages, dumps of them, or both, with their gold labels as they are in the
    gold.
    """
    pages = [(gold.pages[i], gold.targets[i]) for i in chosen]
    html = [pair for pair in pages if pair[0].page.format == "html"]
    if experiment.format == "html":
        return html
    texts = [pair for pair in pages if pair[0].page.format == "text"]
    dumps = [_dump(*pair, experiment.seed + _TEST_DUMPS) for pair in html]
    return texts + dumps if experiment.format == "text" else html + texts + dumps


def merge_labels(labels: Sequence[list[str | None]], groups: dict[str, list[str]]) -> list[list[str | None]]:
    """Labels under the names of their groups. Raises BadInput for a label that is in none."""
    if not groups:
        return list(labels)
    new = {old: name for name, names in groups.items() for old in names}
    try:
        return [[None if label is None else new[label] for label in page] for page in labels]
    except KeyError as error:
        raise BadInput(f"[labels] says nothing of {error.args[0]!r}; put it into one of its groups") from None


def _dump(page: Blocks, labels: list[str | None], seed: int) -> tuple[Blocks, list[str | None]]:
    dump, kept = as_text(page, seed)
    return dump, [labels[i] for i in kept]


def _cut(flat: Probabilities, sizes: Sequence[int]) -> list[Probabilities]:
    return np.split(flat, np.cumsum(sizes)[:-1]) if sizes else []

"""Corpus -> model, and corpus -> honest figures: training, cross-validation by site, evaluation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BadScheme, TooFewLabels
from ..page import Blocks, group_of
from ..support.text import counted
from .folds import site_folds

if TYPE_CHECKING:
    from ..evaluate import Evaluation
    from ..model import BlockClassifier
    from ..scheme import Scheme

Array = np.ndarray[Any, Any]
OnStep = Callable[[], object]


@dataclass(frozen=True)
class Predictions:
    """What models said about pages that they had not seen, page by page. Columns of `probabilities` follow `classes`.

    A block without a label is None in `gold`; it is answered like the others, and no score counts it.
    """

    pages: list[Blocks] = field(repr=False)
    gold: list[list[str | None]] = field(repr=False)
    predicted: list[list[str]] = field(repr=False)
    probabilities: list[Array] = field(repr=False)
    classes: list[str]

    @property
    def sites(self) -> list[str]:
        return [group_of(page) for page in self.pages]


def train(
    pages: list[Blocks], labels: list[list[str | None]], out: Path | str | None = None, seed: int = 0,
    force: bool = False,
    init: BlockClassifier | None = None,
) -> BlockClassifier:  # fmt: skip
    """Train a classifier on labelled pages, from `init` on where given; save it to the folder `out` where given.

    A block with the label None is context for its neighbours; nothing is learned of it.

    Raises PageblocksError when there is too little to learn from, or `out` holds a model (unless `force`) or something
    else.
    """
    from ..model import BlockClassifier
    from ..model.store import refuse_foreign

    if out is not None:
        refuse_foreign(out, force)
    check_labels(labels)
    model = BlockClassifier(random_state=seed).fit(pages, labels, init=init)
    if out is not None:
        model.save(out)
    return model


def cross_validate(
    pages: list[Blocks],
    labels: list[list[str | None]],
    folds: int = 5,
    seed: int = 0,
    on_fold: OnStep | None = None,
    model: BlockClassifier | None = None,
) -> Predictions:
    """Every page predicted by a model that saw no page of its site: StratifiedGroupKFold over blocks, grouped by site.

    `on_fold` is called after each fold; `model` lends its settings. Raises PageblocksError with fewer sites than folds
    or too little to learn from.
    """
    from sklearn.base import clone

    from ..model import BlockClassifier

    check_labels(labels)
    classes = sorted({label for page in labels for label in page if label is not None})
    probabilities: list[Array | None] = [None] * len(pages)
    for train_on, test_on in site_folds(pages, labels, folds, seed):
        seen = [labels[i] for i in train_on]
        check_labels(seen)
        fitted = clone(model or BlockClassifier(random_state=seed)).fit([pages[i] for i in train_on], seen)
        columns = [classes.index(str(name)) for name in fitted.classes_]
        for i, answer in zip(test_on, fitted.predict_proba([pages[i] for i in test_on]), strict=True):
            # A rare label may be missing from a fold's training pages: its column stays at zero.
            full = np.zeros((len(pages[i]), len(classes)))
            full[:, columns] = answer
            probabilities[i] = full
        if on_fold is not None:
            on_fold()
    done = [p for p in probabilities if p is not None]
    return Predictions(pages, labels, [_names(p, classes) for p in done], done, classes)


def predict(model: BlockClassifier, pages: list[Blocks], labels: list[list[str | None]]) -> Predictions:
    """What one model says about labelled pages. `seen.seen` tells whether it was trained on them."""
    classes = [str(name) for name in model.classes_]
    probabilities = model.predict_proba(pages)
    return Predictions(pages, labels, [_names(p, classes) for p in probabilities], list(probabilities), classes)


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Predictions of several models of the same labels, as one."""
    if len({tuple(part.classes) for part in parts}) != 1:
        raise TooFewLabels("the folds learned different labels; a label is too rare for so many folds")
    return Predictions(
        [page for part in parts for page in part.pages],
        [labels for part in parts for labels in part.gold],
        [labels for part in parts for labels in part.predicted],
        [p for part in parts for p in part.probabilities],
        parts[0].classes,
    )


def evaluate_predictions(
    found: Predictions, scheme: Scheme | None = None, seed: int = 0, types: Mapping[str, str] | None = None
) -> tuple[Evaluation, Evaluation]:
    """The scores of predictions, and those of always saying the commonest label. Intervals are bootstrapped by site.

    `scheme` gives the labels and their order; the one that comes with pageblocks where it is not given. `types`: page
    id -> kind of page ("news", "shop"), for scores by page type (`Corpus.types`).
    """
    from ..evaluate import baseline, evaluate
    from ..scheme import Scheme

    labels = (scheme or Scheme.default()).names
    words = [[len(text.split()) for text in page.text] for page in found.pages]
    groups: dict[str, Sequence[str]] = {
        "format": [page.page.format for page in found.pages],
        "language": [page.language for page in found.pages],
    }
    if types:
        groups["page type"] = [types.get(page.page.id, "") for page in found.pages]
    scores = evaluate(
        found.gold,
        found.predicted,
        found.sites,
        labels,
        found.probabilities,
        seed,
        classes=found.classes,
        words=words,
        groups=groups,
    )
    return scores, baseline(found.gold, found.sites, labels, words=words, groups=groups, seed=seed)


def check_labels(labels: Sequence[Sequence[str | None]]) -> None:
    """Raise PageblocksError when there is nothing to learn from these labels."""
    counts = Counter(label for page in labels for label in page if label is not None)
    if not counts:
        raise TooFewLabels(
            "no labels to learn from; label some pages first (`pageblocks push`, then `pageblocks pull`)"
        )
    if len(counts) == 1:
        raise TooFewLabels(
            f"all {counted(counts.total(), 'labelled block', 'is')} {next(iter(counts))!r}; a classifier needs two "
            "labels or more"
        )


def count_labels(labels: Iterable[Sequence[str | None]]) -> int:
    """How many blocks have a label."""
    return sum(label is not None for page in labels for label in page)


def check_known(labels: Sequence[Sequence[str | None]], known: Sequence[str], where: str) -> None:
    """Raise PageblocksError for labels that `where` (a scheme, a model) does not have."""
    unknown = Counter(label for page in labels for label in page if label is not None and label not in known)
    if unknown:
        listed = ", ".join(f"{name!r} ({counted(count, 'block')})" for name, count in unknown.most_common(5))
        raise BadScheme(f"unknown label {listed}; {where} has {', '.join(known)}")


def _names(probabilities: Array, classes: Sequence[str]) -> list[str]:
    return [classes[i] for i in probabilities.argmax(axis=1)] if len(probabilities) else []

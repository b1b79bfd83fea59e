"""Training, cross-validation by site, and the scores of predictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadScheme, TooFewLabels
from ..evaluate import Evaluation, baseline, evaluate
from ..evaluate.properties import Property, block_properties
from ..evaluate.slices import Slices, find_slices
from ..model import BlockClassifier
from ..model.sample import ContentPages, Silver
from ..model.store import refuse_foreign_model
from ..page import Blocks, group_of
from ..scheme import Scheme
from ..support.text import counted
from .folds import site_folds, spread_over_sites

Array = np.ndarray[Any, Any]
OnStep = Callable[[], object]
_TRAINED = 20  # training pages of a fold that are predicted as well


@dataclass(frozen=True)
class Predictions:
    """Predictions for labelled pages, page by page.

    Parameters
    ----------
    pages : list of Blocks
        The pages.
    gold : list of list of str or None
        For each page the true label of each block. Blocks with None are predicted too, but not scored.
    predicted : list of list of str
        For each page the predicted label of each block.
    probabilities : list of ndarray of shape (n_blocks, n_labels)
        For each page the probabilities, columns in the order of `classes`.
    classes : list of str
        The labels in alphabetical order.
    folds : list of int, default=[]
        For each page the fold in which it was tested; empty if one model predicted all pages.
    trained : tuple of (int, int) or None, default=None
        Right blocks and labelled blocks among a sample of the training pages of each fold.
    """

    pages: list[Blocks] = field(repr=False)
    gold: list[list[str | None]] = field(repr=False)
    predicted: list[list[str]] = field(repr=False)
    probabilities: list[Array] = field(repr=False)
    classes: list[str]
    folds: list[int] = field(default_factory=list, repr=False)
    trained: tuple[int, int] | None = None

    @property
    def sites(self) -> list[str]:
        """The site of each page, or the page alone if its address is unknown."""
        return [group_of(page) for page in self.pages]


def train(
    pages: list[Blocks], labels: list[list[str | None]], out: Path | str | None = None, *, seed: int = 0,
    force: bool = False,
    init: BlockClassifier | None = None,
) -> BlockClassifier:  # fmt: skip
    """Train a classifier on labelled pages.

    Parameters
    ----------
    pages : list of Blocks
        Training pages.
    labels : list of list of str or None
        For each page one label per block. A block with the label None is context for its neighbours only.
    out : Path or str, optional
        Folder in which the model is saved.
    seed : int, default=0
        Seed of all random choices.
    force : bool, default=False
        Whether a model in `out` is replaced.
    init : BlockClassifier, optional
        A fitted model to start from; see `BlockClassifier.fit`.

    Returns
    -------
    BlockClassifier
        The fitted model.

    Raises
    ------
    TooFewLabels
        If there are fewer than two different labels.
    AlreadyExists
        If `out` contains a model (without `force`) or other files.
    """
    if out is not None:
        refuse_foreign_model(out, force)
    check_labels(labels)
    model = BlockClassifier(random_state=seed).fit(pages, labels, init=init)
    if out is not None:
        model.save(out)
    return model


def cross_validate(
    pages: list[Blocks],
    labels: list[list[str | None]],
    folds: int = 5,
    *,
    seed: int = 0,
    on_fold: OnStep | None = None,
    model: BlockClassifier | None = None,
    init: BlockClassifier | None = None,
) -> Predictions:
    """Predict every page with a model that has seen no page of its site.

    The folds are those of `toolkit.train.folds.site_folds`.

    Parameters
    ----------
    pages : list of Blocks
        Labelled pages.
    labels : list of list of str or None
        For each page one label per block.
    folds : int, default=5
        Number of models to train.
    seed : int, default=0
        Seed of the folds and the models.
    on_fold : callable, optional
        Called without arguments after each fold.
    model : BlockClassifier, optional
        Model whose parameters are used; its weights are not.
    init : BlockClassifier, optional
        A fitted model from which each fold starts; it must not have seen the pages. See `BlockClassifier.fit`.

    Returns
    -------
    Predictions
        Predictions for all pages, in their order.

    Raises
    ------
    TooFewLabels
        If there are fewer sites than folds, or a fold has fewer than two different labels to learn from.
    """
    check_labels(labels)
    classes = sorted({label for page in labels for label in page if label is not None})
    probabilities: list[Array] = [np.zeros((0, len(classes)))] * len(pages)
    fold_of, right, known = [0] * len(pages), 0, 0
    for fold, (train_on, test_on) in enumerate(site_folds(pages, labels, folds, seed=seed)):
        held = {group_of(pages[i]) for i in test_on}
        formats = {pages[i].page.format for i in test_on}
        settings = model or BlockClassifier(random_state=seed)
        fitted = fit_without(held, settings, pages, labels=labels, formats=formats, init=init)
        columns = [classes.index(str(name)) for name in fitted.classes_]
        for i, answer in zip(test_on, fitted.predict_proba([pages[i] for i in test_on]), strict=True):
            # A rare label may be missing from a fold's training pages; then its column is zero.
            probabilities[i] = np.zeros((len(answer), len(classes)))
            probabilities[i][:, columns] = answer
            fold_of[i] = fold
        again = [i for i in spread_over_sites(pages, train_on, seed) if pages[i].page.format in formats][:_TRAINED]
        own = predict(fitted, [pages[i] for i in again], [labels[i] for i in again])
        right += count_right(own.gold, own.predicted)
        known += count_labels(own.gold)
        if on_fold is not None:
            on_fold()
    predicted = [_names(p, classes) for p in probabilities]
    return Predictions(pages, labels, predicted, probabilities, classes, fold_of, (right, known))


def fit_without(
    held: Collection[str],
    model: BlockClassifier,
    pages: Sequence[Blocks],
    *,
    labels: Sequence[Sequence[str | None]],
    content: ContentPages | None = None,
    silver: Silver | None = None,
    formats: Collection[str] = ("html", "text"),
    init: BlockClassifier | None = None,
) -> BlockClassifier:
    """Fit a model with the parameters of `model` to all pages but those of the sites in `held`.

    Nothing of these sites is learned: no labels, no silver labels, no content. Every model that is scored on sites that
    it has not seen is fitted here. Raises TooFewLabels if the other sites have fewer than two different labels.
    """
    kept = [i for i, page in enumerate(pages) if group_of(page) not in held]
    seen = [labels[i] for i in kept]
    check_labels(seen)
    more = [pair for pair in zip(*content or ((), ()), strict=True) if group_of(pair[0]) not in held]
    rest = ([page for page, _ in more], [inside for _, inside in more]) if more else None
    if silver is not None:
        silver = silver.of_pages([i for i, page in enumerate(silver.pages) if group_of(page) not in held])
    fresh = type(model)(**model.get_params())
    return fresh.fit([pages[i] for i in kept], seen, rest, silver=silver, formats=formats, init=init)


def predict(model: BlockClassifier, pages: list[Blocks], labels: list[list[str | None]]) -> Predictions:
    """Predict labelled pages with one model.

    Scores are too high if the model was trained on these pages; `pageblocks.model.seen` checks that.

    Parameters
    ----------
    model : BlockClassifier
        A fitted model.
    pages : list of Blocks
        Labelled pages.
    labels : list of list of str or None
        For each page one label per block.

    Returns
    -------
    Predictions
        Predictions for all pages, in their order.
    """
    classes = [str(name) for name in model.classes_]
    probabilities = model.predict_proba(pages)
    return Predictions(pages, labels, [_names(p, classes) for p in probabilities], list(probabilities), classes)


def evaluate_predictions(
    found: Predictions, scheme: Scheme | None = None, seed: int = 0, *, types: Mapping[str, str] | None = None
) -> tuple[Evaluation, Evaluation]:
    """Score predictions, with intervals bootstrapped by site.

    Parameters
    ----------
    found : Predictions
        Predictions for labelled pages.
    scheme : Scheme, optional
        The labels and their order; by default the scheme that comes with pageblocks.
    seed : int, default=0
        Seed of the bootstrap.
    types : mapping of str to str, optional
        Kind of each page ("news", "shop") by page id (`Corpus.types`), for scores by page type.

    Returns
    -------
    tuple of (Evaluation, Evaluation)
        The scores of the predictions, and the scores of always predicting the most frequent label.
    """
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
        labels=labels,
        probabilities=found.probabilities,
        seed=seed,
        classes=found.classes,
        words=words,
        groups=groups,
    )
    slices = worst_slices(found, words=words, groups=groups, seed=seed)
    floor = baseline(found.gold, found.sites, labels, words=words, seed=seed)  # nobody asks for it by group
    return replace(scores, slices=slices), floor


def worst_slices(
    found: Predictions, *, words: Sequence[Sequence[int]], groups: Mapping[str, Sequence[str]], seed: int = 0
) -> Slices:
    """Find the slices of blocks with the most errors, as `toolkit.evaluate.slices`.

    Whole sites are slices too: found on half of their pages, and measured on the other half.
    """
    sites, ids, wrong = [], [], []
    for page, site, gold, guess in zip(found.pages, found.sites, found.gold, found.predicted, strict=True):
        own = [x != y for x, y in zip(gold, guess, strict=True) if x is not None]
        wrong += own
        sites += [site] * len(own)
        ids += [page.page.id] * len(own)
    properties = block_properties(found.pages, found.gold, found.predicted, words=words, groups=groups)
    by_site = find_slices(wrong, sites, properties, seed=seed)
    of_sites = find_slices(wrong, ids, {"site": Property.of(sites)}, seed=seed)
    single = [replace(one, sites=1) for one in of_sites.found]
    both = sorted([*by_site.found, *single], key=lambda one: -one.error.value)
    return Slices(by_site.tried + of_sites.tried, by_site.chosen + of_sites.chosen, both)


def check_labels(labels: Sequence[Sequence[str | None]]) -> None:
    """Raise TooFewLabels unless there are two different labels to learn from."""
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
    """Number of blocks with a label."""
    return sum(label is not None for page in labels for label in page)


def count_right(gold: Iterable[Sequence[str | None]], predicted: Iterable[Sequence[str]]) -> int:
    """Number of blocks with the right label; blocks without gold do not count."""
    return sum(x == y for page, guess in zip(gold, predicted, strict=True) for x, y in zip(page, guess, strict=True))


def check_known(labels: Sequence[Sequence[str | None]], known: Sequence[str], where: str) -> None:
    """Raise BadScheme for labels that are not `known`; `where` (a scheme, a model) is for the message."""
    unknown = Counter(label for page in labels for label in page if label is not None and label not in known)
    if unknown:
        listed = ", ".join(f"{name!r} ({counted(count, 'block')})" for name, count in unknown.most_common(5))
        raise BadScheme(f"unknown label {listed}; {where} has {', '.join(known)}")


def _names(probabilities: Array, classes: Sequence[str]) -> list[str]:
    return [classes[i] for i in probabilities.argmax(axis=1)] if len(probabilities) else []

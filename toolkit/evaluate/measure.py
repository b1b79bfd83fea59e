"""Scores predictions against gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput, BadScheme, Mismatch, TooFewLabels
from ..support.text import counted
from . import probabilities as prob
from . import scores
from .bootstrap import DRAWS, Array, Figure, draw_groups, figure, figures
from .properties import LENGTHS
from .result import Evaluation, Group, LabelScores

_SCORES: dict[str, Callable[[Array], Array]] = {
    "macro_f1": scores.macro_f1,
    "accuracy": scores.accuracy,
    "weighted_f1": scores.weighted_f1,
    "mcc": scores.mcc,
}


def evaluate(
    gold: Sequence[Sequence[str | None]],
    predicted: Sequence[Sequence[str]],
    sites: Sequence[str],
    *,
    labels: Sequence[str],
    probabilities: Sequence[NDArray[np.floating]] | None = None,
    seed: int = 0,
    classes: Sequence[str] | None = None,
    words: Sequence[Sequence[int]] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    draws: int = DRAWS,
) -> Evaluation:
    """Score predictions against gold, with intervals bootstrapped by site.

    Parameters
    ----------
    gold : sequence of sequence of str or None
        For each page the true label of each block. Blocks with None are not scored.
    predicted : sequence of sequence of str
        For each page the predicted label of each block.
    sites : sequence of str
        The site of each page; each page without one ("") counts as a site.
    labels : sequence of str
        All labels, in the order of the scheme.
    probabilities : sequence of ndarray of shape (n_blocks, n_classes), optional
        For each page the probabilities of the labels.
    seed : int, default=0
        Seed of the bootstrap.
    classes : sequence of str, optional
        Order of the columns of `probabilities`; by default `labels`.
    words : sequence of sequence of int, optional
        For each page the number of words of each block, for scores by words and by length.
    groups : mapping of str to sequence of str, optional
        More ways to group the pages, each with one value per page: `{"language": ["en", ...]}`.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    Evaluation
        The scores.

    Raises
    ------
    Mismatch
        If numbers of pages or blocks differ.
    BadScheme
        If a label is unknown.
    TooFewLabels
        If no block has gold.
    BadInput
        If `probabilities` do not add up to 1.

    Examples
    --------
    >>> gold = [["article", "form"], ["article", "article"]]
    >>> predicted = [["article", "form"], ["article", "form"]]
    >>> found = evaluate(gold, predicted, ["a.example", "b.example"], labels=["article", "form"])
    >>> found.figures["accuracy"].value
    0.75
    """
    b = _flatten(gold, predicted, sites, labels, probabilities, classes, words)
    n_sites, n = len(b.sites), len(labels)
    tables = scores.confusions(b.gold, b.predicted, b.site, shape=(n_sites, n), weight=np.ones(len(b.gold)))
    weights = draw_groups(n_sites, draws, seed)
    total = tables.sum(axis=0)

    found: dict[str, Figure] = {name: figure(tables, value, weights) for name, value in _SCORES.items()}
    if b.words is not None:
        by_words = scores.confusions(b.gold, b.predicted, b.site, shape=(n_sites, n), weight=b.words)
        found["word_accuracy"] = figure(by_words, scores.accuracy, weights)
    pages_of_site = np.bincount(_site_of_page(b), minlength=n_sites)
    wrong = np.bincount(b.site, weights=b.gold != b.predicted, minlength=n_sites)
    found["corrections_per_page"] = figure(np.stack([wrong, pages_of_site], axis=1), _ratio, weights)

    more, calibration, curves = _of_probabilities(b, labels, weights)
    found |= more

    values = [scores.precision, scores.recall, scores.f1]
    columns = [figures(tables, value, weights) for value in values]
    for kind, mean in (("macro", scores.macro), ("weighted", scores.weighted)):
        for name, value in (("precision", scores.precision), ("recall", scores.recall)):
            found[f"{kind}_{name}"] = figure(tables, lambda t, mean=mean, value=value: mean(value(t), t), weights)  # type: ignore[misc]
    averages = [
        dict(zip(("precision", "recall", "f1-score"), (float(mean(v(total), total)) for v in values), strict=True))
        for mean in (scores.macro, scores.weighted)
    ]
    return Evaluation(
        labels=list(labels),
        pages=int(pages_of_site.sum()),
        blocks=len(b.gold),
        words=None if b.words is None else int(b.words.sum()),
        sites=n_sites,
        figures=found,
        by_label={
            label: LabelScores(columns[0][i], columns[1][i], columns[2][i], int(total[i].sum()))
            for i, label in enumerate(labels)
        },
        macro=averages[0],
        weighted=averages[1],
        confusion=total.astype(int).tolist(),
        by_site=dict(zip(b.sites, tables.astype(int).tolist(), strict=True)),
        calibration=calibration,
        precision_recall=curves,
        groups=_groups(b, n, {"site": sites, **(groups or {})}, seed, draws),
        seed=seed,
        draws=draws,
    )


def _of_probabilities(
    b: _Flat, labels: Sequence[str], weights: NDArray[np.float64]
) -> tuple[dict[str, Figure], list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Losses and calibration error; the bins of the calibration curve; precision and recall by label."""
    if b.probabilities is None:
        return {}, [], {}
    n_sites, right = len(b.sites), b.gold == b.predicted
    found: dict[str, Figure] = {}
    log, brier = prob.losses(b.probabilities, b.gold)
    for name, loss in (("log_loss", log), ("brier", brier)):
        sums = [np.bincount(b.site, weights=w, minlength=n_sites) for w in (loss, np.ones(len(b.gold)))]
        found[name] = figure(np.stack(sums, axis=1), _ratio, weights)
    bins = prob.bin_sums(b.probabilities[np.arange(len(b.gold)), b.predicted], right, b.site, units=n_sites)
    found["calibration_error"] = figure(bins, prob.calibration_error, weights)
    shares = figures(bins, lambda sums: scores.divide(sums[..., 2], sums[..., 0]), weights)
    calibration = prob.calibration_curve(bins.sum(axis=0), [[f.low, f.high] for f in shares])
    curves: dict[str, dict[str, Any]] = {}
    for i, label in enumerate(labels):
        column, positive = b.probabilities[:, i], b.gold == i
        curves[label] = prob.precision_recall(column, positive)
        prob.add_intervals(curves[label]["targets"], column, positive, unit=b.site, weights=weights)
    return found, calibration, curves


def baseline(
    gold: Sequence[Sequence[str | None]],
    sites: Sequence[str],
    labels: Sequence[str],
    *,
    majority: str | None = None,
    words: Sequence[Sequence[int]] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Evaluation:
    """Score the constant prediction of one label.

    Parameters
    ----------
    gold : sequence of sequence of str or None
        For each page the true label of each block.
    sites : sequence of str
        The site of each page.
    labels : sequence of str
        All labels, in the order of the scheme.
    majority : str, optional
        The label to predict; by default the most frequent one in `gold`, which makes the scores too high.
    words : sequence of sequence of int, optional
        As for `evaluate`.
    groups : mapping of str to sequence of str, optional
        As for `evaluate`.
    seed : int, default=0
        Seed of the bootstrap.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    Evaluation
        The scores of the constant prediction.
    """
    if majority is None:
        counts = Counter(label for page in gold for label in page if label is not None)
        majority = max(labels, key=lambda label: counts[label])
    constant = [[majority] * len(page) for page in gold]
    return evaluate(gold, constant, sites, labels=labels, seed=seed, words=words, groups=groups, draws=draws)


@dataclass
class _Flat:
    """All labelled blocks in one row, with the index of the page and of the site of each."""

    gold: NDArray[np.intp]
    predicted: NDArray[np.intp]
    page: NDArray[np.intp]
    site: NDArray[np.intp]
    sites: list[str]
    words: Array | None
    probabilities: Array | None


def _flatten(
    gold: Sequence[Sequence[str | None]],
    predicted: Sequence[Sequence[str]],
    sites: Sequence[str],
    labels: Sequence[str],
    probabilities: Sequence[NDArray[np.floating]] | None,
    classes: Sequence[str] | None,
    words: Sequence[Sequence[int]] | None,
) -> _Flat:
    _same_shape(gold, predicted, "predictions")
    _same_shape(gold, probabilities, "probabilities")
    _same_shape(gold, words, "word counts")
    if len(sites) != len(gold):
        raise Mismatch(f"{counted(len(sites), 'site', 'is')} given for {counted(len(gold), 'page')}; give one per page")
    labelled = np.array([label is not None for page in gold for label in page], dtype=bool)
    if not labelled.any():
        raise TooFewLabels("there is no gold label to evaluate against; label some pages first")
    code = {label: i for i, label in enumerate(labels)}
    page = np.repeat(np.arange(len(gold)), [len(p) for p in gold])[labelled]
    # Nobody knows whether pages without an address share a site.
    names = [site or f"page {i + 1}" for i, site in enumerate(sites)]
    used = list(dict.fromkeys(names[i] for i in dict.fromkeys(page.tolist())))
    position = {name: i for i, name in enumerate(used)}
    site_of_page = np.array([position.get(name, 0) for name in names], dtype=np.intp)
    return _Flat(
        gold=_codes([label for p in gold for label in p if label is not None], code),
        predicted=_codes([label for p in predicted for label in p], code)[labelled],
        page=page,
        site=site_of_page[page],
        sites=used,
        words=None if words is None else np.concatenate([np.asarray(w, dtype=np.float64) for w in words])[labelled],
        probabilities=None if probabilities is None else _columns(probabilities, labels, classes or labels)[labelled],
    )


def _same_shape(gold: Sequence[Sequence[str | None]], other: Sequence[Sized] | None, name: str) -> None:
    if other is None:
        return
    if len(other) != len(gold):
        raise Mismatch(
            f"{name} of {counted(len(other), 'page')} are given, gold has {len(gold)}; give one list per page"
        )
    for i, (page, values) in enumerate(zip(gold, other, strict=True)):
        if len(page) != len(values):
            raise Mismatch(
                f"page {i + 1} has {counted(len(page), 'gold label')} and {len(values)} {name}; give one per block"
            )


def _codes(values: Sequence[str], code: Mapping[str, int]) -> NDArray[np.intp]:
    try:
        return np.array([code[value] for value in values], dtype=np.intp)
    except KeyError as error:
        raise BadScheme(
            f"unknown label {error.args[0]!r}; the scheme has {', '.join(code)}; give the scheme of these labels with"
            " --scheme FILE"
        ) from None


def _columns(probabilities: Sequence[NDArray[np.floating]], labels: Sequence[str], classes: Sequence[str]) -> Array:
    unknown = sorted(set(classes) - set(labels))
    if unknown:
        raise BadScheme(f"probabilities for unknown labels: {', '.join(unknown)}")
    parts = [p for p in probabilities if len(p)]
    given = np.concatenate(parts).astype(np.float64) if parts else np.zeros((0, len(classes)))
    if given.ndim != 2 or given.shape[1] != len(classes):
        raise Mismatch(
            f"probabilities have the shape {given.shape}; they need one column for each of {', '.join(classes)}"
        )
    if not np.isfinite(given).all() or (given < -1e-6).any() or (np.abs(given.sum(axis=1) - 1) > 1e-3).any():
        raise BadInput("probabilities must lie between 0 and 1 and add up to 1 for each block")
    table = np.zeros((len(given), len(labels)))  # a label that the model does not have gets probability 0
    table[:, [list(labels).index(c) for c in classes]] = given
    return table


def _ratio(sums: Array) -> Array:
    return scores.divide(sums[..., 0], sums[..., 1])


def _site_of_page(b: _Flat) -> NDArray[np.intp]:
    first = np.unique(b.page, return_index=True)[1]
    return b.site[first]


def _groups(b: _Flat, n: int, by_page: Mapping[str, Sequence[str]], seed: int, draws: int) -> dict[str, list[Group]]:
    out = {}
    for kind, values in by_page.items():
        if len(values) <= b.page.max():
            raise Mismatch(f"the group {kind!r} has {counted(len(values), 'value')}; give one per page")
        keys = np.array([value or "unknown" for value in values], dtype=object)[b.page]
        out[kind] = sorted(_split(b, n, keys, seed, draws), key=lambda g: (-g.blocks, g.name))
    if b.words is not None:
        steps = np.searchsorted([low for low, _ in LENGTHS[1:]], b.words, side="right")
        keys = np.array([name for _, name in LENGTHS], dtype=object)[steps]
        order = [name for _, name in LENGTHS]
        out["length"] = sorted(_split(b, n, keys, seed, draws), key=lambda g: order.index(g.name))
    return out


def _blocks_of(keys: NDArray[np.object_]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Each name with the indices of its blocks, in order. One sort, since there may be as many names as pages."""
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(str(key), len(numbers)) for key in keys.tolist()], dtype=np.intp)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(numbers)))
    yield from zip(numbers, np.split(order, ends[:-1]), strict=True)


def _split(b: _Flat, n: int, keys: NDArray[np.object_], seed: int, draws: int) -> list[Group]:
    found = []
    for name, own in _blocks_of(keys):
        used, site = np.unique(b.site[own], return_inverse=True)
        wrong = b.gold[own] != b.predicted[own]
        tables = scores.confusions(b.gold[own], b.predicted[own], site, shape=(len(used), n), weight=np.ones(len(site)))
        pages, first = np.unique(b.page[own], return_index=True)
        mended = [np.bincount(site, weights=wrong, minlength=len(used)), np.bincount(site[first], minlength=len(used))]
        weights = draw_groups(len(used), draws, seed)
        found.append(
            Group(
                name=name,
                pages=len(pages),
                blocks=len(site),
                sites=len(used),
                accuracy=figure(tables, scores.accuracy, weights),
                macro_f1=figure(tables, scores.macro_f1, weights),
                corrections_per_page=figure(np.stack(mended, axis=1).astype(np.float64), _ratio, weights),
            )
        )
    return found

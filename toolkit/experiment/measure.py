"""Third step: the answers of all folds against the gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import TooFewLabels
from ..evaluate import Evaluation, evaluate
from ..page import group_of
from ..scheme import Scheme
from .data import Data
from .folds import Answers, Fold, Samples, merge_labels, test_samples
from .settings import Experiment


def measure(
    experiment: Experiment, gold: Data, folds: Sequence[Fold], *, found: Sequence[Answers], files: Mapping[str,
    str] | None = None,
    scheme: Scheme | None = None,
) -> Evaluation:  # fmt: skip
    """The scores with their intervals by site. A page that is asked about in several repeats counts as often.

    `files`: page id -> the name of the label file that it is from, for the scores of each. `scheme`: of the labels, the
    one that comes with pageblocks where it is not given.
    """
    samples: Samples = [pair for fold in folds for pair in test_samples(experiment, gold, fold.test)]
    if not samples:
        raise TooFewLabels(f"no {experiment.format} pages with gold to test on")
    pages = [page for page, _ in samples]
    truth = merge_labels([labels for _, labels in samples], experiment.labels)
    names = label_names(experiment, truth, scheme)
    probabilities = [
        _columns(p, answer.classes, names, experiment=experiment) for answer in found for p in answer.probabilities
    ]
    predicted = [[names[k] for k in p.argmax(axis=1)] for p in probabilities]
    groups: dict[str, Sequence[str]] = {"format": [page.page.format for page in pages]}
    groups["language"] = [page.language for page in pages]
    # Most languages have too few pages for scores of their own.
    groups["in English"] = [_in_english(page.language) for page in pages]
    if files:
        groups["gold"] = [files.get(page.page.id, "") for page in pages]
    whole = evaluate(
        truth,
        predicted,
        [group_of(page) for page in pages],
        labels=names,
        probabilities=probabilities,
        seed=experiment.seed,
        words=[[len(text.split()) for text in page.text] for page in pages],
        groups=groups,
    )
    return slim(whole)


def _in_english(language: str) -> str:
    if not language:
        return "unknown"
    return "English" if language == "en" else "other languages"


def label_names(
    experiment: Experiment, truth: Sequence[Sequence[str | None]], scheme: Scheme | None = None
) -> list[str]:
    """The labels in the order in which they are shown: that of [labels], of the scheme, or of the alphabet."""
    if experiment.labels:
        return list(experiment.labels)
    used = {label for page in truth for label in page if label is not None}
    names = (scheme or Scheme.default()).names
    return names if used <= set(names) else sorted(used)


def slim(whole: Evaluation) -> Evaluation:
    """Without what can be made again from the confusions by site, and without the points of curves."""
    whole.groups.pop("site", None)
    for curve in whole.precision_recall.values():
        curve["curve"] = []
    return whole


def _columns(p: Any, classes: Sequence[str], names: Sequence[str], *, experiment: Experiment) -> Any:
    """Probabilities of the model's classes -> of `names`: merged where that is done afterwards, zero for a label never
    seen.
    """
    group = (
        {old: name for name, olds in experiment.labels.items() for old in olds} if experiment.merge == "after" else {}
    )
    out = np.zeros((len(p), len(names)))
    for k, label in enumerate(classes):
        out[:, list(names).index(group.get(label, label))] += p[:, k]
    return out

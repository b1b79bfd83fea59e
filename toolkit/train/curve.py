"""A learning curve, and the gain to expect from labelling more pages.

Models are trained on parts of a corpus of several sizes and tested on sites that they have not seen. The curve
`a - b * n**-c`, the usual shape of learning curves (Figueroa et al. 2012), is fitted to the points. Intervals are
bootstrapped over the test sites, with a new curve for each draw; they do not cover pages unlike those of the corpus.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ..evaluate.bootstrap import Figure, draw_groups, resample
from ..model import BlockClassifier
from ..page import Blocks, group_of
from ..support.text import counted
from .fit import check_labels, fit_without
from .folds import site_folds, spread_over_sites

Array = npt.NDArray[np.float64]
SHARES = (0.25, 0.5, 0.75, 1.0)
WORTH = 0.005  # a smaller gain in macro-F1 is not worth more labelling
DRAWS = 1000
_POWERS = np.array([0.25, 0.5, 0.75, 1.0, 1.5, 2.0])


@dataclass(frozen=True)
class Curve:
    """A learning curve: `points` are (training pages, macro-F1), `gain` is that of `more` pages.

    `verdict` is "go on", "stop" or "unclear"; `why` gives the reason in a sentence.
    """

    points: list[tuple[int, Figure]]
    pages: int
    more: int
    now: Figure
    gain: Figure
    verdict: str
    why: str

    def to_dict(self) -> dict[str, Any]:
        """The curve as JSON."""
        return {
            "points": [{"pages": n, "macro_f1": figure.to_dict()} for n, figure in self.points],
            "pages": self.pages,
            "more": self.more,
            "macro_f1": self.now.to_dict(),
            "gain": self.gain.to_dict(),
            "verdict": self.verdict,
            "why": self.why,
        }


def learning_curve(
    pages: list[Blocks],
    labels: list[list[str | None]],
    more: int = 50,
    *,
    folds: int = 3,
    seed: int = 0,
    on_step: Callable[[], object] | None = None,
    model: BlockClassifier | None = None,
) -> Curve:
    """Train `folds` times `len(SHARES)` models and fit the curve.

    The models have the parameters of `model`; the default is a small one, because only the slope counts. Raises
    TooFewLabels if there are fewer sites than folds or too few labels.
    """
    check_labels(labels)
    told = [i for i, page in enumerate(labels) if any(label is not None for label in page)]
    pages, labels = [pages[i] for i in told], [labels[i] for i in told]
    if more < 1:
        raise UsageError(f"{counted(more, 'more page')}; give 1 or more")
    text = any(page.page.format == "text" for page in pages)
    settings = model or BlockClassifier(members=1, hidden=32, folds=3, dumps=int(text), random_state=seed)
    classes = sorted({label for page in labels for label in page if label is not None})
    sites = sorted({group_of(page) for page in pages})
    tables = np.zeros((len(sites), len(SHARES), len(classes), len(classes)))
    sizes = np.zeros((folds, len(SHARES)))
    for fold, (train_on, test_on) in enumerate(site_folds(pages, labels, folds, seed=seed)):
        nested = spread_over_sites(pages, train_on, seed)
        for k, share in enumerate(SHARES):
            some = nested[: max(2, round(share * len(nested)))]
            sizes[fold, k] = len(some)
            predicted = _predict(settings, pages, labels, train_on=some, test_on=test_on)
            for i, answers in zip(test_on, predicted, strict=True):
                site = sites.index(group_of(pages[i]))
                pairs = [(a, b) for a, b in zip(labels[i], answers, strict=True) if a is not None]
                at = ([classes.index(label) for label, _ in pairs], [classes.index(label) for _, label in pairs])
                np.add.at(tables[site, k], at, 1)
            if on_step is not None:
                on_step()
    return read_curve(tables, sizes.mean(axis=0), len(pages), more=more, seed=seed)


def read_curve(tables: Array, sizes: Array, pages: int, *, more: int, seed: int = 0, draws: int = DRAWS) -> Curve:
    """Fit the curve to confusion matrices (sites, sizes, gold, predicted) of models trained on `sizes` pages."""
    counts = draw_groups(len(tables), draws, seed)
    point = _macro_f1(tables.sum(axis=0))
    drawn = _macro_f1(resample(counts, tables))
    points = [(round(float(n)), _figure(point[k], drawn[:, k])) for k, n in enumerate(sizes)]
    ends = np.array([pages, pages + more], np.float64)
    here, there = fit(sizes, point[None], ends)[0]
    each = fit(sizes, drawn, ends)
    now, gain = _figure(here, each[:, 0]), _figure(there - here, each[:, 1] - each[:, 0])
    verdict, why = _verdict(gain, more)
    return Curve(points, pages, more, now, gain, verdict, why)


def fit(sizes: Array, scores: Array, wanted: Array) -> Array:
    """Fit curves `a - b * n**-c` (b >= 0, a <= 1) to `scores` (curves, sizes); their values at `wanted` sizes."""
    best = np.full(len(scores), np.inf)
    out = np.zeros((len(scores), len(wanted)))
    for c in _POWERS:
        x, at = sizes**-c, wanted**-c
        centre = x - x.mean()
        mean = scores.mean(axis=1)
        b = -(scores @ centre) / max(float(centre @ centre), 1e-18)
        # More pages never lower the score, and no score is above 1.
        b = np.clip(b, 0, np.maximum(1 - mean, 0) / max(float(x.mean()), 1e-18))
        a = mean + b * x.mean()
        error = ((a[:, None] - b[:, None] * x - scores) ** 2).sum(axis=1)
        better = error < best
        best[better] = error[better]
        out[better] = (a[:, None] - b[:, None] * at)[better]
    return out


def _verdict(gain: Figure, more: int) -> tuple[str, str]:
    if gain.low is None or gain.high is None:
        return "unclear", "too few sites to decide; label pages of more sites"
    if gain.high < WORTH:
        return (
            "stop",
            f"even {counted(more, 'more page')} will hardly gain {WORTH:.1%};"
            " correct doubtful labels instead (`pageblocks doubts`)",
        )
    if gain.low >= WORTH:
        return "go on", f"{counted(more, 'more page')} will gain at least {gain.low:.1%}"
    if gain.value >= WORTH:
        return (
            "go on",
            f"{counted(more, 'more page')} will probably improve the model, but the gain may be close to zero",
        )
    return (
        "unclear",
        f"{counted(more, 'more page')} will probably gain little, but up to {gain.high:.1%} is possible",
    )


def _predict(
    model: BlockClassifier,
    pages: list[Blocks],
    labels: list[list[str | None]],
    *,
    train_on: list[int],
    test_on: list[int],
) -> list[list[str]]:
    known = {label for i in train_on for label in labels[i] if label is not None}
    formats: set[str] = {pages[i].page.format for i in train_on}
    if "html" in formats and model.dumps:
        formats.add("text")
    commonest = max(sorted(known), key=lambda name: sum(labels[i].count(name) for i in train_on))
    # With only one label, or none of the format, in the training pages, the most frequent label is predicted.
    able = [i for i in test_on if pages[i].page.format in formats] if len(known) > 1 else []
    found: dict[int, list[str]] = {}
    if able:
        held = {group_of(pages[i]) for i in test_on}
        fitted = fit_without(
            held,
            model,
            [pages[i] for i in train_on],
            labels=[labels[i] for i in train_on],
            formats={pages[i].page.format for i in able},
        )
        found = dict(zip(able, fitted.predict([pages[i] for i in able]), strict=True))
    return [found.get(i, [commonest] * len(pages[i])) for i in test_on]


def _macro_f1(tables: Array) -> Array:
    both = np.diagonal(tables, axis1=-2, axis2=-1)
    total = tables.sum(axis=-1) + tables.sum(axis=-2)
    there = tables.sum(axis=-1) > 0  # labels that the drawn sites have
    f1 = np.where(there, 2 * both / np.maximum(total, 1), 0)
    return np.asarray(f1.sum(axis=-1) / np.maximum(there.sum(axis=-1), 1))


def _figure(value: float, drawn: Array) -> Figure:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(float(value), float(low), float(high))

"""Calibration of the probabilities, and precision and recall at thresholds on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bootstrap import Array, figures
from .scores import divide

BINS = 10
TARGETS = (0.9, 0.95, 0.98, 0.99, 0.995)
_SMALLEST = 1e-15


def losses(probabilities: Array, gold: NDArray[np.intp]) -> tuple[Array, Array]:
    """Log loss and Brier score (summed over the labels, 0 to 2) of each block; `probabilities` are (blocks, labels)."""
    rows = np.arange(len(gold))
    log = -np.log(np.clip(probabilities[rows, gold], _SMALLEST, 1))
    truth = np.zeros_like(probabilities)
    truth[rows, gold] = 1
    return log, ((probabilities - truth) ** 2).sum(axis=1)


def bin_sums(confidence: Array, right: NDArray[np.bool_], unit: NDArray[np.intp], *, units: int) -> Array:
    """Blocks, sum of confidence, and right blocks by unit and bin of confidence: (units, BINS, 3)."""
    place = unit * BINS + np.clip((confidence * BINS).astype(np.intp), 0, BINS - 1)
    columns = [
        np.bincount(place, weights=w, minlength=units * BINS) for w in (np.ones_like(confidence), confidence, right)
    ]
    return np.stack(columns, axis=-1).reshape(units, BINS, 3).astype(np.float64)


def calibration_error(sums: Array) -> Array:
    """Expected calibration error (Guo et al. 2017) of (..., BINS, 3): mean distance of confidence and accuracy."""
    gap = np.abs(sums[..., 1] - sums[..., 2]).sum(axis=-1)
    return divide(gap, sums[..., 0].sum(axis=-1))


def calibration_curve(sums: Array, intervals: Sequence[list[float | None]]) -> list[dict[str, Any]]:
    """The bins that have blocks, from `sums` (BINS, 3) and the interval of the accuracy in each bin."""
    return [
        {
            "low": i / BINS,
            "high": (i + 1) / BINS,
            "blocks": int(n),
            "confidence": float(confidence / n),
            "accuracy": float(right / n),
            "accuracy_interval": intervals[i],
        }
        for i, (n, confidence, right) in enumerate(sums)
        if n
    ]


def precision_recall(score: Array, truth: NDArray[np.bool_]) -> dict[str, Any]:
    """Precision and recall of keeping the blocks with at least a probability: a curve of 40 thresholds, and TARGETS.

    The threshold of a target is the lowest that reaches this precision; None if none does. It is chosen on the blocks
    on which it is measured, so expect slightly less on others.
    """
    order = np.argsort(-score, kind="stable")
    ranked, right = score[order], np.cumsum(truth[order])
    kept = np.arange(1, len(score) + 1)
    last = (
        np.append(ranked[1:] != ranked[:-1], True) if len(ranked) else np.zeros(0, dtype=bool)
    )  # ties are kept together
    threshold, right, kept = ranked[last], right[last], kept[last]
    total = int(truth.sum())
    precision, recall = right / np.maximum(kept, 1), right / max(total, 1)

    def point(i: int) -> dict[str, float]:
        return {
            "threshold": float(threshold[i]),
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "kept": int(kept[i]),
        }

    targets = []
    for target in TARGETS:
        good = np.flatnonzero(precision >= target)
        targets.append({"target": target, **(point(int(good[-1])) if len(good) and total else {"threshold": None})})
    steps = np.unique(np.linspace(0, len(threshold) - 1, 40).astype(int)) if len(threshold) else []
    return {"curve": [point(int(i)) for i in steps], "targets": targets}


def add_intervals(
    targets: list[dict[str, Any]], score: Array, truth: NDArray[np.bool_], *, unit: NDArray[np.intp], weights: Array
) -> None:
    """Add 95 % intervals [low, high] of precision and recall at the threshold of each target, over units (sites).

    The threshold is not chosen anew for each draw: the intervals show what it gives on other sites.
    """
    for target in targets:
        if target["threshold"] is None:
            continue
        kept = score >= target["threshold"]
        counted = [np.bincount(unit, weights=w, minlength=weights.shape[1]) for w in (kept & truth, kept, truth)]
        sums = np.stack(counted, axis=1).astype(np.float64)
        precision, recall = figures(
            sums, lambda s: np.stack([divide(s[..., 0], s[..., k]) for k in (1, 2)], axis=-1), weights
        )
        target["precision_interval"] = [precision.low, precision.high]
        target["recall_interval"] = [recall.low, recall.high]

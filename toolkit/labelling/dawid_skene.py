"""The accuracy of each annotator and the most likely labels, estimated from votes alone: expectation-maximisation after
Dawid and Skene (1979), with a prior that keeps annotators of few blocks near "mostly right".

From two annotators alone it cannot be known which of them errs: that needs a third one, or their votes on other blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..evaluate.bootstrap import Array, Figure, draw_groups, with_interval

DRAWS = 200  # samples of pages for the intervals; each is a whole estimate
SURE = 0.7  # a label less likely than this stays disputed
_PRIOR = 5.0  # blocks, most of them right, that each annotator is taken to have labelled before


@dataclass(frozen=True)
class Quality:
    """Probabilities: `confusion` (annotators, truth, said), `prevalence` (labels), of the truth `posterior` (blocks,
    labels).
    """

    confusion: Array
    prevalence: Array
    posterior: Array

    @property
    def accuracy(self) -> Array:
        """The share of blocks that each annotator labels right."""
        return np.asarray(np.einsum("k,akk->a", self.prevalence, self.confusion))


def dawid_skene(
    votes: npt.NDArray[np.int64], labels: int, rounds: int = 100, *, tolerance: float = 1e-6,
    weights: Array | None = None,
) -> Quality:  # fmt: skip
    """Estimate from `votes` (blocks, annotators): the number of the label that was given, -1 where none was.

    `weights` say how often each row counts.
    """
    times = np.ones(len(votes)) if weights is None else weights
    n, people = votes.shape
    given = np.zeros((people, n, labels))
    for a in range(people):
        rows = np.flatnonzero(votes[:, a] >= 0)
        given[a, rows, votes[rows, a]] = 1
    # A first guess: the share of votes. Annotators' prior: right in four of five, the rest spread.
    counts = given.sum(axis=0)
    posterior = (counts + 1e-9) / (counts + 1e-9).sum(axis=1, keepdims=True)
    prior = _PRIOR * (0.8 * np.eye(labels) + 0.2 / labels)
    confusion, prevalence = _maximise(given, posterior * times[:, None], prior)
    for _ in range(rounds):
        with_evidence = np.log(prevalence) + np.einsum("ans,ats->nt", given, np.log(confusion))
        updated = _normalised(with_evidence)
        moved = float(np.abs(updated - posterior).max()) if n else 0.0
        posterior = updated
        confusion, prevalence = _maximise(given, posterior * times[:, None], prior)
        if moved < tolerance:
            break
    return Quality(confusion, prevalence, posterior)


def _maximise(given: Array, posterior: Array, prior: Array) -> tuple[Array, Array]:
    table = np.einsum("nt,ans->ats", posterior, given) + prior
    prevalence = posterior.sum(axis=0) + 1
    return table / table.sum(axis=2, keepdims=True), prevalence / prevalence.sum()


def _normalised(logs: Array) -> Array:
    shifted = np.exp(logs - logs.max(axis=1, keepdims=True)) if len(logs) else logs
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Judge:
    """Decides blocks by what annotators said and how good they are. Call it with annotator -> label."""

    annotators: Sequence[str]
    labels: Sequence[str]
    quality: Quality
    accuracy: Mapping[str, Figure] = field(default_factory=dict)  # of each annotator, with an interval over pages

    @classmethod
    def of(
        cls, pages: Mapping[str, Mapping[str, Sequence[str | None]]], labels: Sequence[str], seed: int = 0,
        *, draws: int = DRAWS,
    ) -> Judge:  # fmt: skip
        """Learn from page -> annotator -> one label a block (None: not labelled)."""
        people = sorted({name for by in pages.values() for name in by})
        number = {label: k for k, label in enumerate(labels)}
        tables = []
        for by in pages.values():
            table = np.full((len(next(iter(by.values()))), len(people)), -1, np.int64)
            for name, said in by.items():
                table[:, people.index(name)] = [-1 if label is None else number[label] for label in said]
            tables.append(table)
        votes = np.vstack(tables) if tables else np.zeros((0, len(people)), np.int64)
        quality = dawid_skene(votes, len(labels))
        drawn = _drawn(tables, len(labels), seed, draws=draws)
        accuracy = {
            name: with_interval(float(value), drawn[:, a]) if len(tables) > 1 else Figure(float(value))
            for a, (name, value) in enumerate(zip(people, quality.accuracy, strict=True))
        }
        return cls(people, list(labels), quality, accuracy)

    def __call__(self, given: Mapping[str, str]) -> str | None:
        """The likeliest label where it is likely enough, else None."""
        logs = np.log(self.quality.prevalence).copy()
        for name, label in given.items():
            logs += np.log(self.quality.confusion[self.annotators.index(name), :, self.labels.index(label)])
        chances = _normalised(logs[None])[0]
        best = int(chances.argmax())
        return self.labels[best] if chances[best] >= SURE else None

    def to_dict(self) -> dict[str, Any]:
        """Annotator -> estimated accuracy with its interval."""
        return {name: figure.to_dict() for name, figure in self.accuracy.items()}


def _drawn(tables: Sequence[npt.NDArray[np.int64]], labels: int, seed: int, *, draws: int) -> Array:
    """The accuracies that samples of pages give: (draws, annotators). Blocks with equal votes are one row."""
    if len(tables) < 2:
        return np.zeros((0, 0))
    rows, at = np.unique(np.vstack(tables), axis=0, return_inverse=True)
    page = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    counts = np.zeros((len(tables), len(rows)))
    np.add.at(counts, (page, at.ravel()), 1)
    weights = draw_groups(len(tables), draws, seed) @ counts
    return np.stack([dawid_skene(rows, labels, 50, tolerance=1e-4, weights=row).accuracy for row in weights])

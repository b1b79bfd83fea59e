"""An annotator that is to be trusted, such as a language model, compared with people who did not see suggestions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..corpus.folder import Corpus
from ..errors import TooFewLabels, UsageError
from ..evaluate.bootstrap import DRAWS, Array, Figure, draw_groups, figure
from ..evaluate.probabilities import bin_sums, calibration_error
from ..page import Blocks
from ..segment import segment
from ..standoff import Annotation, attach
from .agreement import Answers, agreement, confusion
from .annotations import Aligned, aligned, make_gold
from .dawid_skene import Judge as Votes
from .readings import EDGES, Bin
from .rules import RULES, Rule

NARROW = 0.02  # half the width of the interval to aim at
_FEW = 5  # blocks that say nothing of a rule


@dataclass(frozen=True)
class RuleAgreement:
    """How annotators apply one rule of the guideline.

    Parameters
    ----------
    name, says : str
        The rule.
    blocks : int
        Blocks that it is about, with labels of two annotators or more.
    differ : Figure
        The share of pairs of good annotators (the better half, at least two) who differ there.
    discrimination : Figure
        How much more often the better half gives the gold label than the others, as in the analysis of test items.
        Below 0 the better half is wrong by the gold: the rule is unclear, or the gold is wrong. NaN with two
        annotators.
    """

    name: str
    says: str
    blocks: int
    differ: Figure
    discrimination: Figure

    def to_dict(self) -> dict[str, Any]:
        """Convert the figures to JSON.

        Returns
        -------
        dict
            The fields; NaN is None.
        """
        return asdict(self) | {"differ": self.differ.to_dict(), "discrimination": self.discrimination.to_dict()}


@dataclass(frozen=True)
class Calibration:
    """How an annotator compares with people. Intervals are 95 %, bootstrapped over pages.

    Parameters
    ----------
    annotator : str
        The annotator that is compared.
    people : list of str
        The others.
    pages, blocks : int
        Pages and blocks that both labelled.
    blind : bool
        Whether only blocks count that people saw without a suggestion. False where there are none.
    agreement : Figure
        The share of blocks with the label that people gave, weighted so that each label counts as often as the
        annotator gives it in the whole corpus.
    among_people : Figure
        How often people agree with each other there; NaN for one person.
    more : int
        How many more such blocks would narrow the interval of `agreement` to 2 points on each side.
    labels : list of str
        The labels.
    confusion : list of list of int
        Labels by people (rows) and by the annotator.
    bins : list of Bin
        Agreement by the annotator's own probability, where its annotations give one (`Annotation.shown`).
    error : Figure
        The expected calibration error of these probabilities, None where there are none.
    abilities : dict of str to Figure
        The share of right labels of each annotator, estimated from all votes (Dawid and Skene).
    rules : list of RuleAgreement
        How the rules of the guideline are applied, the worst first.
    """

    annotator: str
    people: list[str]
    pages: int
    blocks: int
    blind: bool
    agreement: Figure
    among_people: Figure
    more: int
    labels: list[str]
    confusion: list[list[int]]
    bins: list[Bin] = field(default_factory=list)
    error: Figure | None = None
    abilities: Mapping[str, Figure] = field(default_factory=dict)
    rules: list[RuleAgreement] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Convert the comparison to JSON.

        Returns
        -------
        dict
            The fields; NaN is None.
        """
        made = dict(vars(self))
        made |= {key: getattr(self, key).to_dict() for key in ("agreement", "among_people")}
        made["error"] = self.error and self.error.to_dict()
        made |= {key: [one.to_dict() for one in getattr(self, key)] for key in ("bins", "rules")}
        return made | {"abilities": {name: one.to_dict() for name, one in self.abilities.items()}}


def compare_with_people(
    source: Path | str, annotator: str, labels: Sequence[str], *, seed: int = 0, draws: int = DRAWS
) -> Calibration:
    """Compare an annotator with the others on the blocks that these labelled without a suggestion.

    Parameters
    ----------
    source : Path or str
        A corpus, or a folder of annotation files.
    annotator : str
        Name of the annotator.
    labels : sequence of str
        All labels, in the order of the scheme.
    seed : int, default=0
        Seed of the bootstrap.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    Calibration
        The figures. Those on rules need a corpus, as they look at texts.

    Raises
    ------
    UsageError
        If there is no such annotator.
    TooFewLabels
        If nobody else labelled the same blocks.
    """
    everything = aligned(source)
    names = sorted({name for by in everything.values() for name in by})
    if annotator not in names:
        raise UsageError(f"{source}: no annotator is called {annotator!r}; choose one of {', '.join(names)}")
    seen = aligned(source, of=Annotation.seen)
    shared = {page: by for page, by in everything.items() if annotator in by and len(by) > 1}
    unseen = {page: _blind(by, seen[page], annotator) for page, by in shared.items()}
    blind = any(_answers(by, annotator) for by in unseen.values())
    used = {page: by for page, by in (unseen if blind else shared).items() if _answers(by, annotator)}
    if not used:
        raise TooFewLabels(
            f"{source}: nobody labelled the same blocks as {annotator}; let people label some, then pull"
        )
    tables = np.stack(
        [
            np.sum([confusion(said, by[annotator], labels) for who, said in by.items() if who != annotator], axis=0)
            for by in used.values()
        ]
    ).astype(np.float64)
    weights = draw_groups(len(used), draws, seed)
    given = np.array(
        [sum(by[annotator].count(name) for by in everything.values() if annotator in by) for name in labels]
    )
    share = figure(tables, lambda totals: _stratified(totals, given / given.sum()), weights)
    blocks = sum(len(_answers(by, annotator)) for by in used.values())
    people = {page: {who: said for who, said in by.items() if who != annotator} for page, by in used.items()}
    both = {page: by for page, by in people.items() if len(by) > 1}
    chances = aligned(source, of=_probabilities)
    bins, error = _calibration(used, chances, annotator, weights=weights)
    return Calibration(
        annotator=annotator,
        people=sorted({who for by in people.values() for who in by}),
        pages=len(used),
        blocks=blocks,
        blind=blind,
        agreement=share,
        among_people=agreement(both, labels, seed=seed, draws=draws).percent if both else Figure(float("nan")),
        more=blocks_to_narrow(share, blocks),
        labels=list(labels),
        confusion=tables.sum(axis=0).astype(int).tolist(),
        bins=bins,
        error=error,
        abilities=(votes := Votes.of(everything, labels, seed)).accuracy,
        rules=_rules(Corpus.open(source), everything, votes, labels=labels, seed=seed)
        if (Path(source) / "pages.jsonl").exists()
        else [],
    )


def blocks_to_narrow(share: Figure, blocks: int, half: float = NARROW) -> int:
    """How many more blocks give an interval of `half` on each side, if they come on as many pages each as these."""
    if share.low is None or share.high is None:
        return 0
    return max(0, math.ceil(blocks * ((share.high - share.low) / 2 / half) ** 2) - blocks)


def _blind(by: Mapping[str, Answers], seen: Mapping[str, Answers], annotator: str) -> dict[str, list[str | None]]:
    """The labels of a page that people gave without a suggestion, and the annotator's."""
    return {
        who: [label if who == annotator or how == "blind" else None for label, how in zip(said, seen[who], strict=True)]
        for who, said in by.items()
    }


def _answers(by: Mapping[str, Answers], annotator: str) -> list[int]:
    """The blocks that the annotator and somebody else labelled."""
    others = [said for who, said in by.items() if who != annotator]
    return [
        i for i, label in enumerate(by[annotator]) if label is not None and any(said[i] is not None for said in others)
    ]


def _stratified(tables: Array, prevalence: Array) -> Array:
    """Agreement by label of the annotator (columns), weighted by how often it gives the label at all."""
    answers = tables.sum(axis=-2)
    there = np.where(answers > 0, prevalence, 0)
    right = np.diagonal(tables, axis1=-2, axis2=-1) / np.maximum(answers, 1)
    total = there.sum(axis=-1)
    return np.asarray(np.where(total > 0, (right * there).sum(axis=-1) / np.where(total > 0, total, 1), np.nan))


def _probabilities(annotation: Annotation) -> Annotation:
    """The annotation with the probability that its author gave in the place of each label, where there is one."""
    pairs = [
        run._replace(label=str(shown.probability))
        for run, shown in annotation.pairs
        if shown.label == run.label and not shown.how
    ]
    return replace(annotation, labels=pairs, shown=[])


def _calibration(used: Aligned, chances: Aligned, annotator: str, *, weights: Array) -> tuple[list[Bin], Figure | None]:
    """Agreement by probability, and the expected calibration error."""
    rows = [
        (k, float(chance), said[i] == by[annotator][i])
        for k, (page, by) in enumerate(used.items())
        for i, chance in enumerate(chances.get(page, {}).get(annotator, ()))
        if chance is not None
        for who, said in by.items()
        if who != annotator and said[i] is not None and by[annotator][i] is not None
    ]
    if not rows:
        return [], None
    page, sure, same = (np.array(column) for column in zip(*rows, strict=True))
    sums = bin_sums(sure, same, page, units=len(used))
    made = []
    for low, high in pairwise(EDGES):
        inside = (sure >= low) & ((sure < high) | (high == 1))
        if inside.any():
            columns = [np.bincount(page[inside], w, len(used)) for w in (same[inside], np.ones(inside.sum()))]
            share = figure(np.stack(columns, axis=1), lambda t: t[..., 0] / np.maximum(t[..., 1], 1), weights)
            made.append(Bin(low, high, int(inside.sum()), float(sure[inside].mean()), share))
    return made, figure(sums, calibration_error, weights)


def _rules(corpus: Corpus, found: Aligned, votes: Votes, *, labels: Sequence[str], seed: int) -> list[RuleAgreement]:
    """How annotators apply the rules that a program can check."""
    best = sorted(votes.annotators, key=lambda name: -votes.accuracy[name].value)
    good = set(best[: max(2, (len(best) + 1) // 2)])
    gold = {one.page: one for one in make_gold(corpus).annotations}
    pages = [(segment(corpus.page(id)), by) for id, by in found.items() if len(by) > 1 and id in gold]
    weights = draw_groups(len(pages), DRAWS, seed)
    sums = np.zeros((len(RULES), len(pages), 6))  # pairs that differ, pairs; right and all of the good, of the others
    counts = [0] * len(RULES)
    for k, (blocks, by) in enumerate(pages):
        right = attach(blocks, gold[blocks.page.id])
        for r, rule in enumerate(RULES):
            for i in _about(rule, blocks, right, labels=labels):
                said = {who: label for who, own in by.items() if (label := own[i]) is not None}
                counts[r] += len(said) > 1
                pairs = list(combinations([label for who, label in said.items() if who in good], 2))
                sums[r, k, :2] += sum(a != b for a, b in pairs), len(pairs)
                if right[i] is not None:
                    for who, label in said.items():
                        at = 2 if who in good else 4
                        sums[r, k, at : at + 2] += label == right[i], 1
    made = []
    for r, rule in enumerate(RULES):
        if counts[r] >= _FEW:
            differ = figure(sums[r], lambda t: _ratio(t, 0), weights)
            gap = figure(sums[r], lambda t: _ratio(t, 2) - _ratio(t, 4), weights)
            made.append(RuleAgreement(rule.name, rule.says, counts[r], differ, gap))
    return sorted(made, key=lambda one: (np.nan_to_num(one.discrimination.value), -np.nan_to_num(one.differ.value)))


def _ratio(totals: Array, at: int) -> Array:
    n = totals[..., at + 1]
    return np.where(n > 0, totals[..., at] / np.where(n > 0, n, 1), np.nan)


def _about(rule: Rule, blocks: Blocks, right: Sequence[str | None], *, labels: Sequence[str]) -> list[int]:
    """The blocks that a rule is about: one that some label would break."""
    own = list(right)
    found = []
    for i, label in enumerate(right):
        for other in labels:
            own[i] = other
            if rule.broken(blocks, own, i) in labels:
                found.append(i)
                break
        own[i] = label
    return found

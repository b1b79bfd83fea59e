"""Wrong blocks whose label, and not the model, is probably wrong.

A mistake of the model is doubtful if one of four things speaks for what it says: the annotators disagree on the block,
a rule of the guidelines wants that label, the same text has that label elsewhere, or the model is as sure of it as of
blocks that have it (the confident joint of Northcutt et al. 2021) and sees nothing of the label that the block has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..corpus.folder import Corpus
from ..support.text import counted
from ..train.fit import Predictions
from .annotations import aligned
from .doubts import contradictions
from .rules import broken_rules

Place = tuple[int, int]  # page and block, by index
Disputed = dict[str, dict[int, str]]  # page id -> block -> how often each label was given


def doubtful_labels(found: Predictions, disputed: Disputed | None = None) -> dict[Place, str]:
    """Find the wrong blocks with a doubtful label.

    Parameters
    ----------
    found : Predictions
        The predictions; best by models that have not seen the sites.
    disputed : mapping, optional
        The blocks on which annotators disagree, from `disputed_blocks`.

    Returns
    -------
    dict of (int, int) to str
        By page and block (their indices) why the label is doubtful.
    """
    wrong = [
        (p, b)
        for p, (gold, guess) in enumerate(zip(found.gold, found.predicted, strict=True))
        for b, (x, y) in enumerate(zip(gold, guess, strict=True))
        if x is not None and x != y
    ]
    why: dict[Place, str] = {}
    for ways in (
        _disputed(found, wrong, disputed or {}),
        _rules(found, wrong),
        _elsewhere(found, wrong),
        _sure(found, wrong),
    ):
        for place, reason in ways.items():
            why.setdefault(place, reason)
    return why


def disputed_blocks(folder: Path | str) -> Disputed:
    """Find the blocks of a corpus on which its annotators disagree; nothing if it has no annotations."""
    corpus = Corpus.open(folder)
    if not any((corpus.folder / "annotations").glob("*.jsonl")):
        return {}
    found: Disputed = {}
    for page, people in aligned(corpus.folder).items():
        for i, said in enumerate(zip(*people.values(), strict=True)):
            votes = Counter(label for label in said if label is not None)
            if len(votes) > 1:
                found.setdefault(page, {})[i] = ", ".join(
                    f"{label} {counted(n, 'time')}" for label, n in votes.most_common()
                )
    return found


def _disputed(
    found: Predictions, wrong: Sequence[Place], disputed: Mapping[str, Mapping[int, str]]
) -> dict[Place, str]:
    said = {(p, b): disputed.get(found.pages[p].page.id, {}).get(b) for p, b in wrong}
    return {place: f"annotators disagree: {votes}" for place, votes in said.items() if votes}


def _rules(found: Predictions, wrong: Sequence[Place]) -> dict[Place, str]:
    of_page: dict[int, set[int]] = {}
    for p, b in wrong:
        of_page.setdefault(p, set()).add(b)
    return {
        (p, b): f"{rule.name}: {rule.says}"
        for p, blocks in of_page.items()
        for b, rule, right in broken_rules(found.pages[p], found.gold[p], found.classes, only=blocks)
        if right == found.predicted[p][b]
    }


def _elsewhere(found: Predictions, wrong: Sequence[Place]) -> dict[Place, str]:
    texts = {found.pages[p].hashes[b] for p, b in wrong}
    # Only labels of these texts are of use; a crawl of menus would be counted in vain.
    labels = [
        [label if digest in texts else None for label, digest in zip(gold, page.hashes, strict=True)]
        for page, gold in zip(found.pages, found.gold, strict=True)
    ]
    number = {page.page.id: p for p, page in enumerate(found.pages)}
    return {
        (number[doubt.page], doubt.block): doubt.why
        for doubt in contradictions(found.pages, labels)
        if doubt.suggested == found.predicted[number[doubt.page]][doubt.block]
    }


def _sure(found: Predictions, wrong: Sequence[Place]) -> dict[Place, str]:
    """As sure of the prediction as of blocks that have it, and of the label no more than of blocks that do not."""
    column = {label: k for k, label in enumerate(found.classes)}
    table = np.concatenate([*found.probabilities, np.zeros((0, len(column)))])
    codes = np.array([column.get(label or "", -1) for page in found.gold for label in page], dtype=np.intp)
    labelled = codes >= 0
    inside, outside = (
        [_mean(table[labelled & own, k]) for k, own in enumerate(sides)]
        for sides in ([codes == k for k in column.values()], [codes != k for k in column.values()])
    )
    made = {}
    for p, b in wrong:
        label, name = str(found.gold[p][b]), found.predicted[p][b]
        guess, own = column[name], column.get(label)
        sure = float(found.probabilities[p][b, guess])
        left = float(found.probabilities[p][b, own]) if own is not None else 0.0
        if sure >= inside[guess] and (own is None or left <= outside[own]):
            usual = f"{inside[guess]:.0%} on average for blocks that are {name}"
            made[p, b] = f"the model gives {name} {sure:.0%} ({usual}), and {label} {left:.0%}"
    return made


def _mean(values: NDArray[np.floating]) -> float:
    return float(values.mean()) if len(values) else 1.0

"""A model's score on labels that people gave without a suggestion, beside that on labels that suggestions led to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..corpus.folder import Corpus
from ..evaluate.bootstrap import DRAWS, Figure, draw_groups, figure
from ..page import group_of
from ..support.text import counted
from .readings import how_seen, share_of

if TYPE_CHECKING:
    from ..train.fit import Predictions


@dataclass(frozen=True)
class AsSeen:
    """The share of right blocks (intervals over sites) by how people saw the blocks when they labelled them.

    Parameters
    ----------
    blind, suggested : int
        Blocks that nobody saw a suggestion for, and those that somebody did.
    right_blind, right_suggested : Figure
        The share of right ones.
    """

    blind: int
    suggested: int
    right_blind: Figure
    right_suggested: Figure

    def __str__(self) -> str:
        if not self.blind:
            return (
                "people saw a suggestion for every block that they labelled, and accept most: the score of a "
                "model like the one that suggested is too high; `pageblocks push --blind 0.1` leaves a share without"
            )
        return (
            f"{self.right_blind:.1%} of {counted(self.blind, 'block')} are right that people labelled without seeing a "
            f"suggestion, {self.right_suggested:.1%} of the {self.suggested:,} with one"
        )

    def to_dict(self) -> dict[str, Any]:
        """Convert the scores to JSON.

        Returns
        -------
        dict
            The fields; NaN is None.
        """
        figures = {key: getattr(self, key).to_dict() for key in ("right_blind", "right_suggested")}
        return {"blind": self.blind, "suggested": self.suggested, **figures}


def score_as_seen(corpus: Corpus, predictions: Predictions, *, seed: int = 0, draws: int = DRAWS) -> AsSeen | None:
    """Score predictions on the blocks that people labelled without and with a suggestion.

    Parameters
    ----------
    corpus : Corpus
        The corpus, with the annotations from which its gold was made.
    predictions : Predictions
        Predictions on pages of the corpus.
    seed : int, default=0
        Seed of the bootstrap.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    AsSeen or None
        The scores; None where nobody saw a suggestion, as all labels were given without one.
    """
    if not any(one.suggested_by for theirs in corpus.annotations().values() for one in theirs):
        return None
    seen = how_seen(corpus)
    sites = sorted({group_of(page) for page in predictions.pages})
    sums = np.zeros((len(sites), 4))
    for page, said, gold in zip(predictions.pages, predictions.predicted, predictions.gold, strict=True):
        for label, right, how in zip(said, gold, seen.get(page.page.id, ()), strict=False):
            if right is not None and how in ("blind", "suggested"):
                at = 0 if how == "blind" else 2
                sums[sites.index(group_of(page)), at : at + 2] += label == right, 1
    weights = draw_groups(len(sites), draws, seed)
    blind, suggested = (figure(sums[:, k : k + 2], share_of, weights) for k in (0, 2))
    counts = sums.sum(axis=0).astype(int).tolist()
    return AsSeen(counts[1], counts[3], blind, suggested) if counts[1] or counts[3] else None

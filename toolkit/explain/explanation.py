"""What `explain` answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..page import Block
from ..support.frame import require_pandas

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Reason:
    """A part of a block's score in the first stage.

    Parameters
    ----------
    part : str
        Where `text` stands: `text` (a word of the block), `text above`, `text below` (of the blocks beside it),
        `heading` (the heading above), `names` (a class or id), `tags` (an element around the block), `names above`,
        `names below`, `tags above`, `tags below`, `link` (the target of a link), or `numbers` (a dense feature).
    text : str
        The word in lower case, or the name of the number (see `pageblocks.tables.feature_table`).
    weight : float
        What it adds to the score; negative if it speaks against the label.
    value : float, optional
        The value of a number.
    """

    part: str
    text: str
    weight: float
    value: float | None = None


@dataclass(frozen=True)
class Neighbours:
    """The final probabilities of a block if the page did not have some other blocks.

    Parameters
    ----------
    without_above, without_below : dict of str to float
        The probability of each label without all blocks above, and without all blocks below.
    alone : dict of str to float
        Without any other block.
    without : dict of int to dict of str to float
        Without one of the nearest blocks, by its position on the page.
    """

    without_above: dict[str, float]
    without_below: dict[str, float]
    alone: dict[str, float]
    without: dict[int, dict[str, float]] = field(repr=False)


@dataclass(frozen=True)
class Explanation:
    """Why a block has its label.

    The first stage is linear: the `weight` of all `reasons` and the `bias` add up to `score`. A label's probability in
    `first` is the logistic function of its score, divided by the sum of these over all labels. The second stage is a
    network that reads the whole page. It is not taken apart; `neighbours` says what its answer would be without some
    blocks.

    Parameters
    ----------
    block : Block
        The block.
    position : int
        Its position on the page, from 0.
    label : str
        The label that is explained.
    first : dict of str to float
        The probability of each label in the first stage (the block, and the words and tags of the blocks beside it).
    final : dict of str to float
        The probability of each label after the second stage: that of `BlockClassifier.predict_proba`.
    first_label : str
        The label that the reasons speak for. It is `label`, unless the first stage comes from a model with other
        labels (`init` of `BlockClassifier.fit`); then it is the most probable of these.
    score : float
        The score of `first_label` in the first stage, a log-odds.
    bias : float
        What the score is without any reason.
    reasons : list of Reason
        What adds up to the score, the heaviest first.
    occlude : callable
        Computes `neighbours`.
    """

    block: Block
    position: int
    label: str
    first: dict[str, float] = field(repr=False)
    final: dict[str, float] = field(repr=False)
    first_label: str
    score: float
    bias: float
    reasons: list[Reason] = field(repr=False)
    occlude: Callable[[], Neighbours] = field(repr=False, compare=False)

    @cached_property
    def neighbours(self) -> Neighbours:
        """The final probabilities without some other blocks, computed when they are first asked for."""
        return self.occlude()

    @property
    def changed(self) -> bool:
        """Whether the second stage gives another most probable label than the first."""
        return best(self.first) != best(self.final)

    def to_dict(self, neighbours: bool = True) -> dict[str, Any]:
        """Convert the explanation to a JSON object.

        Parameters
        ----------
        neighbours : bool, default=True
            Whether to include `neighbours`, for which the page is labelled a dozen times.

        Returns
        -------
        dict
            `position`, `id`, `text`, `label`, `first`, `final`, `changed`, `first_label`, `score`, `bias`, `reasons` (a
            list of objects with `part`, `text`, `weight` and `value`) and `neighbours` (`without_above`,
            `without_below`, `alone`, and `without` with the position of one of the nearest blocks as the key).
        """
        found: dict[str, Any] = {
            "position": self.position,
            "id": self.block.id,
            "text": self.block.text,
            "label": self.label,
            "first": _rounded(self.first),
            "final": _rounded(self.final),
            "changed": self.changed,
            "first_label": self.first_label,
            "score": round(self.score, 4),
            "bias": round(self.bias, 4),
            "reasons": [
                {"part": r.part, "text": r.text, "weight": round(r.weight, 4), "value": r.value} for r in self.reasons
            ],
        }
        if neighbours:
            around = self.neighbours
            found["neighbours"] = {
                "without_above": _rounded(around.without_above),
                "without_below": _rounded(around.without_below),
                "alone": _rounded(around.alone),
                "without": {str(k): _rounded(chances) for k, chances in around.without.items()},
            }
        return found

    def to_pandas(self) -> pandas.DataFrame:
        """Make a pandas data frame of the reasons.

        Returns
        -------
        pandas.DataFrame
            One row per reason, with the columns `part`, `text`, `weight` and `value`.

        Raises
        ------
        MissingExtra
            If pandas is not installed.
        """
        require_pandas()
        import pandas  # start-up

        names = ("part", "text", "weight", "value")
        return pandas.DataFrame({name: [getattr(reason, name) for reason in self.reasons] for name in names})


def best(chances: dict[str, float]) -> str:
    """The most probable label."""
    return max(chances, key=chances.__getitem__)


def _rounded(chances: dict[str, float]) -> dict[str, float]:
    return {name: round(chance, 4) for name, chance in chances.items()}

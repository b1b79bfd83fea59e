"""How people took the suggestions that they were shown: what they kept, what they say without one, how fast they were.

People accept most of what they are shown, so labels that were made by correcting suggestions agree too well, with each
other and with the model. Blocks that were left without a suggestion (`pageblocks push --blind`) show by how much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..corpus.folder import Corpus
from ..evaluate.bootstrap import DRAWS, Array, Figure, draw_groups, figure
from ..evaluate.scores import divide
from ..standoff import GOLD, Annotation
from .annotations import aligned, load_annotations

EDGES = (0.0, 0.5, 0.7, 0.9, 1.0)  # of the bins of probability
GLANCE = 0.1  # seconds a block: the eye rests a fifth of a second on a spot, and does not take in more than two blocks
Mask = NDArray[np.bool_]
_FEW = 5  # probes or blind blocks that say nothing of one person


@dataclass(frozen=True)
class Bin:
    """Suggestions with a probability from `low` to `high`.

    Parameters
    ----------
    low, high : float
        The limits.
    blocks : int
        Blocks with such a suggestion.
    expected : float
        Their mean probability: so many are right if the model knows how sure it can be.
    same : Figure
        The share of blocks that have the suggested label in the end.
    """

    low: float
    high: float
    blocks: int
    expected: float
    same: Figure

    def to_dict(self) -> dict[str, Any]:
        """The bin as JSON."""
        return asdict(self) | {"same": self.same.to_dict()}


@dataclass(frozen=True)
class Reader:
    """What one annotator made of suggestions. Intervals are 95 %, bootstrapped over pages.

    Parameters
    ----------
    annotator : str
        Name of the annotator, "" for all.
    pages : int
        Pages with suggestions.
    suggested, blind, unsure : int
        Blocks that were shown with a suggestion, without one to measure, without one as the model was not sure.
    kept : Figure
        The share of suggestions that were kept.
    alone : Figure
        The share of blind blocks whose label is that of the suggestion that was not shown: how often the model is right
        in the eyes of somebody who does not know what it says.
    bias : Figure
        `kept` minus `alone`.
    bins : list of Bin
        `kept` by probability.
    blind_bins : list of Bin
        `alone` by probability.
    probes, found : int
        Wrong suggestions that were shown, and how many of them were changed.
    seconds : float
        Seconds a block, NaN where they are not known.
    hurried : list of str
        Ids of pages that were sent faster than anyone can look at their blocks (`GLANCE`).
    """

    annotator: str
    pages: int
    suggested: int
    blind: int
    unsure: int
    kept: Figure
    alone: Figure
    bias: Figure
    bins: list[Bin]
    blind_bins: list[Bin]
    probes: int
    found: int
    seconds: float
    hurried: list[str]

    @property
    def reasons(self) -> list[str]:
        """Why the annotator's labels should be looked at, in words; none for a careful one."""
        found = []
        if self.blind >= _FEW and self.bias.low is not None and self.bias.low > 0:
            found.append(
                f"kept {self.kept.value:.1%} of the suggestions, but says the same of {self.alone.value:.1%} of the "
                "blocks that had none"
            )
        for one in self.bins:
            if self.blind < _FEW and one.same.low is not None and one.same.low > one.expected + 0.1:
                found.append(
                    f"kept {one.same.value:.0%} of {one.blocks} suggestions that should be right {one.expected:.0%} of "
                    "the time"
                )
        if self.probes >= _FEW and 2 * self.found < self.probes:
            found.append(f"found {self.found} of {self.probes} wrong suggestions")
        if self.hurried:
            found.append(f"sent {len(self.hurried)} of {self.pages} pages faster than anyone can look at their blocks")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Convert the figures to JSON.

        Returns
        -------
        dict
            The fields and `reasons`; NaN is None.
        """
        made = {key: value for key, value in vars(self).items() if not isinstance(value, Figure)}
        made |= {key: getattr(self, key).to_dict() for key in ("kept", "alone", "bias")}
        made |= {key: [one.to_dict() for one in getattr(self, key)] for key in ("bins", "blind_bins")}
        return made | {"seconds": None if np.isnan(self.seconds) else self.seconds, "reasons": self.reasons}


@dataclass(frozen=True)
class Readings:
    """How the annotators took suggestions. It is false where nobody was shown any.

    Parameters
    ----------
    everyone : Reader
        All annotators together; a page counts for each of them.
    readers : list of Reader
        Each annotator.
    """

    everyone: Reader
    readers: list[Reader] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.readers)

    def to_dict(self) -> dict[str, Any]:
        """Convert the readings to JSON.

        Returns
        -------
        dict
            The figures of `everyone`, and of each annotator in a list.
        """
        return {"everyone": self.everyone.to_dict(), "annotators": [one.to_dict() for one in self.readers]}


def measure_readings(source: Path | str | Iterable[Annotation], *, seed: int = 0, draws: int = DRAWS) -> Readings:
    """Measure how people took suggestions.

    Parameters
    ----------
    source : Path, str or iterable of Annotation
        A corpus, a folder of annotation files, one such file, or annotations.
    seed : int, default=0
        Seed of the bootstrap.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    Readings
        The figures; without annotators where nobody was shown a suggestion.

    Raises
    ------
    BadInput
        If there are no annotations.
    """
    given = load_annotations(source)[0] if isinstance(source, str | Path) else source
    taken = [
        one for one in given if one.state == "done" and not one.review and one.annotator != GOLD and _was_shown(one)
    ]
    names = sorted({one.annotator for one in taken})
    readers = [_reader(name, [a for a in taken if a.annotator == name], seed=seed, draws=draws) for name in names]
    return Readings(_reader("", taken, seed=seed, draws=draws), readers)


def how_seen(corpus: Corpus) -> dict[str, list[str | None]]:
    """How the annotators of a page saw each of its blocks.

    Parameters
    ----------
    corpus : Corpus
        The corpus, with annotations.

    Returns
    -------
    dict of str to list of str or None
        By page id, for each of today's blocks: "blind" where no annotator was shown a suggestion (by chance, or as the
        page had none), "unsure" where nobody was because the model was not sure, "suggested" where anybody was, None
        where nobody labelled the block.
    """
    order = {"blind": 0, "unsure": 1, "suggested": 2}
    found: dict[str, list[str | None]] = {}
    for page, people in aligned(corpus.folder, of=Annotation.seen).items():
        columns = zip(*people.values(), strict=True)
        found[page] = [max(filter(None, column), key=order.__getitem__, default=None) for column in columns]
    return found


def _reader(name: str, annotations: Sequence[Annotation], *, seed: int, draws: int) -> Reader:
    pages = sorted({one.page for one in annotations})
    at = {page: k for k, page in enumerate(pages)}
    rows = [
        (at[one.page], shown.probability, run.label == shown.label, shown.how)
        for one in annotations
        for run, shown in one.pairs
        if shown.label
    ]
    page = np.array([row[0] for row in rows], np.intp)
    sure = np.array([row[1] for row in rows], np.float64)
    same = np.array([row[2] for row in rows], bool)
    how = np.array([row[3] for row in rows], "U8")
    suggested = how == ""
    # Where nothing is suggested below a threshold, only blind blocks above it can be compared.
    blind = (how == "blind") & (sure >= (sure[suggested].min() if suggested.any() else 0))
    weights = draw_groups(len(pages), draws, seed)

    def sums(mask: Mask) -> Array:
        columns = [np.bincount(page[mask], weights=w, minlength=len(pages)) for w in (same[mask], None)]
        return np.stack(columns, axis=1).astype(np.float64)

    def bins(mask: Mask) -> list[Bin]:
        made = []
        for low, high in pairwise(EDGES):
            inside = mask & (sure >= low) & ((sure < high) | (high == 1))
            if inside.any():
                share = figure(sums(inside), share_of, weights)
                made.append(Bin(low, high, int(inside.sum()), float(sure[inside].mean()), share))
        return made

    both = np.concatenate([sums(suggested), sums(blind)], axis=1) if pages else np.zeros((0, 4))
    probes = [(run, shown) for one in annotations for run, shown in one.pairs if shown.how == "probe"]
    missed = sum(one.missed for one in annotations)
    timed = [one for one in annotations if one.seconds > 0]
    counts = [shown.how for one in annotations for _, shown in one.pairs]
    return Reader(
        annotator=name,
        pages=len(annotations),
        suggested=counts.count(""),
        blind=counts.count("blind"),
        unsure=counts.count("unsure"),
        kept=figure(both, lambda t: share_of(t[..., :2]), weights),
        alone=figure(both, lambda t: share_of(t[..., 2:]), weights),
        bias=figure(both, lambda t: share_of(t[..., :2]) - share_of(t[..., 2:]), weights),
        bins=bins(suggested),
        blind_bins=bins(blind),
        probes=len(probes) + missed,
        found=len(probes),
        seconds=sum(one.seconds for one in timed) / max(1, sum(map(_size, timed))) if timed else float("nan"),
        hurried=sorted(one.page for one in timed if one.seconds < GLANCE * _size(one)),
    )


def _was_shown(annotation: Annotation) -> bool:
    """Whether it is known what its author was shown; without a suggester, probabilities are the author's own."""
    known = annotation.missed > 0 or bool(annotation.pairs)
    return known and (bool(annotation.suggested_by) or all(shown.how for _, shown in annotation.pairs))


def _size(annotation: Annotation) -> int:
    return len(annotation.labels) + annotation.missed


def share_of(totals: Array) -> Array:
    """The first of two sums, divided by the second."""
    return divide(totals[..., 0], totals[..., 1])

"""Labels that are probably wrong: unlikely ones, contradictory ones, and ones that break a rule of the guidelines.

Unlikely: by the probabilities of models that saw no page of the site, sorted out by confident learning (Northcutt et
al. 2021).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import MissingExtra
from ..page import Blocks
from ..support.text import counted
from .rules import broken_rules

if TYPE_CHECKING:
    from ..train.fit import Predictions

RARE = 0.25  # across sites, a label that fewer of the equal texts have is doubtful
_MANY = 4  # and only where at least this many blocks have the text


@dataclass(frozen=True)
class Doubt:
    """One doubtful label. No page text in it. `score` is how far the label is borne out: 0 not at all, 1 fully."""

    page: str
    url: str
    block: int  # index on the page
    start: int
    end: int
    hash: str
    kind: str
    label: str
    suggested: str
    score: float
    why: str

    def to_dict(self) -> dict[str, Any]:
        """The doubt as JSON takes it."""
        return asdict(self)


def confident_learning() -> tuple[Any, Any]:
    """The two functions of cleanlab that `unlikely` needs. Raises MissingExtra; call it before the cross-validation."""
    try:
        from cleanlab.filter import find_label_issues  # extra
        from cleanlab.rank import get_label_quality_scores  # extra
    except ImportError as error:
        raise MissingExtra("cleanlab, which finds unlikely labels,", "quality") from error
    return find_label_issues, get_label_quality_scores


def unlikely(found: Predictions) -> list[Doubt]:
    """Blocks whose gold label got a low probability from models that had not seen the site, as cleanlab finds them."""
    find_label_issues, get_label_quality_scores = confident_learning()
    number = {name: k for k, name in enumerate(found.classes)}
    places = [(k, i) for k, page in enumerate(found.gold) for i, label in enumerate(page) if label is not None]
    labels = np.array([number[label] for page in found.gold for label in page if label is not None], np.int64)
    stacked = np.array([found.probabilities[k][i] for k, i in places], np.float64)
    stacked /= np.maximum(stacked.sum(axis=1, keepdims=True), 1e-12)
    issues = find_label_issues(labels, stacked, n_jobs=1)
    scores = get_label_quality_scores(labels, stacked, method="self_confidence")
    made = []
    for at in np.flatnonzero(issues):
        (k, i), label = places[at], found.classes[int(labels[at])]
        best = found.classes[int(stacked[at].argmax())]
        why = f"a model that had not seen the site says {best} ({stacked[at].max():.0%})"
        made.append(
            _doubt(found.pages[k], i, "unlikely", label=label, suggested=best, score=float(scores[at]), why=why)
        )
    return made


def contradictions(pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]]) -> list[Doubt]:
    """Equal texts with different labels: on one page, on the pages of one site, and rare labels across all sites.

    The doubtful ones are those with fewer votes than the commonest label of that text has; all of them where it is a
    tie. Blocks without a label do not count.
    """
    made: dict[tuple[int, int], Doubt] = {}
    scopes: tuple[tuple[str, Callable[[int], str]], ...] = (
        ("on this page", lambda k: str(k)),
        ("on this site", lambda k: pages[k].page.site or f"page:{k}"),
        ("in the corpus", lambda k: ""),
    )
    for where, group in scopes:
        said: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        for k, page in enumerate(pages):
            for i, (text, label) in enumerate(zip(page.text, labels[k], strict=True)):
                if label is not None:
                    said.setdefault((group(k), " ".join(text.casefold().split())), []).append((k, i, label))
        for places in said.values():
            votes = Counter(label for _, _, label in places)
            if len(votes) < 2 or (where == "in the corpus" and len(places) < _MANY):
                continue
            (best, most), (second, next_most) = votes.most_common(2)
            for k, i, label in places:
                own = votes[label]
                if own > next_most or (where == "in the corpus" and own > RARE * len(places)):
                    continue
                other = best if label != best else second
                theirs, ours = counted(votes[other], "time"), counted(own, "time")
                why = f"the same text is {other} {theirs} {where}, and {label} {ours}"
                made.setdefault(
                    (k, i),
                    _doubt(
                        pages[k], i, "contradiction", label=label, suggested=other, score=own / (own + most), why=why
                    ),
                )
    return list(made.values())


def broken(pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]], names: Sequence[str]) -> list[Doubt]:
    """Labels that break a rule of the guidelines (see `rules.RULES`)."""
    return [
        _doubt(page, i, "guideline", label=label, suggested=right, score=0.0, why=f"{rule.name}: {rule.says}")
        for page, answers in zip(pages, labels, strict=True)
        for i, rule, right in broken_rules(page, answers, names)
        if (label := answers[i]) is not None
    ]


def ranked(doubts: Iterable[Doubt], limit: int | None = None) -> list[Doubt]:
    """The worst first; blocks that are doubtful in several ways before the others."""
    doubts = list(doubts)
    ways = Counter((d.page, d.block) for d in doubts)
    return sorted(doubts, key=lambda d: (-ways[d.page, d.block], d.score, d.page, d.block, d.kind))[:limit]


def _doubt(page: Blocks, i: int, kind: str, *, label: str, suggested: str, score: float, why: str) -> Doubt:
    return Doubt(
        page.page.id,
        page.page.url,
        i,
        page.start[i],
        page.end[i],
        page.hashes[i],
        kind,
        label,
        suggested,
        round(score, 4),
        why,
    )

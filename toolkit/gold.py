"""Several annotators' labels -> gold: the majority or their weight, the adjudicator where that fails, a list of what is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import PageblocksError
from .page import Blocks
from .standoff import Annotation, Run, attach, detach

GOLD = "gold"  # the annotator's name that gold files carry
Judged = Callable[[Mapping[str, str]], str | None]  # what annotators said of a block -> its label, None where that is not clear
_Key = tuple[int, int, str, int]  # start, end, hash, and the ordinal among equal runs (placeholders share an empty one)


@dataclass(frozen=True)
class Disputed:
    """A block on which no label has the majority. `labels`: what each annotator said, the adjudicator left out."""

    page: str
    start: int
    end: int
    hash: str
    labels: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        return {"page": self.page, "start": self.start, "end": self.end, "hash": self.hash, "labels": self.labels}


@dataclass(frozen=True)
class Gold:
    """`annotations`: one a page, without the disputed blocks; `decided`: blocks by how their label came to be."""

    annotations: list[Annotation] = field(default_factory=list)
    disputed: list[Disputed] = field(default_factory=list)
    decided: dict[str, int] = field(default_factory=dict)  # "single", "agreed", "majority" or "weighed", "adjudicated"


def adjudicate(
    annotations: Iterable[Annotation],
    adjudicator: str | None = None,
    blocks: Mapping[str, Blocks] | None = None,
    judge: Judged | None = None,
) -> Gold:
    """Gold from the annotations of one or more annotators a page, in any order. Skipped ones do not count.

    A block's gold is the label that more than half of its annotators gave; without one it is the `adjudicator`'s; without
    that it is disputed. A `judge` (see `dawid_skene.Judge`) takes the place of the majority where they do not all agree. Of one
    annotator's annotations of a page the latest counts. Where people labelled different segmentations of a page, give `blocks`
    (page id -> the blocks of today): all labels are then moved onto them first.

    Raises PageblocksError where annotators saw different versions of a page, other schemes, or other blocks.
    """
    by_page: dict[str, dict[str, Annotation]] = {}
    for annotation in annotations:
        if annotation.state == "skipped" or annotation.annotator == GOLD:
            continue
        own = by_page.setdefault(annotation.page, {})
        before = own.get(annotation.annotator)
        if before is None or before.created_at <= annotation.created_at:
            own[annotation.annotator] = annotation
    gold = Gold(decided=dict.fromkeys(("single", "agreed", "weighed" if judge else "majority", "adjudicated"), 0))
    for page, people in by_page.items():
        if blocks is not None and page in blocks:
            people = {name: _moved(blocks[page], annotation) for name, annotation in people.items()}
        _decide(page, people, adjudicator, gold, judge)
    return gold


def _moved(blocks: Blocks, annotation: Annotation) -> Annotation:
    labels = attach(blocks, annotation)
    return detach(blocks, labels, annotation.annotator, annotation.scheme, annotation.created_at)


def _decide(page: str, people: Mapping[str, Annotation], adjudicator: str | None, gold: Gold, judge: Judged | None) -> None:
    for what in ("sha256", "scheme"):
        values = sorted({v for a in people.values() if (v := getattr(a, what))})
        if len(values) > 1:
            mend = "keep the annotations of one version" if what == "sha256" else "migrate the labels to one scheme"
            raise PageblocksError(f"page {page}: {', '.join(people)} labelled different {what} ({', '.join(values)}); {mend}")
    votes: dict[_Key, dict[str, str]] = {}
    for name, annotation in people.items():
        seen: Counter[tuple[int, int, str]] = Counter()
        for run in annotation.labels:
            place = (run.start, run.end, run.hash)
            votes.setdefault((*place, seen[place]), {})[name] = run.label
            seen[place] += 1
    _refuse_overlaps(page, list(votes))

    runs = []
    for key in sorted(votes, key=lambda k: (k[0], k[1])):  # stable: equal places keep the order of the page
        given = votes[key]
        label, how = _vote(given, adjudicator, judge)
        start, end, digest, _ = key
        if label is None:
            gold.disputed.append(Disputed(page, start, end, digest, {k: v for k, v in given.items() if k != adjudicator}))
        else:
            runs.append(Run(start, end, label, digest))
            gold.decided[how] += 1
    first = next(iter(people.values()))
    gold.annotations.append(
        Annotation(
            page=page,
            sha256=first.sha256,
            annotator=GOLD,
            labels=runs,
            url=next((a.url for a in people.values() if a.url), ""),
            # The latest of what it was made from, not now: the same annotations give the same file.
            created_at=max(a.created_at for a in people.values()),
            scheme=next((a.scheme for a in people.values() if a.scheme), ""),
        )
    )


def _vote(given: Mapping[str, str], adjudicator: str | None, judge: Judged | None = None) -> tuple[str | None, str]:
    said = {name: label for name, label in given.items() if name != adjudicator}
    if said:
        label, count = Counter(said.values()).most_common(1)[0]
        if count == len(said):
            return label, "single" if count == 1 else "agreed"
        if judge is not None:
            weighed = judge(said)
            if weighed is not None:
                return weighed, "weighed"
        elif 2 * count > len(said):
            return label, "majority"
    if adjudicator is not None and adjudicator in given:
        return given[adjudicator], "adjudicated"
    return None, ""


def _refuse_overlaps(page: str, keys: list[_Key]) -> None:
    # Two blocks that share nodes come from two segmentations: a vote over them would compare unlike things.
    ends: dict[int, tuple[int, int, str]] = {}
    for start, end, digest, _ in keys:
        for node in range(start, end):
            other = ends.setdefault(node, (start, end, digest))
            if other != (start, end, digest):
                raise PageblocksError(
                    f"page {page}: the annotators labelled different blocks ({other[0]}-{other[1]} and {start}-{end}); "
                    "give the page's blocks, so that the labels are moved onto them"
                )

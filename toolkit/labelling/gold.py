"""Several annotators' labels -> gold: the majority or their weight, the adjudicator where that fails, a list of what is
left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import Mismatch
from ..page import Blocks
from ..standoff import GOLD, Annotation, Run, attach, detach, numbered

Judged = Callable[
    [Mapping[str, str]], str | None
]  # what annotators said of a block -> its label, None where that is not clear
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
        """The block's place and its labels as JSON takes them."""
        return {"page": self.page, "start": self.start, "end": self.end, "hash": self.hash, "labels": self.labels}


@dataclass(frozen=True)
class Gold:
    """`annotations`: one a page, without the disputed blocks; `decided`: blocks by how their label came to be.

    `kept`: pages of an older gold without annotations; `absent`: annotated pages that the corpus does not have.
    """

    annotations: list[Annotation] = field(default_factory=list)
    disputed: list[Disputed] = field(default_factory=list)
    # "single", "agreed", "majority" or "weighed", "adjudicated"; "kept": of an older gold, on pages that were only
    # reviewed
    decided: dict[str, int] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def adjudicate(
    annotations: Iterable[Annotation],
    adjudicator: str | None = None,
    blocks: Mapping[str, Blocks] | None = None,
    *,
    judge: Judged | None = None,
    older: Mapping[str, Annotation] | None = None,
) -> Gold:
    """Gold from the annotations of one or more annotators a page, in any order. Skipped ones do not count.

    A block's gold is the label that more than half of its annotators gave, else the `adjudicator`'s label, else the
    block is disputed. A `judge` (see `dawid_skene.Judge`) replaces the majority where annotators do not all agree.

    Of one annotator's annotations of a page the latest counts; a later review counts on the blocks that it is of. On a
    page that was only reviewed, the labels of its `older` gold (by page id) stay on all other blocks. Where people
    labelled different segmentations of a page, give `blocks` (page id -> the blocks of today): all labels are then
    moved onto them first.

    Raises Mismatch where annotators saw different versions of a page, other schemes, or other blocks.
    """
    gold = Gold(decided=dict.fromkeys(("single", "agreed", "weighed" if judge else "majority", "adjudicated"), 0))
    for page, people in last_words(annotations, blocks or {}).items():
        before = (older or {}).get(page)
        if before is not None and blocks is not None and page in blocks:
            before = _moved(blocks[page], before)
        _decide(page, people, adjudicator, gold=gold, judge=judge, older=before)
    return gold


def last_words(
    annotations: Iterable[Annotation], blocks: Mapping[str, Blocks], reviews: bool = True
) -> dict[str, dict[str, Annotation]]:
    """Page -> annotator -> what counts: the latest annotation, with what the annotator said in later `reviews` in its
    place.

    Skipped ones and gold do not count. Labels are moved onto the `blocks` of their page where these are given.
    """
    found: dict[str, dict[str, Annotation]] = {}
    # A whole annotation before a review of the same second: the review may be of what was just said.
    for annotation in sorted(annotations, key=lambda a: (a.created_at, a.review)):
        if annotation.state == "skipped" or annotation.annotator == GOLD or (annotation.review and not reviews):
            continue
        own = found.setdefault(annotation.page, {})
        if annotation.page in blocks:
            annotation = _moved(blocks[annotation.page], annotation)
        before = own.get(annotation.annotator)
        own[annotation.annotator] = (
            merged(before, annotation) if before is not None and annotation.review else annotation
        )
    return found


def merged(before: Annotation, review: Annotation) -> Annotation:
    """An annotation with the labels of a later review in the place of its own."""
    runs = {(run.start, run.end, run.hash, run.nth): run for one in (before, review) for run in numbered(one.labels)}
    kept = sorted(runs.values(), key=lambda run: (run.start, run.end, run.nth))
    return replace(before, labels=kept, shown=[], created_at=review.created_at)


def _moved(blocks: Blocks, annotation: Annotation) -> Annotation:
    labels = attach(blocks, annotation)
    moved = detach(blocks, labels, annotation.annotator, scheme=annotation.scheme, created_at=annotation.created_at)
    return replace(moved, review=annotation.review, suggested_by=annotation.suggested_by)


def _decide(
    page: str, people: Mapping[str, Annotation], adjudicator: str | None, *, gold: Gold, judge: Judged | None,
    older: Annotation | None,
) -> None:  # fmt: skip
    for what in ("sha256", "scheme"):
        values = sorted({v for a in people.values() if (v := getattr(a, what))})
        if len(values) > 1:
            mend = "keep the annotations of one version" if what == "sha256" else "migrate the labels to one scheme"
            raise Mismatch(f"page {page}: {', '.join(people)} labelled different {what} ({', '.join(values)}); {mend}")
    votes: dict[_Key, dict[str, str]] = {}
    for name, annotation in people.items():
        for run in numbered(annotation.labels):
            votes.setdefault((run.start, run.end, run.hash, run.nth), {})[name] = run.label
    kept: dict[_Key, str] = {}
    if older is not None and all(annotation.review for annotation in people.values()):
        places = {(run.start, run.end, run.hash, run.nth): run.label for run in older.labels}
        kept = {key: label for key, label in places.items() if key not in votes}
        gold.decided["kept"] = gold.decided.get("kept", 0) + len(kept)
    _refuse_overlaps(page, [*votes, *kept])

    runs = [Run(start, end, label, digest, nth) for (start, end, digest, nth), label in kept.items()]
    for key in sorted(votes, key=lambda k: (k[0], k[1])):  # stable: equal places keep the order of the page
        given = votes[key]
        label, how = _vote(given, adjudicator, judge)
        start, end, digest, nth = key
        if label is None:
            gold.disputed.append(
                Disputed(page, start, end, digest, {k: v for k, v in given.items() if k != adjudicator})
            )
        else:
            runs.append(Run(start, end, label, digest, nth))
            gold.decided[how] += 1
    if kept:
        runs.sort(key=lambda run: (run.start, run.end))
    first = next(iter(people.values()))
    suggesters = {
        name for a in (*people.values(), *([older] if older is not None and kept else [])) for name in a.models
    }
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
            suggested_by=", ".join(sorted(suggesters)),
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
    reach: _Key = (0, 0, "", 0)
    for key in sorted(key for key in keys if key[0] < key[1]):
        if key[0] < reach[1] and key[:3] != reach[:3]:
            raise Mismatch(
                f"page {page}: the annotators labelled different blocks ({reach[0]}-{reach[1]} and {key[0]}-{key[1]}); "
                "give the page's blocks, so that the labels are moved onto them"
            )
        reach = max(reach, key, key=lambda one: one[1])

"""Labels kept apart from the text: page hash, and a label for each run of text nodes (HTML) or lines (text).

Such a file holds no page text, so it may be shared where the pages may not, and its labels land on any later
segmentation: a block takes the label that covers most of its run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from .errors import BadInput, Mismatch
from .page import Blocks
from .support.files import read_jsonl, write_jsonl
from .support.text import counted

GOLD = "gold"  # the annotator's name that gold files carry


class Run(NamedTuple):
    """A label on text nodes or lines `start` to `end` (not included). An empty run is a placeholder or a button's
    value.

    `hash` is the hash of the block's text; it tells blocks apart that share a run. Blocks that share both are told
    apart by `nth`, their number in reading order from 0.
    """

    start: int
    end: int
    label: str
    hash: str
    nth: int = 0


@dataclass
class Annotation:
    """One annotator's labels of one page.

    `review`: the annotator was shown labels of others and asked about some blocks. `labels` are of those blocks alone,
    and they are no independent reading of the page. `suggested_by`: the model (`BlockClassifier.version`) whose
    suggestions were shown and corrected; in gold there may be several, with ", " between them.
    """

    page: str
    sha256: str
    annotator: str
    labels: list[Run] = field(default_factory=list)
    url: str = ""
    created_at: str = ""
    scheme: str = ""
    state: Literal["done", "skipped"] = "done"
    review: bool = False
    suggested_by: str = ""

    @property
    def models(self) -> list[str]:
        """The models whose suggestions were corrected."""
        return [name for name in self.suggested_by.split(", ") if name]


def labelled_runs(places: Iterable[tuple[int, int, str]], labels: Iterable[str | None]) -> list[Run]:
    """The runs of labelled blocks, from the place (start, end, hash) and the label of every block; None: not
    labelled.
    """
    seen: Counter[tuple[int, int, str]] = Counter()
    runs = []
    for place, label in zip(places, labels, strict=True):
        start, end, digest = place
        if label is not None:
            runs.append(Run(start, end, label, digest, seen[place]))
        seen[place] += 1
    return runs


def numbered(runs: Iterable[Run]) -> list[Run]:
    """The same runs, those of one place numbered: where a list says nothing else, they are the first ones there in
    order.
    """
    seen: Counter[tuple[int, int, str]] = Counter()
    found = []
    for run in runs:
        place = (run.start, run.end, run.hash)
        nth = max(run.nth, seen[place])
        found.append(run if nth == run.nth else run._replace(nth=nth))
        seen[place] = nth + 1
    return found


def detach(
    blocks: Blocks, labels: Sequence[str | None], annotator: str, scheme: str = "", created_at: str = ""
) -> Annotation:
    """Labels of blocks, one a block (None: not labelled) -> stand-off. `created_at` is ISO 8601 in UTC, now by
    default.
    """
    if len(labels) != len(blocks):
        raise Mismatch(
            f"{blocks.page.id}: {counted(len(labels), 'label')} for {counted(len(blocks), 'block')}; give one a block"
        )
    runs = labelled_runs(zip(blocks.start, blocks.end, blocks.hashes, strict=True), labels)
    page = blocks.page
    return Annotation(page.id, page.sha256, annotator, runs, page.url, created_at or now(), scheme)


def attach(blocks: Blocks, annotation: Annotation) -> list[str | None]:
    """Stand-off -> one label a block of this segmentation, None where nothing was said.

    The same block (run and text) takes its own label. Otherwise the label of most of its nodes, and for text from
    attributes the label of the same text nearest by, if that label has no block of its own. Raises `PageblocksError`
    when the page is not the one that was labelled.
    """
    if annotation.sha256 and annotation.sha256 != blocks.page.sha256:
        raise Mismatch(
            f"{blocks.page.id}: the page changed since it was labelled by {annotation.annotator} (its hash differs); "
            "use the page as it was or label it again"
        )
    said = {(run.start, run.end, run.hash, run.nth): run for run in numbered(annotation.labels)}
    seen: Counter[tuple[int, int, str]] = Counter()
    labels: list[str | None] = []
    left: list[int] = []  # blocks of which no run is exactly the same
    for i, place in enumerate(zip(blocks.start, blocks.end, blocks.hashes, strict=True)):
        run = said.pop((*place, seen[place]), None)
        seen[place] += 1
        labels.append(None if run is None else run.label)
        if run is None:
            left.append(i)
    if left and said:
        _attach_moved(blocks, list(said.values()), left, labels)
    return labels


def _attach_moved(blocks: Blocks, runs: Sequence[Run], left: Sequence[int], labels: list[str | None]) -> None:
    """Labels for the blocks `left` from runs that are no block's own: by the nodes that they share, then by equal
    text.
    """
    last = max(blocks.end, default=0)  # a file may name runs that the page does not have
    by_node = np.full(last, -1, np.int64)
    for k, run in enumerate(runs):
        if run.start < last:
            by_node[max(0, run.start) : max(0, run.end)] = k
    by_text: dict[str, list[Run]] = {}
    for run in runs:
        by_text.setdefault(run.hash, []).append(run)
    for i in left:
        start = blocks.start[i]
        covered = Counter(runs[k].label for k in by_node[start : blocks.end[i]].tolist() if k >= 0)
        if covered:
            labels[i] = covered.most_common(1)[0][0]
        elif same := by_text.get(blocks.hashes[i]):
            nearest = min(same, key=lambda run: abs(run.start - start))
            labels[i] = nearest.label
            same.remove(nearest)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_annotations(path: Path | str) -> list[Annotation]:
    """The annotations of a JSON-lines file. Raises `PageblocksError` naming the line's page when one is not of this
    form.
    """
    annotations = []
    for row in read_jsonl(path):
        if not isinstance(row, dict):
            raise BadInput(f"{path}: a line is no annotation but {row!r:.60}")
        try:
            row["labels"] = numbered(_run(item) for item in row["labels"])
            annotations.append(Annotation(**row))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadInput(f"{path}: not an annotation of page {row.get('page', '?')!r} ({error})") from error
    return annotations


def write_annotations(path: Path | str, annotations: Iterable[Annotation]) -> None:
    write_jsonl(path, (_row(annotation) for annotation in annotations))


def _run(item: Any) -> Run:
    start, end, label, digest, *nth = item
    run = Run(int(start), int(end), str(label), str(digest), *map(int, nth))
    if not 0 <= run.start <= run.end or run.nth < 0 or label is None:
        raise ValueError(f"{item!r:.60} is no [start, end, label, hash]")
    return run


def _row(annotation: Annotation) -> dict[str, Any]:
    """What stays as it would be is left out: whether it is a review, which model suggested it, and the number of a run
    that is the next of its place.
    """
    row = asdict(annotation)
    for key in ("review", "suggested_by"):
        if not row[key]:
            del row[key]
    plain = numbered(run._replace(nth=0) for run in annotation.labels)
    row["labels"] = [
        run[:4] if run.nth <= next.nth else run for run, next in zip(annotation.labels, plain, strict=True)
    ]
    return row

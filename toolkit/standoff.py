"""Labels kept apart from the text: page hash, and a label for each run of text nodes (HTML) or lines (text).

Such a file holds no page text, so it may be shared where the pages may not, and its labels land on any later segmentation:
a block takes the label that covers most of its run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from .counted import counted
from .errors import PageblocksError
from .files import read_jsonl, write_jsonl
from .page import Blocks


class Run(NamedTuple):
    """A label on text nodes or lines `start` to `end` (not included). An empty run is a placeholder or a button's value.

    `hash` is the hash of the block's text; it tells blocks apart that share a run.
    """

    start: int
    end: int
    label: str
    hash: str


@dataclass
class Annotation:
    """One annotator's labels of one page."""

    page: str
    sha256: str
    annotator: str
    labels: list[Run] = field(default_factory=list)
    url: str = ""
    created_at: str = ""
    scheme: str = ""
    state: Literal["done", "skipped"] = "done"


def detach(blocks: Blocks, labels: Sequence[str | None], annotator: str, scheme: str = "", created_at: str = "") -> Annotation:
    """Labels of blocks, one a block (None: not labelled) -> stand-off. `created_at` is ISO 8601 in UTC, now by default."""
    if len(labels) != len(blocks):
        raise PageblocksError(
            f"{blocks.page.id}: {counted(len(labels), 'label')} for {counted(len(blocks), 'block')}; give one a block"
        )
    runs = [
        Run(start, end, label, digest)
        for start, end, label, digest in zip(blocks.start, blocks.end, labels, blocks.hashes, strict=True)
        if label is not None
    ]
    page = blocks.page
    return Annotation(page.id, page.sha256, annotator, runs, page.url, created_at or now(), scheme)


def attach(blocks: Blocks, annotation: Annotation) -> list[str | None]:
    """Stand-off -> one label a block of this segmentation, None where nothing was said.

    The same block (run and text) takes its own label. Otherwise the label of most of its nodes, and for text from attributes
    the label of the same text nearest by. Raises `PageblocksError` when the page is not the one that was labelled.
    """
    if annotation.sha256 and annotation.sha256 != blocks.page.sha256:
        raise PageblocksError(
            f"{blocks.page.id}: the page changed since it was labelled by {annotation.annotator} (its hash differs); "
            "use the page as it was or label it again"
        )
    exact: dict[tuple[int, int, str], list[str]] = {}
    nodes: dict[int, str] = {}
    by_text: dict[str, list[Run]] = {}
    last = max(blocks.end, default=0)  # a file may name runs that the page does not have
    for run in annotation.labels:
        exact.setdefault((run.start, run.end, run.hash), []).append(run.label)
        by_text.setdefault(run.hash, []).append(run)
        for node in range(max(0, run.start), min(run.end, last)):
            nodes[node] = run.label
    for answers in exact.values():
        answers.reverse()  # equal placeholders at one place take theirs in order
    labels: list[str | None] = []
    for start, end, digest in zip(blocks.start, blocks.end, blocks.hashes, strict=True):
        own = exact.get((start, end, digest))
        if own:
            labels.append(own.pop() if len(own) > 1 else own[0])
            continue
        covered = Counter(nodes[node] for node in range(start, end) if node in nodes)
        if covered:
            labels.append(covered.most_common(1)[0][0])
            continue
        same = by_text.get(digest)
        labels.append(min(same, key=lambda run: abs(run.start - start)).label if same else None)
    return labels


def attach_all(blocks: Blocks, annotation: Annotation) -> list[str] | None:
    """As `attach`, with a label for every block; None where the annotation has none for this page.

    A block that it does not cover takes the label of the block before it: annotators read on in the same unit.
    """
    answers = attach(blocks, annotation)
    last = next((label for label in answers if label is not None), None)
    if last is None:
        return None
    return [last := label if label is not None else last for label in answers]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_annotations(path: Path | str) -> list[Annotation]:
    """The annotations of a JSON-lines file. Raises `PageblocksError` naming the line's page when one is not of this form."""
    annotations = []
    for row in read_jsonl(path):
        if not isinstance(row, dict):
            raise PageblocksError(f"{path}: a line is no annotation but {row!r:.60}")
        try:
            row["labels"] = [Run(int(s), int(e), str(label), str(digest)) for s, e, label, digest in row["labels"]]
            annotations.append(Annotation(**row))
        except (KeyError, TypeError, ValueError) as error:
            raise PageblocksError(f"{path}: not an annotation of page {row.get('page', '?')!r} ({error})") from error
    return annotations


def write_annotations(path: Path | str, annotations: Iterable[Annotation]) -> None:
    write_jsonl(path, (asdict(a) for a in annotations))

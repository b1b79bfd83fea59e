"""Stand-off labels: the hash of a page, and a label for each run of its text nodes (HTML) or lines (plain text).

A stand-off file holds no page text, so it can be shared where the pages cannot. Its labels fit any later segmentation:
a block takes the label that covers most of its run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from .errors import BadInput, Mismatch
from .page import Blocks
from .support.files import read_jsonl, write_jsonl
from .support.text import counted

GOLD = "gold"  # annotator's name in gold files
_SEEN = {"blind": "blind", "unsure": "unsure"}
_OPTIONAL = ("review", "suggested_by", "shown", "missed", "seconds", "changed_by")


class Run(NamedTuple):
    """A label on text nodes or lines `start` to `end` (not included). The run of text from an attribute is empty.

    `hash` is the hash of the block's text, which distinguishes blocks that share a run. `nth`, the number in reading
    order from 0, distinguishes blocks that share run and hash.
    """

    start: int
    end: int
    label: str
    hash: str
    nth: int = 0


class Shown(NamedTuple):
    """The suggestion for a block, and whether its annotator saw it.

    `how` is "" for a suggestion that was shown, "probe" for one that was shown although it is known to be wrong,
    "blind" for a block that was left without one to measure people and model, and "unsure" for one that the model was
    not sure enough of. Then `label` and `probability` are what the model says and nobody saw ("" where that is not
    known).
    """

    label: str
    probability: float
    how: Literal["", "probe", "blind", "unsure"] = ""


@dataclass
class Annotation:
    """One annotator's labels of one page.

    Parameters
    ----------
    page : str
        Id of the page.
    sha256 : str
        SHA-256 of the page's bytes, as 64 hex digits.
    annotator : str
        Name of the annotator; `gold` in gold files.
    labels : list of Run
        A label for each run of text nodes (HTML) or lines (plain text).
    url : str, default=""
        Address of the page, if it is known.
    created_at : str, default=""
        ISO 8601 time in UTC.
    scheme : str, default=""
        Name and version of the label scheme (`web-page@1`).
    state : {"done", "skipped"}, default="done"
        Whether the annotator labelled the page or skipped it.
    review : bool, default=False
        Whether the annotator saw labels of others and was asked about some blocks only. Then `labels` covers those
        blocks, and they are not an independent reading of the page.
    suggested_by : str, default=""
        The model (`BlockClassifier.version`) whose suggestions the annotator corrected; in gold there may be several,
        separated by ", ".
    shown : list of Shown or None
        What was suggested for each of `labels`, None where nothing was; empty where that is not known. Without
        `suggested_by`, nobody suggested anything: then a model that is the annotator gives its own probabilities.
    missed : int, default=0
        Probes whose wrong suggestion the annotator kept. Their blocks are not in `labels`.
    seconds : float, default=0.0
        How long the page was open.
    changed_by : str, default=""
        Another annotator who changed the labels later.
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
    shown: list[Shown | None] = field(default_factory=list)
    missed: int = 0
    seconds: float = 0.0
    changed_by: str = ""

    @property
    def models(self) -> list[str]:
        """The models whose suggestions were corrected."""
        return [name for name in self.suggested_by.split(", ") if name]

    @property
    def pairs(self) -> list[tuple[Run, Shown]]:
        """The labels of blocks of which it is known what was suggested."""
        return [(run, shown) for run, shown in zip(self.labels, self.shown, strict=False) if shown is not None]

    def seen(self) -> Annotation:
        """Put in the place of each label how the annotator saw the block.

        Returns
        -------
        Annotation
            The same with the labels "suggested"; "blind" for blocks without a suggestion, left so by chance or on a
            page that had none; "unsure" for those that the model was not sure enough of.
        """
        if self.shown:
            shown = "suggested" if self.suggested_by else "blind"
            seen = ["blind" if one is None else _SEEN.get(one.how, shown) for one in self.shown]
        else:
            seen = ["suggested" if self.suggested_by else "blind"] * len(self.labels)
        return replace(self, labels=[run._replace(label=how) for run, how in zip(self.labels, seen, strict=True)])


def labelled_runs(places: Iterable[tuple[int, int, str]], labels: Iterable[str | None]) -> list[Run]:
    """The runs of the labelled blocks, from the (start, end, hash) and the label (or None) of every block."""
    seen: Counter[tuple[int, int, str]] = Counter()
    runs = []
    for place, label in zip(places, labels, strict=True):
        start, end, digest = place
        if label is not None:
            runs.append(Run(start, end, label, digest, seen[place]))
        seen[place] += 1
    return runs


def numbered(runs: Iterable[Run]) -> list[Run]:
    """The same runs, with increasing `nth` for those that share start, end and hash."""
    seen: Counter[tuple[int, int, str]] = Counter()
    found = []
    for run in runs:
        place = (run.start, run.end, run.hash)
        nth = max(run.nth, seen[place])
        found.append(run if nth == run.nth else run._replace(nth=nth))
        seen[place] = nth + 1
    return found


def detach(
    blocks: Blocks, labels: Sequence[str | None], annotator: str, *, scheme: str = "", created_at: str = ""
) -> Annotation:
    """Turn the labels of blocks into stand-off labels.

    Parameters
    ----------
    blocks : Blocks
        The blocks of one page.
    labels : sequence of str or None
        One label per block; None for a block without a label.
    annotator : str
        Name of the annotator.
    scheme : str, default=""
        Name and version of the label scheme (`Scheme.id`).
    created_at : str, default=""
        ISO 8601 time in UTC; now by default.

    Returns
    -------
    Annotation
        The labels, without the text of the page.

    Raises
    ------
    Mismatch
        If there is not one label per block.

    Examples
    --------
    >>> from pageblocks import Page
    >>> from pageblocks.segment import segment
    >>> blocks = segment(Page("first", "first.html", b"<h1>Ferry sails</h1><p>It left on Monday."))
    >>> [run[:3] for run in detach(blocks, ["article", None], "anna").labels]
    [(0, 1, 'article')]
    """
    if len(labels) != len(blocks):
        raise Mismatch(
            f"{blocks.page.id}: {counted(len(labels), 'label')} for {counted(len(blocks), 'block')}; give one per block"
        )
    runs = labelled_runs(zip(blocks.start, blocks.end, blocks.hashes, strict=True), labels)
    page = blocks.page
    return Annotation(page.id, page.sha256, annotator, runs, page.url, created_at or now(), scheme)


def attach(blocks: Blocks, annotation: Annotation) -> list[str | None]:
    """Put stand-off labels on the blocks of a page.

    A block whose run and text are those of a labelled run takes its label. Any other block takes the label of most of
    its nodes; text from an attribute takes the label of the nearest run with the same text, if no other block has taken
    that label.

    Parameters
    ----------
    blocks : Blocks
        The blocks of the page, from this or another version of the segmentation.
    annotation : Annotation
        Labels of the same page.

    Returns
    -------
    list of str or None
        One label per block; None for a block that the annotation does not cover.

    Raises
    ------
    Mismatch
        If the hash of the page is not that of the labelled page.

    Examples
    --------
    >>> from pageblocks import Page
    >>> from pageblocks.segment import segment
    >>> blocks = segment(Page("first", "first.html", b"<h1>Ferry sails</h1><p>It left on Monday."))
    >>> attach(blocks, detach(blocks, ["article", None], "anna"))
    ['article', None]
    """
    if annotation.sha256 and annotation.sha256 != blocks.page.sha256:
        raise Mismatch(
            f"{blocks.page.id}: the page changed since it was labelled by {annotation.annotator} (its hash differs); "
            "use the page as it was or label it again"
        )
    said = {(run.start, run.end, run.hash, run.nth): run for run in numbered(annotation.labels)}
    seen: Counter[tuple[int, int, str]] = Counter()
    labels: list[str | None] = []
    left: list[int] = []  # blocks without a run that is exactly the same
    for i, place in enumerate(zip(blocks.start, blocks.end, blocks.hashes, strict=True)):
        run = said.pop((*place, seen[place]), None)
        seen[place] += 1
        labels.append(None if run is None else run.label)
        if run is None:
            left.append(i)
    if left and said:
        _attach_moved(blocks, list(said.values()), left, labels=labels)
    return labels


def _attach_moved(blocks: Blocks, runs: Sequence[Run], left: Sequence[int], *, labels: list[str | None]) -> None:
    """Label the blocks `left` from runs that no block matches exactly: by shared nodes, then by equal text."""
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
    """The time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_annotations(path: Path | str) -> list[Annotation]:
    """Read the annotations of a JSON-lines file.

    Parameters
    ----------
    path : Path or str
        A file that `write_annotations` wrote.

    Returns
    -------
    list of Annotation
        The annotations in the order of the lines.

    Raises
    ------
    BadInput
        If the file cannot be read, or a line is not an annotation; the message names the page of that line.
    """
    annotations = []
    for row in read_jsonl(path):
        if not isinstance(row, dict):
            raise BadInput(f"{path}: a line is not an annotation ({row!r:.60}); correct or remove it")
        try:
            row["labels"] = numbered(_run(item) for item in row["labels"])
            row["shown"] = [None if item is None else _shown(*item) for item in row.get("shown", ())]
            if len(row["shown"]) not in (0, len(row["labels"])):
                shown, labels = counted(len(row["shown"]), "suggestion"), counted(len(row["labels"]), "label")
                raise ValueError(f"{shown} for {labels}")
            annotations.append(Annotation(**row))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BadInput(f"{path}: not an annotation of page {row.get('page', '?')!r} ({error})") from error
    return annotations


def write_annotations(path: Path | str, annotations: Iterable[Annotation]) -> None:
    """Write annotations to a JSON-lines file, one per line. The file is replaced atomically.

    Parameters
    ----------
    path : Path or str
        The file to write.
    annotations : iterable of Annotation
        The annotations.

    Raises
    ------
    PageblocksError
        If the file cannot be written.
    """
    write_jsonl(path, (_row(annotation) for annotation in annotations))


def _run(item: Any) -> Run:
    start, end, label, digest, *nth = item
    run = Run(int(start), int(end), str(label), str(digest), *map(int, nth))
    if not 0 <= run.start <= run.end or run.nth < 0 or label is None:
        raise ValueError(f"{item!r:.60} is no [start, end, label, hash]")
    return run


def _shown(label: Any, probability: Any, how: Any = "") -> Shown:
    if how not in ("", "probe", "blind", "unsure") or not 0 <= float(probability) <= 1:
        raise ValueError(f"{[label, probability, how]!r:.60} is no [label, probability, how]")
    return Shown(str(label), float(probability), how)


def _row(annotation: Annotation) -> dict[str, Any]:
    """The annotation as JSON. Values that a reader would fill in anyway are left out: those of `_OPTIONAL` that are
    false or empty, and the `nth` that `numbered` gives.
    """
    row = asdict(annotation)
    for key in _OPTIONAL:
        if not row[key]:
            del row[key]
    if annotation.shown:
        row["shown"] = [shown and (shown if shown.how else shown[:2]) for shown in annotation.shown]
    plain = numbered(run._replace(nth=0) for run in annotation.labels)
    row["labels"] = [
        run[:4] if run.nth <= next.nth else run for run, next in zip(annotation.labels, plain, strict=True)
    ]
    return row

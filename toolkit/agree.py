"""Annotations on disk -> aligned label lists -> agreement and gold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from .agreement import Agreement, agreement
from .corpus import Corpus
from .errors import PageblocksError
from .gold import GOLD, Gold, Judged, adjudicate
from .page import Blocks
from .scheme import Scheme
from .segment import segment
from .standoff import Annotation, attach, read_annotations
from .undecided import read_undecided, settled

Aligned = dict[str, dict[str, list[str | None]]]


def agree(source: Path | str, labels: Sequence[str] | None = None, seed: int = 0) -> Agreement:
    """How far the annotators of a corpus agree; `source` may also be a folder of annotation files, or one such file.

    `labels` are those of the scheme that comes with pageblocks where they are not given. Raises PageblocksError when no page was
    labelled by two people, or a label is not one of them.
    """
    return agreement(aligned(source), labels or Scheme.default().names, seed=seed)


def aligned(source: Path | str) -> Aligned:
    """Page -> annotator -> one label a block; the blocks are those of today where the pages are there, else the labelled runs."""
    annotations, corpus = load_annotations(source)
    return on_blocks(annotations, corpus) if corpus else on_runs(annotations)


def make_gold(
    corpus: Corpus, adjudicator: str | None = None, more: Iterable[Annotation] = (), judge: Judged | None = None
) -> Gold:
    """The gold of a corpus from its annotations (and `more` of them), on today's blocks; see `gold.adjudicate`."""
    annotations = [*load_annotations(corpus.folder)[0], *more]
    people = sorted({annotation.annotator for annotation in annotations} - {GOLD})
    if adjudicator is not None and adjudicator not in people:
        raise PageblocksError(f"{corpus.folder}: nobody called {adjudicator!r} labelled it; there are {', '.join(people)}")
    return adjudicate(annotations, adjudicator, _blocks(corpus, annotations), judge)


def load_annotations(source: Path | str) -> tuple[list[Annotation], Corpus | None]:
    """All annotations of a corpus (returned too), of a folder of annotation files, or of one file."""
    source = Path(source)
    if not source.exists():
        raise PageblocksError(f"{source}: no such file or folder")
    if source.is_file():
        return read_annotations(source), None
    corpus = Corpus.open(source) if (source / "pages.jsonl").exists() else None
    folder = source / "annotations" if (source / "annotations").is_dir() else source
    files = [path for path in sorted(folder.glob("*.jsonl")) if path.name not in ("pages.jsonl", "gold.jsonl")]
    if not files:
        looked = " and ".join(f"{place}/*.jsonl" for place in dict.fromkeys((source / "annotations", folder)))
        raise PageblocksError(f"{source}: no annotations (looked for {looked}); `pageblocks pull` brings them")
    found = [annotation for path in files for annotation in read_annotations(path)]
    # Labels that were split and are shown for now are no full votes.
    return (settled(found, read_undecided(source)) if corpus else found), corpus


def on_blocks(annotations: list[Annotation], corpus: Corpus) -> Aligned:
    """Page -> annotator -> a label for each of the page's blocks. Pages that the corpus does not have are left out."""
    blocks = _blocks(corpus, annotations)
    aligned: Aligned = {}
    for annotation in _done(annotations):
        if annotation.page in blocks:
            aligned.setdefault(annotation.page, {})[annotation.annotator] = attach(blocks[annotation.page], annotation)
    return aligned


def on_runs(annotations: list[Annotation]) -> Aligned:
    """The same without the pages: runs with equal ends and text are one block."""
    by_page: dict[str, list[Annotation]] = {}
    for annotation in _done(annotations):
        by_page.setdefault(annotation.page, []).append(annotation)
    aligned: Aligned = {}
    for page, people in by_page.items():
        runs = sorted({(run.start, run.end, run.hash) for person in people for run in person.labels})
        for person in people:
            said = {(run.start, run.end, run.hash): run.label for run in person.labels}
            aligned.setdefault(page, {})[person.annotator] = [said.get(run) for run in runs]
    return aligned


def _done(annotations: list[Annotation]) -> list[Annotation]:
    """Finished ones of people; in the order of time, so that an annotator's last word on a page counts."""
    return sorted((a for a in annotations if a.state == "done" and a.annotator != GOLD), key=lambda a: a.created_at)


def _blocks(corpus: Corpus, annotations: list[Annotation]) -> dict[str, Blocks]:
    wanted = {annotation.page for annotation in annotations}
    return {id: segment(corpus.page(id)) for id in corpus.rows if id in wanted}

"""Pages of public corpora with what is known of their blocks: labels from stand-off files, or which are content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...errors import BadPage, Mismatch
from ...page import Blocks
from ...segment import segment
from ...standoff import attach, read_annotations
from .content import mark_content
from .mirror import Mirror, refuse_test


def read_gold(
    gold: Sequence[str], corpora: Sequence[str], folder: Path, *, mirror: Path
) -> tuple[list[Blocks], list[list[str | None]]]:
    """The labels of the files `gold` in `folder`, on their pages from `corpora` in the mirror; None for blocks without
    a label.

    Raises `Mismatch` for a page that is missing or changed, `SeenTestPages` for a test corpus.
    """
    refuse_test(corpora, mirror)
    places = {id: place for corpus in corpora for place in [Mirror.open(mirror / corpus)] for id in place.records}
    pages, labels = [], []
    for file in gold:
        for annotation in read_annotations(folder / file):
            if annotation.page not in places:
                raise Mismatch(f"{folder / file}: page {annotation.page!r} is in none of {', '.join(corpora)}")
            blocks = segment(places[annotation.page].page(annotation.page))
            answers = attach(blocks, annotation)
            if any(label is not None for label in answers):
                pages.append(blocks)
                labels.append(answers)
    return pages, labels


def read_content(corpora: Sequence[str], mirror: Path) -> tuple[list[Blocks], list[list[int]]]:
    """Pages of these corpora in the mirror, with 1 for each block that is the page's content."""
    refuse_test(corpora, mirror)
    pages, found = [], []
    for corpus in corpora:
        place = Mirror.open(mirror / corpus)
        for id, record in place.records.items():
            try:
                blocks = segment(place.page(id))
            except BadPage:
                continue  # drawn by a script: nothing to learn from
            answer = mark_content(blocks, record.truth.get("content") or "")
            if answer is not None:
                pages.append(blocks)
                found.append(answer)
    return pages, found

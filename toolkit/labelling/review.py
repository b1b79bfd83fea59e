"""Sends pages with doubtful or disputed blocks to a project of reviews, with their present labels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..corpus.folder import Corpus
from ..corpus.scheme import keep_scheme
from ..errors import BadInput, Mismatch
from ..page import Blocks
from ..scheme import Scheme
from ..segment import segment
from ..standoff import attach
from ..studio import PushReport
from ..studio import push as push_pages
from ..studio.history import REVIEW
from ..support.text import counted
from .annotations import make_gold
from .sync import Pushed, project_of

if TYPE_CHECKING:
    from ..studio import Client

Row = Mapping[str, Any]


def push_review(
    client: Client, corpus: Corpus, title: str, *, scheme: Scheme | None, rows: Iterable[Row], dry_run: bool = False,
    quiet: bool = False,
) -> Pushed:  # fmt: skip
    """Send the pages of `rows` to the project `title`; rows are doubts or disputed blocks: page, start, end, hash,
    labels.

    Annotators see the present gold (or the majority's labels). The blocks in question have a bar, with who said what,
    and the key for the next block goes to them first.
    Pages go in the order of the rows. Reviews have a project of their own: the first one keeps its answers, and its
    stream would not show a page again to those who labelled it. `scheme` as `push_corpus` takes it. Raises
    Mismatch for pages that the corpus does not have, BadScheme where corpus or project are of another scheme.
    """
    chosen = corpus.scheme(scheme)
    by_page: dict[str, list[Row]] = {}
    for row in rows:
        if "page" not in row:
            raise BadInput(
                f"a line of the review names no page: {dict(row)!r:.100}; give what `pageblocks doubts` wrote"
            )
        by_page.setdefault(str(row["page"]), []).append(row)
    unknown = [page for page in by_page if page not in corpus.rows]
    if unknown:
        raise Mismatch(f"{corpus.folder} has no page {', '.join(unknown[:5])}; is the review of another corpus?")
    if not by_page:
        return Pushed("", PushReport(problems=["nothing to review"]), 0)
    has_gold = (corpus.folder / "gold.jsonl").exists()
    gold = corpus.gold() if has_gold else {a.page: a for a in make_gold(corpus).annotations}
    pages, labels, scores, questions = [], [], [], []
    for page, wanted in by_page.items():
        blocks = segment(corpus.page(page))
        meant = places(blocks, wanted)
        known = attach(blocks, gold[page]) if page in gold else [None] * len(blocks)
        pages.append(blocks)
        questions.append({i: _said(row) for i, row in meant.items()})
        labels.append([label or _one_of(meant.get(i), chosen.default_label) for i, label in enumerate(known)])
        scores.append([0.0 if i in meant else 1.0 for i in range(len(blocks))])
    project = project_of(client, title, chosen, dry_run=dry_run)
    if scheme is not None and not dry_run:
        keep_scheme(corpus.folder, chosen)
    if project is None:
        return Pushed("", PushReport(sent=len(pages)), 0)
    version = REVIEW + hashlib.blake2b(json.dumps(labels).encode(), digest_size=5).hexdigest()
    report = push_pages(
        project,
        pages,
        labels,
        scores=scores,
        questions=questions,
        model_version=version,
        default=chosen.default_label,
        dry_run=dry_run,
        quiet=quiet,
    )
    if report.present:
        report.problems.append(
            f"{counted(report.present, 'page', 'is')} already in {title!r} and not shown again to people who answered; "
            "use another title for another round"
        )
    return Pushed(project.stream, report, 0)


def places(blocks: Blocks, rows: Sequence[Row]) -> dict[int, Row]:
    """Index of the block -> its row. Found by run and text; by text alone where the segmentation has changed since."""
    exact = {
        (s, e, h): i
        for i, (s, e, h) in reversed(list(enumerate(zip(blocks.start, blocks.end, blocks.hashes, strict=True))))
    }
    by_text = {h: i for i, h in reversed(list(enumerate(blocks.hashes)))}
    found: dict[int, Row] = {}
    for row in rows:
        at = row.get("block")
        if isinstance(at, int) and 0 <= at < len(blocks) and blocks.hashes[at] == row.get("hash"):
            found.setdefault(at, row)
            continue
        i = exact.get((row.get("start", -1), row.get("end", -1), row.get("hash", "")), by_text.get(row.get("hash", "")))
        if i is not None:
            found.setdefault(i, row)
    return found


def _said(row: Row) -> str:
    """What the reviewer reads beside the block: who said what, or why its label is doubtful."""
    labels = row.get("labels")
    if isinstance(labels, dict) and labels:
        return ", ".join(f"{who}: {label}" for who, label in sorted(labels.items()))
    suggested = f"suggested: {row['suggested']}" if row.get("suggested") else ""
    return "; ".join(part for part in (str(row.get("why", "")), suggested) if part)


def _one_of(row: Row | None, default: str) -> str:
    """What is shown on a disputed block: one annotator's label or the other's in turn, so that neither is favoured."""
    said = sorted(set((row or {}).get("labels", {}).values()))
    return said[int(str((row or {}).get("hash", "0")) or "0", 16) % len(said)] if said else default

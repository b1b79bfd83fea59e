"""doubts: find labels that are probably wrong."""

from __future__ import annotations

import getpass
import json as json_
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..support.text import counted
from .labelled import read_labelled_pages
from .options import HOME, CorpusFolder, Folder, Force, Json, SchemeFile, Seed, Url
from .output import console, examples, harmless, progress, say
from .review import send_review

if TYPE_CHECKING:
    from ..labelling.doubts import Doubt


class Kind(StrEnum):
    """Why a label is doubtful."""

    unlikely = "unlikely"
    contradiction = "contradiction"
    guideline = "guideline"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks doubts corpora/sample --folds 3 --out doubts.jsonl",
            "pageblocks doubts corpora/sample --kind guideline --kind contradiction",
            "pageblocks doubts corpora/sample --kind guideline --json",
            'pageblocks doubts corpora/sample --kind contradiction --push "Second look"',
            "pageblocks doubts corpora/sample --ask --annotator carla",
        )
    )(doubts)


def doubts(
    corpus: CorpusFolder,
    kind: Annotated[
        list[Kind] | None,
        typer.Option("--kind", "-k", help="Only this kind; repeatable.", show_default="all three"),
    ] = None,
    folds: Annotated[
        int, typer.Option("--folds", help="unlikely: number of folds for cross-validation by site.", min=2)
    ] = 5,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", help="Show only the N worst.", min=1)] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write them to this file as JSON lines.")] = None,
    push: Annotated[
        str | None, typer.Option("--push", help="Send their pages to this Label Studio project for review.")
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Show them one after the other on the terminal, and write your answers.")
    ] = False,
    annotator: Annotated[
        str | None,
        typer.Option("--annotator", help="With --ask: whose answers they are.", show_default="the user's name"),
    ] = None,
    scheme: SchemeFile = None,
    seed: Seed = 0,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
    force: Force = False,
) -> None:
    """List gold labels that are probably wrong, worst first.

    unlikely: a model that has not seen the site gives the label a low probability (needs the extra quality; otherwise
    skipped). contradiction: equal texts have different labels. guideline: the label breaks a rule that a program can
    check.

    --ask shows each block with its neighbours and takes a key. Every answer is written at once, as a review in
    annotations/NAME.jsonl, so you may stop at any time and go on later. Then run `pageblocks agree CORPUS --gold`.
    """
    from ..corpus.folder import Corpus
    from ..errors import MissingExtra
    from ..labelling.doubts import broken, confident_learning, contradictions, ranked, unlikely
    from ..labelling.reviewer import Reviewer
    from ..support.endings import refuse_ending
    from ..support.files import write_jsonl
    from ..support.overwrite import files_of_corpus, refuse_to_overwrite
    from ..train.fit import count_labels, cross_validate
    from .ask import ask_about, refuse_without_terminal

    if out is not None:
        refuse_ending(out, "jsonl")
        refuse_to_overwrite(out, force, files_of_corpus(corpus))
    if ask:
        refuse_without_terminal()
    opened = Corpus.open(corpus)
    chosen = opened.scheme(scheme, gold_only=True)
    reviewer = Reviewer(opened, annotator or getpass.getuser(), chosen) if ask else None
    kinds = set(kind or Kind)
    if Kind.unlikely in kinds:
        try:
            confident_learning()
        except MissingExtra as error:
            if kind:
                raise
            kinds.remove(Kind.unlikely)  # not requested by name, so list the other kinds
            say(f"Skipping unlikely labels: {error}")
    pages, labels = read_labelled_pages(opened)
    chosen.refuse_unknown(labels, corpus)
    found = contradictions(pages, labels) if Kind.contradiction in kinds else []
    found += broken(pages, labels, chosen.names) if Kind.guideline in kinds else []
    if Kind.unlikely in kinds:
        with progress(f"Cross-validating {counted(len(pages), 'page')}", total=folds) as tick:
            found += unlikely(cross_validate(pages, labels, folds, seed=seed, on_fold=tick))
    found = ranked(found, limit)
    if out is not None:
        write_jsonl(out, (doubt.to_dict() for doubt in found))
    if reviewer is not None:
        texts = {page.page.id: page for page in pages}
        known = {page.page.id: said for page, said in zip(pages, labels, strict=True)}
        ask_about(found, texts, known, reviewer=reviewer)
        return
    if json or (out is None and not sys.stdout.isatty()):
        for doubt in found:
            typer.echo(json_.dumps(doubt.to_dict(), ensure_ascii=False))
    elif sys.stdout.isatty():
        _table(found, {page.page.id: page.text for page in pages})
    blocks = len({(doubt.page, doubt.block) for doubt in found})
    where = counted(len({doubt.page for doubt in found}), "page")
    say(f"Doubtful: {blocks} of {counted(count_labels(labels), 'labelled block')}, on {where}.")
    if push is not None:
        send_review(
            opened, push, chosen if scheme else None, rows=[doubt.to_dict() for doubt in found], url=url, folder=folder
        )
    elif found:
        say(f"To review them: pageblocks push {corpus} --review {out or 'FILE'} --project TITLE")


def _table(found: list[Doubt], texts: dict[str, list[str]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("page", "block", "label", "suggested", "score", "text", "why"):
        table.add_column(column, header_style="dim", no_wrap=column not in ("text", "why", "page"))
    for d in found:
        text = harmless(texts[d.page][d.block])
        shown = text if len(text) <= 60 else text[:60] + "…"
        table.add_row(harmless(d.page), str(d.block), d.label, d.suggested, f"{d.score:.2f}", shown, d.why)
    console().print(table)

"""compare: two models, or two saved runs, side by side over the same labelled pages."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..support.text import counted
from .labelled import read_labelled_pages
from .options import CorpusFolder, Force, Json, SchemeFile, Seed
from .output import console, examples, harmless, say, table_of, warn

if TYPE_CHECKING:
    from ..corpus.folder import Corpus
    from ..page import Blocks
    from ..scheme import Scheme
    from ..train.compare import ComparedRuns, Labels

_RUN = "Model (name or folder), or a file that `evaluate --save` wrote."


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks compare corpora/sample default models/mine --out compared.html",
            "pageblocks compare corpora/sample corpora/sample/annotations/ben.jsonl default --json",
        )
    )(compare)


def compare(
    corpus: CorpusFolder,
    a: Annotated[str, typer.Argument(metavar="A", help=_RUN, show_default=False)],
    b: Annotated[str, typer.Argument(metavar="B", help=_RUN, show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write a report with every changed block to this HTML file."),
    ] = None,
    scheme: SchemeFile = None,
    seed: Seed = 0,
    json: Json = False,
    force: Force = False,
) -> None:
    """Compare two models or runs: which one is better, and which blocks changed.

    Differences have 95 % intervals, paired by site. Blocks that a run does not label are left out.
    """
    from ..corpus.folder import Corpus
    from ..report.comparison import write_comparison
    from ..support.endings import refuse_ending
    from ..support.overwrite import files_of_corpus, refuse_to_overwrite
    from ..train.compare import compare_runs

    if out is not None:
        refuse_ending(out, "html")
        refuse_to_overwrite(out, force, files_of_corpus(corpus))
    opened = Corpus.open(corpus)
    labels_of = opened.scheme(scheme, gold_only=True)
    pages, gold = read_labelled_pages(opened)
    labels_of.refuse_unknown(gold, corpus)
    first, second = (_labels(run, opened, pages, gold=gold, scheme=labels_of) for run in (a, b))
    found = compare_runs(pages, gold, _names(a, b), a=first, b=second, scheme=labels_of, seed=seed)
    if json:
        typer.echo(json_.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        _show(found)
    if out is not None:
        write_comparison(out, found, labels_of)
        say(f"Comparison: {out.resolve().as_uri()}")


def _labels(run: str, corpus: Corpus, pages: list[Blocks], *, gold: list[list[str | None]], scheme: Scheme) -> Labels:
    """The labels that a run gives to these pages: a file has them, a model predicts them."""
    from ..errors import BadInput
    from ..readers.base import shown_path
    from ..standoff import attach, read_annotations

    if not Path(run).is_file():
        return _predicted(run, corpus, pages, gold=gold, scheme=scheme)
    saved = {one.page: one for one in read_annotations(run)}
    labels = [attach(page, saved[page.page.id]) if page.page.id in saved else [None] * len(page) for page in pages]
    scheme.refuse_unknown(labels, Path(run))
    missing = sum(page.page.id not in saved for page in pages)
    if missing == len(pages):
        raise BadInput(f"{shown_path(run)} has no page of {corpus.folder}; give a run over the same corpus")
    if missing:
        say(f"{counted(missing, 'page')} of {corpus.folder} are not in {shown_path(run)} and do not count.")
    return labels


def _predicted(
    run: str, corpus: Corpus, pages: list[Blocks], *, gold: list[list[str | None]], scheme: Scheme
) -> Labels:
    from .. import load
    from ..model.seen import seen
    from ..readers.base import shown_path
    from ..train.fit import predict

    model = load(run)
    scheme.refuse_model(map(str, model.classes_), f"the model {shown_path(run)}")
    if known := seen(model, pages, corpus.suggested_by()).known():
        warn(f"{shown_path(run)}: {'; '.join(known)}: its scores are too high; save a cross-validated run instead")
    return predict(model, pages, gold).predicted


def _names(a: str, b: str) -> tuple[str, str]:
    """The runs' names without the folders that they share."""
    first, second = Path(a), Path(b)
    return (first.name, second.name) if first.name != second.name else (str(first), str(second))


def _as_json(found: ComparedRuns) -> dict[str, Any]:
    ids = [page.page.id for page in found.pages]
    return {
        "a": found.names[0],
        "b": found.names[1],
        "blocks": found.changes.blocks,
        "scores": {one.score: one.to_dict() for one in found.scores},
        "labels": {one.score: one.to_dict() for one in found.labels},
        "changes": found.changes.counts,
        "changed": [
            {"page": ids[c.page], "block": c.block, "kind": c.kind, "gold": c.gold, "a": c.a, "b": c.b}
            for c in found.changes.changed
        ],
    }


def _show(found: ComparedRuns) -> None:
    from ..report.comparison import comparison_row, comparison_summary

    for line in comparison_summary(found):
        typer.echo(harmless(line))
    names = [harmless(name) for name in found.names]
    differences = table_of("", *names, "difference", "95 %", f"{names[1]} is")
    for one in (*found.scores, *found.labels):
        row = comparison_row(one)
        differences.add_row(*(harmless(row[key]) for key in ("name", "a", "b", "difference", "interval", "verdict")))
    flips = table_of(*names, "blocks", "fixed", "broken", "wrong both times")
    for a, b, kinds in found.changes.flips[:10]:
        counts = [sum(kinds.values()), kinds["fixed"], kinds["broken"], kinds["wrong both times"]]
        flips.add_row(harmless(a), harmless(b), *(f"{count:,}" for count in counts))
    for table in (differences, *([flips] if found.changes.changed else [])):
        typer.echo("")
        console().print(table)

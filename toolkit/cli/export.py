"""export: write a corpus in the formats of other tools."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .labelled import tell_of_absent, tell_of_new_sites
from .options import Force, SchemeFile
from .output import examples, progress, say


class ExportFormat(StrEnum):
    """What `export` writes."""

    datasets = "datasets"
    label_studio = "label-studio"
    spacy = "spacy"
    textcat = "textcat"
    csv = "csv"
    parquet = "parquet"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks export corpora/sample --out exported/sample",
            "pageblocks export corpora/sample --format label-studio --out tasks.json",
            "pageblocks export corpora/sample --format spacy --out sample.jsonl",
            "pageblocks export corpora/sample --format csv --spreadsheet --out sample.csv",
            "pageblocks export corpora/sample --out exported/sample --hub me/sample --dry-run",
        )
    )(export)


def export(
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="Corpus: a folder with pages.jsonl.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write; for datasets a folder.", show_default=False)],
    format: Annotated[ExportFormat, typer.Option("--format", "-f", help="Output format.")] = ExportFormat.datasets,
    all_pages: Annotated[bool, typer.Option("--all", help="Include pages without gold.")] = False,
    spreadsheet: Annotated[
        bool,
        typer.Option(
            "--spreadsheet", help="csv: put an apostrophe before cells that a spreadsheet would run as a formula."
        ),
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="label-studio: add suggestions of this model (name or folder).")
    ] = None,
    scheme: SchemeFile = None,
    seed: Annotated[int, typer.Option("--seed", help="datasets: random seed of the split by site.")] = 0,
    hub: Annotated[
        str | None,
        typer.Option("--hub", help="datasets: also upload the folder to this data set (USER/NAME) on the Hub."),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="With --hub: make a new data set public (default: private).")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written and sent, and do neither.")
    ] = False,
    force: Force = False,
) -> None:
    """Export the labelled pages of a corpus for other tools.

    datasets: a folder for load_dataset and the Hub with train, validation and test; no site is in two of them. The
    other formats are one file: Label Studio tasks, spaCy-style JSON lines (spacy: pages with spans; textcat: blocks),
    CSV or Parquet with one row per block. `pageblocks import --format` reads all of them.
    """
    from .. import load
    from ..corpus import split_path
    from ..corpus.folder import Corpus
    from ..exchange import export as export_corpus
    from ..exchange.export import refuse
    from ..exchange.hub import files_to_send, push_to_hub

    if hub is not None and format is not ExportFormat.datasets:
        raise typer.BadParameter("--hub needs --format datasets")
    refuse(corpus, out, format.value, force=force)
    source = Corpus.open(corpus)
    chosen = source.scheme(scheme)
    if dry_run:
        count = len(source.rows) if all_pages else len(source.gold())
        say(f"{counted(count, 'page')} -> {out} ({format.value})" + (f" -> {hub} on the Hub" if hub else ""))
        return
    if not all_pages:
        tell_of_absent(source)
    if format is ExportFormat.datasets:
        tell_of_new_sites(source)
        if seed and split_path(corpus).exists():
            say(f"Ignoring --seed {seed}: {split_path(corpus)} defines the split.")
    with progress("Exporting pages") as tick:
        done = export_corpus(
            source, out, format.value, scheme=chosen, all_pages=all_pages, seed=seed,
            spreadsheet=spreadsheet, model=load(model) if model else None, force=force, on_page=tick,
        )  # fmt: skip
    say(f"{counted(done.pages, 'page')}, {counted(done.blocks, 'block')}, {done.labelled} of them labelled.")
    if done.splits:
        say(
            "Sites: "
            + ", ".join(f"{split} {count}" for split, count in sorted(Counter(done.splits.values()).items()))
            + "."
        )
    if hub is not None:
        with progress(f"Sending {counted(len(files_to_send(out)), 'file')} to {hub}"):
            say(f"Sent: {push_to_hub(out, hub, private=not public)}")
    typer.echo(out)

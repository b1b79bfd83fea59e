"""train: train a model on labelled pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .labelled import read_labelled_pages
from .options import Force, Mirror, SchemeFile, Seed
from .output import examples, progress, say


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks train corpora/sample --out models/mine",
            "pageblocks train corpora/sample --out models/mine --init default --force",
            "pageblocks train --recipe experiments/default.toml --mirror corpora/mirror --out models/default",
        )
    )(train)


def train(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the model.", show_default=False)],
    corpus: Annotated[
        Path | None,
        typer.Argument(metavar="CORPUS", help="Corpus: a folder with pages.jsonl and gold.jsonl.", show_default=False),
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="Train by this recipe (TOML) instead of on one corpus.")
    ] = None,
    mirror: Mirror = Path("corpora/mirror"),
    scheme: SchemeFile = None,
    init: Annotated[
        str | None,
        typer.Option(
            "--init", help="Start from this model (`default` or a folder): takes seconds and needs few pages."
        ),
    ] = None,
    seed: Seed = 0,
    force: Force = False,
) -> None:
    """Train a classifier on labelled pages.

    The pages come from a corpus with gold labels, or from a recipe. The model is saved to a folder.
    """
    from ..corpus.folder import Corpus
    from ..corpus.public.mirror import refuse_test
    from ..model import load
    from ..model.scheme import scheme_facts
    from ..model.store import refuse_foreign_model
    from ..train.fit import count_labels
    from ..train.fit import train as train_model

    refuse_foreign_model(out, force)
    if (corpus is None) == (recipe is None):
        raise typer.BadParameter("give either a corpus or a --recipe")
    if recipe is not None or corpus is None:
        if scheme is not None:
            raise typer.BadParameter("--scheme needs a corpus; a recipe uses the labels of its files")
        from ..experiment.recipe import train_recipe

        made = train_recipe(recipe or "", mirror, say)
        made.save(out)
        typer.echo(out)
        return
    refuse_test([corpus.resolve().name], corpus.resolve().parent)
    opened = Corpus.open(corpus)
    chosen = opened.scheme(scheme, gold_only=True)
    pages, labels = read_labelled_pages(opened)
    chosen.refuse_unknown(labels, corpus)
    start = load(init) if init else None
    with progress(f"Training on {counted(len(pages), 'page')}"):
        made = train_model(pages, labels, seed=seed, init=start)
    source = {"started_from": Path(init).name} if init else {}
    made.save(out, {"corpus": corpus.resolve().name} | scheme_facts(chosen) | source)
    say(f"Trained on {counted(len(pages), 'page')}, {counted(count_labels(labels), 'labelled block')}.")
    typer.echo(out)

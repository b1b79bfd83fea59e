"""next: estimate whether to label more."""

from __future__ import annotations

import json as json_
from typing import Annotated

import typer

from ..support.text import counted
from .labelled import read_labelled_pages
from .options import CorpusFolder, Json, SchemeFile, Seed
from .output import examples, progress


def register(app: typer.Typer) -> None:
    app.command(
        "next",
        epilog=examples("pageblocks next corpora/sample", "pageblocks next corpora/sample --more 20 --folds 2 --json"),
    )(next_)


def next_(
    corpus: CorpusFolder,
    more: Annotated[int, typer.Option("--more", metavar="N", help="Estimate the gain of N more pages.", min=1)] = 50,
    folds: Annotated[int, typer.Option("--folds", help="Number of folds for cross-validation by site.", min=2)] = 3,
    scheme: SchemeFile = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Estimate whether to label more pages.

    Prints the learning curve, and the gain to expect from N more pages. It trains a dozen small models on parts of the
    corpus and measures macro-F1 on sites that they have not seen.
    """
    from ..corpus.folder import Corpus
    from ..train.curve import SHARES, learning_curve

    opened = Corpus.open(corpus)
    chosen = opened.scheme(scheme, gold_only=True)
    pages, labels = read_labelled_pages(opened)
    chosen.refuse_unknown(labels, corpus)
    with progress(f"Training on parts of {counted(len(pages), 'page')}", total=folds * len(SHARES)) as tick:
        found = learning_curve(pages, labels, more, folds=folds, seed=seed, on_step=tick)
    if json:
        typer.echo(json_.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    typer.echo("pages  macro-F1 on new sites")
    for n, figure in found.points:
        typer.echo(f"{n:>5}  {figure:.3f}  {'█' * round(40 * figure.value)}")
    gain = f"{found.gain:+.3f} expected, from {found.now:.3f} with all {counted(found.pages, 'page')}"
    typer.echo(f"{counted(found.more, 'more page')}: {gain}")
    typer.echo(f"{found.verdict}: {found.why}")

"""next: whether to label more."""

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
    more: Annotated[int, typer.Option("--more", help="How many more pages you think of labelling.", min=1)] = 50,
    folds: Annotated[int, typer.Option("--folds", help="Test on sites in so many parts.", min=2)] = 3,
    scheme: SchemeFile = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Say whether to label more: the learning curve, and what another so many pages would probably bring.

    Trains a dozen small models on parts of the corpus; the macro-F1 is on sites that they have not seen.
    """
    from ..corpus.folder import Corpus
    from ..train.curve import SHARES, learning_curve

    opened = Corpus.open(corpus)
    chosen = opened.scheme(scheme, gold_only=True)
    pages, labels = read_labelled_pages(opened)
    chosen.refuse_unknown(labels, corpus)
    with progress(f"Learning from parts of {counted(len(pages), 'page')}", total=folds * len(SHARES)) as tick:
        found = learning_curve(pages, labels, more, folds, seed, tick)
    if json:
        typer.echo(json_.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    typer.echo("pages  macro-F1 on new sites")
    for n, figure in found.points:
        typer.echo(f"{n:>5}  {figure:.3f}  {'█' * round(40 * figure.value)}")
    gain = f"{found.gain:+.3f} expected, from {found.now:.3f} with all {counted(found.pages, 'page')}"
    typer.echo(f"{counted(found.more, 'more page')}: {gain}")
    typer.echo(f"{found.verdict}: {found.why}")

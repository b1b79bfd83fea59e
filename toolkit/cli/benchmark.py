"""benchmark: compare main content extraction with other extractors."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .labelled import warn_of_seen
from .options import Json, Mirror, Seed
from .output import console, examples, say


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks benchmark experiments/default.toml --mirror corpora/mirror --folds 3",
            "pageblocks benchmark experiments/default.toml --folds 2 --pages 200",
            "pageblocks benchmark experiments/default.toml --model models/mine --peer resiliparse --texts found --json",
        )
    )(benchmark)


def benchmark(
    recipe: Annotated[
        Path,
        typer.Argument(metavar="RECIPE", help="Experiment file; its content corpora are scored.", show_default=False),
    ],
    mirror: Mirror = Path("corpora/mirror"),
    folds: Annotated[int, typer.Option("--folds", min=2, help="Number of folds for cross-validation by site.")] = 3,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", "-m", help="Score this model (name or folder) on all pages instead of cross-validating."
        ),
    ] = None,
    peers: Annotated[
        list[str] | None,
        typer.Option("--peer", help="Other extractor to run; repeatable (default: all installed)."),
    ] = None,
    pages: Annotated[
        int | None, typer.Option("--pages", metavar="N", min=1, help="Use at most N pages, drawn by hash.")
    ] = None,
    texts: Annotated[
        Path | None, typer.Option("--texts", help="Also write the texts to this folder, one JSON file per extractor.")
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Compare main content extraction with other extractors.

    Scores: word F1 and snippets as in WCXB, shingle F1 as in article-extraction-benchmark, with 95 % intervals
    bootstrapped by site. By default every page is extracted by a model that was not trained on its site. With --model,
    a warning says how many of the pages and sites the model was trained on, and what could not be checked; the default
    model was trained on the public development pages.
    """
    from .. import load
    from ..benchmark.peers import installed, peer
    from ..benchmark.run import OURS, contest, extract_all, extract_folds, extract_peer, keep_texts, known_pages

    for name in peers or ():
        peer(name)  # report a wrong name before the work begins
    known = known_pages(recipe, mirror, pages)
    say(counted(len(known), "page"))
    seen = None
    if model:
        fitted = load(model)
        seen = warn_of_seen(fitted, [item.blocks for item in known if item.blocks])
        ours = extract_all(fitted, known)
    else:
        ours = extract_folds(recipe, mirror, known, folds=folds, progress=say)
    found = {OURS: ours} | {name: extract_peer(name, known, say) for name in peers or installed()}
    if texts is not None:
        keep_texts(texts, found, known)
    scores = contest(found, known, seed)
    if json:
        rows = [one.to_dict() | ({"seen": seen.to_dict()} if seen and one.name == OURS else {}) for one in scores]
        typer.echo(json_.dumps(rows, ensure_ascii=False, indent=2))
    else:
        from ..benchmark.table import tables

        console().print(tables(scores))

"""split: assign sites to training, validation and test."""

from __future__ import annotations

import json as json_
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .options import Json
from .output import examples, harmless, progress, say


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks split corpora/mine --dry-run",
            "pageblocks split corpora/mine --validation 0.1 --test 0.3",
        )
    )(split)


def split(
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="Corpus: a folder with pages.jsonl.", show_default=False)
    ],
    validation: Annotated[float, typer.Option("--validation", help="Share of sites for validation.")] = 0.1,
    test: Annotated[float, typer.Option("--test", help="Share of sites for the test.")] = 0.2,
    seed: Annotated[int, typer.Option("--seed", help="Random seed; another seed gives another split.")] = 0,
    json: Json = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the split, and write nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an existing split; former test pages may then be trained on.")
    ] = False,
) -> None:
    """Split a corpus by site into train, validation and test.

    The split is written to CORPUS/split.json. Then train, evaluate, doubts and experiments leave out the test pages
    unless --test is given. Run it again after adding sites: existing sites keep their part. Sites with similar pages or
    templates are assigned to the same part.
    """
    from ..corpus import read_split, split_path
    from ..corpus import split as split_pages
    from ..corpus.folder import Corpus

    opened = Corpus.open(corpus)
    with progress("Reading pages", total=len(opened.rows)) as tick:
        pages = opened.segmented(tick)
    path = split_path(corpus)
    if path.exists() and not force:
        old = read_split(path)
        asked = (validation, test, seed)
        if asked not in ((0.1, 0.2, 0), (old.validation, old.test, old.seed)):
            say(
                f"{path} is unchanged: --validation {old.validation:g} --test {old.test:g} --seed {old.seed};"
                " --force makes a new split with other shares."
            )
    made = split_pages(
        pages, path, validation=validation, test=test, seed=seed, force=force,
        notice=lambda text: say(harmless(text)), dry_run=dry_run, more=opened.sites(),
    )  # fmt: skip
    if without := sum(not page.page.site for page in pages):
        of = f"{without:,} of {counted(len(pages), 'page')}"
        they = "has no address: it counts" if without == 1 else "have no address: each counts"
        say(f"note: {of} {they} as a site of its own; add addresses as `url` to {opened.folder / 'pages.jsonl'}")
    parts = Counter(made.parts(pages))
    sites = Counter(made.sites.values())
    if json:
        typer.echo(
            json_.dumps(
                {"pages": dict(parts), "sites": dict(sites), "split": made.model_dump()}, ensure_ascii=False, indent=2
            )
        )
        return
    for part in ("train", "validation", "test"):
        say(f"{part}: {counted(parts[part], 'page')} of {counted(sites[part], 'site')}")
    if not dry_run:
        typer.echo(path)

"""corpus list and corpus fetch: public corpora."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .options import Force, Json
from .output import examples, progress, say


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="List and fetch public corpora.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=examples("pageblocks corpus list", "pageblocks corpus fetch fundus --out corpora/mirror/fundus"),
    )
    group.command("list", epilog=examples("pageblocks corpus list", "pageblocks corpus list --json"))(list_)
    group.command(
        epilog=examples(
            "pageblocks corpus fetch fundus --out corpora/mirror/fundus",
            "pageblocks corpus fetch wcxb-dev --out corpora/mirror/wcxb-dev --dry-run",
            "pageblocks corpus fetch corpora/web.toml --mirror corpora/mirror --out corpora/fetched",
        )
    )(fetch)
    app.add_typer(group, name="corpus")


def list_(json: Json = False) -> None:
    """List the known public corpora: name, permitted use, licence, title."""
    from ..corpus.public import find_entry, names

    entries = [find_entry(name)[0] for name in names()]
    if json:
        typer.echo(
            json_.dumps([{**entry.model_dump(), "url": entry.url} for entry in entries], ensure_ascii=False, indent=1)
        )
        return
    width, licence = (max(len(getattr(entry, key)) for entry in entries) for key in ("name", "license"))
    for entry in entries:
        typer.echo(f"{entry.name:{width}}  {entry.use:5}  {entry.license:{licence}}  {entry.title} ({entry.credit})")


def fetch(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name from `corpus list`, or a .toml file.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the corpus.", show_default=False)],
    mirror: Annotated[
        Path | None, typer.Option("--mirror", help="Folder that contains NAME/ (default: download).")
    ] = None,
    pin: Annotated[
        Path | None,
        typer.Option("--pin", help="Write the checksums of the fetched pages to this file, for your own recipe."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be fetched from where, and fetch nothing.")
    ] = False,
    force: Force = False,
) -> None:
    """Fetch a public corpus.

    The pages are compared with the checksums in corpora/NAME.sha256. They have no labels; what the public corpus
    contains about them (main text, captions) is written to content.jsonl.
    """
    from ..corpus.public import fetch_corpus, find_entry
    from ..corpus.public.entry import checksums
    from ..corpus.public.fetch import FETCH, sums_file
    from ..exchange.card import corpus_card
    from ..support.files import write_atomic
    from ..support.overwrite import refuse_foreign, refuse_to_overwrite

    refuse_foreign(out, FETCH, force)
    if pin is not None:
        refuse_to_overwrite(pin, force)
    entry, folder = find_entry(name)
    pinned = len(checksums(entry, folder))
    if dry_run:
        what = counted(pinned, "page") if pinned else "no pinned pages"
        say(f"{mirror / entry.name if mirror else entry.url} -> {out} ({what})")
        return
    with progress(f"Fetching {entry.name}") as tick:
        done = fetch_corpus(
            name, out, mirror, force=force, card=corpus_card, on_bytes=lambda more, total: tick(more, total)
        )
    if pin is not None:
        write_atomic(pin, sums_file(done.sums))
    say(f"{counted(len(done.corpus.rows), 'page')}; {entry.title}, {entry.license}, by {entry.credit}.")
    if done.others:
        say(
            f"The main content of {counted(len(done.others), 'page')} differs from the pinned one: "
            f"{', '.join(done.others[:5])}."
        )
    if not done.checked:
        archive = f"; the archive's SHA-256 is {done.archive_sha256}" if done.archive_sha256 else ""
        say(f"This corpus has no pinned checksums, so nothing was compared{archive}.")
    if entry.use == "test":
        say("For testing only: do not train on it.")
    typer.echo(out)

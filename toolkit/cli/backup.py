"""studio backup: a project as one file."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from .options import HOME, Folder, Force, Json, Title, Url
from .output import examples, say

EXAMPLES = examples('pageblocks studio backup --project "My pages" --out my-pages.zip')


def backup(
    project: Title,
    out: Annotated[Path, typer.Option("--out", "-o", help="The zip file to write.", show_default=False)],
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
    force: Force = False,
) -> None:
    """Save a project in one file.

    The file contains the configuration, page texts, suggestions, answers with their authors, and drafts. It contains no
    passwords or tokens, but page texts and e-mail addresses: only you can read it.
    """
    from ..errors import NotInStudio
    from ..studio import connect, find_project
    from ..studio.archive import backup as back_up

    with connect(url, folder=folder) as client:
        found = find_project(client, project)
        if found is None:
            raise NotInStudio(f"{client.url} has no project {project!r}")
        made = back_up(found, out, force)
    if json:
        typer.echo(
            json_.dumps({"file": str(out), "id": made.id, "title": made.title, **made.counts}, ensure_ascii=False)
        )
        return
    typer.echo(out)
    say(made.summary)

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
    out: Annotated[Path, typer.Option("--out", "-o", help="The file, a zip.", show_default=False)],
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
    force: Force = False,
) -> None:
    """Write a project to one file: configuration, pages' text, suggestions, answers and who gave them, drafts.

    No password and no token is in it. Page text and e-mail addresses are: the file is readable by you alone.
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

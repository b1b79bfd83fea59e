"""studio restore: rebuild a project from its backup."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .options import HOME, Folder, Json, Url
from .output import examples, say

EXAMPLES = examples(
    'pageblocks studio restore my-pages.zip --project "My pages again" --dry-run',
    'pageblocks studio restore my-pages.zip --project "My pages again"',
)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File written by `studio backup`.", show_default=False)],
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="Title of the new project.", show_default="as it was"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Rebuild a project from its backup, on this server or another.

    Users are matched by e-mail, or created without a password. If the restore is interrupted, run the same command
    again.
    """
    from ..studio import connect
    from ..studio.archive import read_backup
    from ..studio.restore import restore as rebuild

    saved = read_backup(file)
    with connect(url, folder=folder) as client:
        done = rebuild(client, saved, project, dry_run=dry_run)
    for problem in done.problems:
        say(problem)
    url = done.project.url if done.project else ""
    if json:
        typer.echo(json_.dumps({"url": url, "sent": done.sent, "present": done.present, "dry_run": dry_run}))
        return
    say(f"{counted(done.sent, 'page')} {'would be sent' if dry_run else 'sent'}, {done.present} already there.")
    if url:
        typer.echo(url)

"""studio backup and restore: a project as one file, and from it on another server."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .options import HOME, Folder, Force, Json, Title, Url
from .talk import examples, say

BACKUP = examples('pageblocks studio backup --project "My pages" --out my-pages.zip')
RESTORE = examples(
    'pageblocks studio restore my-pages.zip --project "My pages again" --dry-run',
    'pageblocks studio restore my-pages.zip --project "My pages again"',
)


def register(app: typer.Typer) -> None:
    """Add both to the group `studio`, which must be there."""
    group = next(found.typer_instance for found in app.registered_groups if found.name == "studio")
    assert group is not None
    group.command(epilog=BACKUP)(backup)
    group.command(epilog=RESTORE)(restore)


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
    from ..errors import PageblocksError
    from ..studio import connect, find_project
    from ..studio.archive import backup as back_up

    with connect(url, folder=folder) as client:
        found = find_project(client, project)
        if found is None:
            raise PageblocksError(f"{client.url} has no project {project!r}")
        made = back_up(found, out, force)
    if json:
        typer.echo(
            json_.dumps({"file": str(out), "id": made.id, "title": made.title, **made.counts}, ensure_ascii=False)
        )
        return
    typer.echo(out)
    say(made.summary)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `studio backup` wrote.", show_default=False)],
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="The new project's title.", show_default="as it was"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Rebuild a project from its backup, on this server or another one.

    People are found by e-mail, or made without a password. A restore that broke off is finished by the same command.
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
    say(f"{counted(done.sent, 'page')} {'would be sent' if dry_run else 'sent'}, {done.present} there already.")
    if url:
        typer.echo(url)

"""studio start, stop, status and invite, and the group of all commands of `studio`."""

from __future__ import annotations

import json as json_
from typing import TYPE_CHECKING, Annotated

import typer

from . import backend, backup, restore
from .options import HOME, Folder, Json, Url
from .output import examples, say

if TYPE_CHECKING:
    from ..studio.server import Server


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Run the embedded Label Studio on this machine.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=examples("pageblocks studio start", "pageblocks studio status", "pageblocks studio stop"),
    )
    group.command(epilog=examples("pageblocks studio start", "pageblocks studio start --port 9000"))(start)
    group.command(epilog=examples("pageblocks studio stop"))(stop)
    group.command(epilog=examples("pageblocks studio status", "pageblocks studio status --json"))(status)
    group.command(
        epilog=examples(
            "pageblocks studio invite",
            'pageblocks studio invite --project "My pages"',
            "pageblocks studio invite --renew",
        )
    )(invite)
    group.command(epilog=backend.EXAMPLES)(backend.backend)
    group.command(epilog=backup.EXAMPLES)(backup.backup)
    group.command(epilog=restore.EXAMPLES)(restore.restore)
    app.add_typer(group, name="studio")


def start(
    folder: Folder = HOME,
    port: Annotated[
        int, typer.Option("--port", help="Port to listen on; if it is busy, the next free one.", min=1, max=65535)
    ] = 8080,
    json: Json = False,
) -> None:
    """Start Label Studio, or print the address of the running one.

    The first start takes half a minute.
    """
    from ..studio.server import start as start_server

    _tell(start_server(folder, port=port), json)


def stop(folder: Folder = HOME) -> None:
    """Stop Label Studio. All annotations stay in its database."""
    from ..studio.server import stop as stop_server

    say("Label Studio stopped." if stop_server(folder) else "Label Studio is not running.")


def status(folder: Folder = HOME, json: Json = False) -> None:
    """Print address and credentials of Label Studio.

    The exit status is 1 if it is not running.
    """
    from ..studio.server import status as server_status

    server = server_status(folder)
    if server is None:
        typer.echo(json_.dumps({"running": False})) if json else say(
            "Label Studio is not running; start it with `pageblocks studio start`."
        )
        raise typer.Exit(1)
    _tell(server, json)


def invite(
    renew: Annotated[bool, typer.Option("--renew", help="Make a new link; the old one stops working.")] = False,
    project: Annotated[
        str | None, typer.Option("--project", help="Also print the address at which to label this project.")
    ] = None,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Print the sign-up link for annotators.

    Anyone who has the link can create an account, so send it only to annotators. With --project, the second line is
    where they label: there each person gets one page after the other.
    """
    from ..errors import NotInStudio
    from ..studio import connect, find_project, invitation

    with connect(url, folder=folder) as client:
        found = find_project(client, project) if project is not None else None
        if project is not None and found is None:
            raise NotInStudio(f"{client.url} has no project {project!r}; `pageblocks push` makes one")
        links = {"invitation": invitation(client, renew)} | ({"stream": found.stream} if found else {})
    typer.echo(json_.dumps(links) if json else "\n".join(links.values()))


def _tell(server: Server, json: bool) -> None:
    if json:
        # No password and no token: output for programs ends up in logs. credentials.json in the folder has them.
        typer.echo(
            json_.dumps(
                {
                    "running": True,
                    "url": server.url,
                    "user": server.user,
                    "pid": server.pid,
                    "folder": str(server.folder),
                }
            )
        )
        return
    typer.echo(f"address   {server.url}\nuser      {server.user}\npassword  {server.password}")

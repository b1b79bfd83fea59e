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
        help="The embedded Label Studio: one server for one folder, on this machine only.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=examples("pageblocks studio start", "pageblocks studio status", "pageblocks studio stop"),
    )
    group.command(epilog=examples("pageblocks studio start", "pageblocks studio start --port 9000"))(start)
    group.command(epilog=examples("pageblocks studio stop"))(stop)
    group.command(epilog=examples("pageblocks studio status", "pageblocks studio status --json"))(status)
    group.command(epilog=examples("pageblocks studio invite", "pageblocks studio invite --renew"))(invite)
    group.command(epilog=backend.EXAMPLES)(backend.backend)
    group.command(epilog=backup.EXAMPLES)(backup.backup)
    group.command(epilog=restore.EXAMPLES)(restore.restore)
    app.add_typer(group, name="studio")


def start(
    folder: Folder = HOME,
    port: Annotated[int, typer.Option("--port", help="A busy port gives the next free one.", min=1, max=65535)] = 8080,
    json: Json = False,
) -> None:
    """Start Label Studio (half a minute the first time), or say where the one that runs is."""
    from ..studio.server import start as start_server

    _tell(start_server(folder, port=port), json)


def stop(folder: Folder = HOME) -> None:
    """Stop Label Studio. What people labelled stays in its database."""
    from ..studio.server import stop as stop_server

    say("Label Studio stopped." if stop_server(folder) else "No Label Studio runs here.")


def status(folder: Folder = HOME, json: Json = False) -> None:
    """Say whether Label Studio runs, and how to open it. Exit status 1 when it does not."""
    from ..studio.server import status as server_status

    server = server_status(folder)
    if server is None:
        typer.echo(json_.dumps({"running": False})) if json else say(
            "No Label Studio runs here; `pageblocks studio start` starts one."
        )
        raise typer.Exit(1)
    _tell(server, json)


def invite(
    renew: Annotated[bool, typer.Option("--renew", help="Make a new link; the old one is void from then on.")] = False,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Print the link by which annotators make themselves an account. Whoever has it gets in: send it to them alone."""
    from ..studio import connect, invitation

    with connect(url, folder=folder) as client:
        link = invitation(client, renew)
    typer.echo(json_.dumps({"invitation": link}) if json else link)


def _tell(server: Server, json: bool) -> None:
    if json:
        # No password and no token: what programs read ends up in logs. They lie in the folder's credentials.json.
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

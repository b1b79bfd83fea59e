"""serve: the classifier behind HTTP."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from .output import examples, say


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks serve", "pageblocks serve --port 9000 --model models/mine", "pageblocks serve --host 0.0.0.0"
        )
    )(serve)


def serve(
    model: Annotated[str, typer.Option("--model", "-m", help="A model's name or folder.")] = "default",
    host: Annotated[
        str, typer.Option(help="The address to listen at; 0.0.0.0: for everybody, there is no password.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8000,
    max_bytes: Annotated[
        str, typer.Option(metavar="SIZE", help="Of one request, and of a page that is fetched.")
    ] = "10MB",
    max_pages: Annotated[int, typer.Option(min=1, help="In one batch.")] = 100,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that label pages; all cores without it.")
    ] = None,
    queue: Annotated[
        int, typer.Option(min=0, help="Requests that may wait while all workers are busy; more get status 503.")
    ] = 32,
    time_limit: Annotated[float, typer.Option(min=0.01, help="Seconds for one page.")] = 10.0,
    private: Annotated[
        bool, typer.Option("--allow-private", "--private", help="Fetch from addresses on private networks, too.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A name of the service besides --host, as a proxy calls it; may be repeated."
        ),
    ] = None,
) -> None:
    """Label pages over HTTP, and show a page's blocks in the browser.

    POST /classify, /classify/batch and /extract take HTML, text or JSON; GET /health, /metrics, /docs and
    /openapi.json; the page at / takes an address, HTML or text. SIGTERM and Ctrl-C end it when the requests under way
    are answered.
    """
    from ..serve import Settings
    from ..serve import serve as run
    from ..serve.server import LOOPBACK
    from ..support.limits import cores

    # Listening to this machine only, it also answers to this machine's names only.
    named = frozenset(name.lower() for name in allow_host or ())
    hosts = named | LOOPBACK | {host.lower()} if host in LOOPBACK or named else frozenset[str]()
    settings = Settings(model, _bytes(max_bytes), max_pages, workers or cores(), queue, time_limit, private, hosts)
    run(settings, host, port, lambda address: say(f"pageblocks serves at {address} (Ctrl-C ends it)"))


def _bytes(size: str) -> int:
    """10MB, 512KB, 1.5 MiB or a number of bytes."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)(i?)B?", size.strip(), re.I)
    if not found or float(found[1]) <= 0:
        raise typer.BadParameter(f"{size!r} is no size; write 10MB, 512KB or a number of bytes")
    unit: int = (1024 if found[3] else 1000) ** "_KMG".index(found[2].upper() or "_")
    return max(1, round(float(found[1]) * unit))

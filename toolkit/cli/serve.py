"""serve: the classifier over HTTP."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .output import examples, say


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks serve",
            "pageblocks serve --port 9000 --model models/mine",
            "pageblocks serve --scheme my-labels.toml",
            "pageblocks serve --host 0.0.0.0",
        )
    )(serve)


def serve(
    model: Annotated[str, typer.Option("--model", "-m", help="Name or folder of the model.")] = "default",
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets everybody in, without a password.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 is any free one.")] = 8000,
    max_bytes: Annotated[
        str, typer.Option(metavar="SIZE", help="Maximum size of a request, and of a fetched page.")
    ] = "10MB",
    max_pages: Annotated[int, typer.Option(min=1, help="Maximum number of pages in a batch.")] = 100,
    workers: Annotated[int | None, typer.Option(min=1, help="Number of worker processes (default: all cores).")] = None,
    queue: Annotated[int, typer.Option(min=0, help="Number of requests that may wait; others get status 503.")] = 32,
    time_limit: Annotated[float, typer.Option(min=0.01, help="Seconds per page.")] = 10.0,
    private: Annotated[
        bool, typer.Option("--allow-private", "--private", help="Also fetch pages from private networks.")
    ] = False,
    scheme: Annotated[
        Path | None,
        typer.Option(
            "--scheme",
            metavar="FILE",
            help="Label scheme (TOML) to label pages with in the browser (default: the model's).",
            show_default=False,
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Another host name of the service, for example behind a proxy; repeatable."),
    ] = None,
) -> None:
    """Classify pages over HTTP, with a page for the browser.

    POST /classify, /classify/batch and /extract accept HTML, text or JSON. GET /health and /metrics show the state of
    the service, /docs and /openapi.json its interface. The page at / accepts addresses, files, HTML
    and text, shows their blocks, and lets one label them: `pageblocks import` makes a corpus of the file that it
    downloads. After SIGTERM or
    Ctrl-C the running requests are answered, then the service stops.
    """
    from ..scheme import Scheme
    from ..serve import Settings
    from ..serve import serve as run
    from ..serve.server import LOOPBACK
    from ..support.limits import cores

    # A service that listens on this machine only also answers only to this machine's names.
    named = frozenset(name.lower() for name in allow_host or ())
    hosts = named | LOOPBACK | {host.lower()} if host in LOOPBACK or named else frozenset[str]()
    settings = Settings(model, _bytes(max_bytes), max_pages, workers or cores(), queue, time_limit, private, hosts)
    if scheme is not None:
        settings = replace(settings, scheme=Scheme.load(scheme))
    run(settings, host, port, on_ready=lambda address: say(f"Listening at {address} (Ctrl-C stops it)"))


def _bytes(size: str) -> int:
    """10MB, 512KB, 1.5 MiB or a number of bytes."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)(i?)B?", size.strip(), re.I)
    if not found or float(found[1]) <= 0:
        raise typer.BadParameter(f"{size!r} is not a size; use 10MB, 512KB or a number of bytes")
    unit: int = (1024 if found[3] else 1000) ** "_KMG".index(found[2].upper() or "_")
    return max(1, round(float(found[1]) * unit))

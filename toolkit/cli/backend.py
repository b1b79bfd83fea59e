"""studio backend: suggestions while people annotate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import PageblocksError
from .options import HOME, Folder, Url
from .output import complain, examples, harmless, say

EXAMPLES = examples(
    'pageblocks studio backend --corpus corpora/mine --project "My pages"',
    'pageblocks studio backend --corpus corpora/mine --project "My pages" --dry-run',
    'pageblocks studio backend --corpus corpora/mine --project "My pages" --model models/mine --refit-after 10',
)


def backend(
    corpus: Annotated[
        Path,
        typer.Option("--corpus", "-c", help="The corpus whose pages were pushed; pulled labels and models go there."),
    ],
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="The project to serve; without it nobody is told, and nothing refitted."),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--model", "-m", help="A model's name or folder; without it that of the last refit, or the default."
        ),
    ] = "",
    refit_after: Annotated[
        int, typer.Option("--refit-after", help="Train anew after so many new or changed annotations.", min=1)
    ] = 20,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Where refitted models go; without it CORPUS/models.", show_default=False),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="A busy port gives the next free one.", min=1, max=65535)] = 9090,
    address: Annotated[
        str, typer.Option("--address", help="How Label Studio reaches this server, where that is not http://HOST:PORT.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be served and registered, and do nothing.")
    ] = False,
    url: Url = None,
    folder: Folder = HOME,
) -> None:
    """Suggest labels while people annotate, and learn from what they send.

    Registers itself at the project; from then on each page that is opened with Label All Tasks shows the suggestions of
    the newest model. After --refit-after annotations a model is trained beside, and taken if it is no worse on the new
    pages. Ctrl-C stops it: the project then shows the suggestions of the last push again.
    """
    from ..labelling.live.run import needed, plan, run_backend, until_stopped

    needed()
    if dry_run:
        typer.echo(plan(corpus, project, model=model, out=out, url=url, folder=folder, log=_log))
        return
    with run_backend(
        corpus, project, model=model, refit_after=refit_after, host=host, port=port, address=address, out=out, url=url,
        folder=folder, log=_log,
    ) as running:  # fmt: skip
        typer.echo(running.address)
        if running.project:
            say(f"{running.version} suggests labels in {running.project}. Ctrl-C stops it.")
        else:
            say(f"{running.version} answers user label-studio, password {running.password}. Ctrl-C stops it.")
        until_stopped()
    say("Stopped.")


def _log(line: str | PageblocksError) -> None:
    complain(str(line)) if isinstance(line, PageblocksError) else say(harmless(line))

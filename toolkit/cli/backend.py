"""studio backend: live suggestions for annotators."""

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
        typer.Option(
            "--corpus", "-c", help="Corpus whose pages were pushed; it receives the pulled labels and the models."
        ),
    ],
    project: Annotated[
        str | None,
        typer.Option(
            "--project", "-p", help="Project to serve (default: none; the server is not registered and does not refit)."
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--model", "-m", help="Name or folder of the model (default: the last refitted model, else `default`)."
        ),
    ] = "",
    refit_after: Annotated[
        int, typer.Option("--refit-after", help="Refit after N new or changed annotations.", min=1, metavar="N")
    ] = 20,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for refitted models (default: CORPUS/models).", show_default=False),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", help="Port to listen on; if it is busy, the next free one.", min=1, max=65535)
    ] = 9090,
    address: Annotated[
        str,
        typer.Option(
            "--address", help="Address under which Label Studio reaches this server (default: http://HOST:PORT)."
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be served and registered, and do nothing.")
    ] = False,
    url: Url = None,
    folder: Folder = HOME,
) -> None:
    """Suggest labels while people annotate.

    The server learns from their answers. It registers itself with the project, and gives all pages that wait the
    suggestions of the newest model. After --refit-after annotations a new model is trained in the background, and used
    if it is no worse on the new pages. Ctrl-C stops the server; its suggestions stay.
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
            say(f"{running.version} is ready; user label-studio, password {running.password}. Ctrl-C stops it.")
        until_stopped()
    say("Stopped.")


def _log(line: str | PageblocksError) -> None:
    complain(str(line)) if isinstance(line, PageblocksError) else say(harmless(line))

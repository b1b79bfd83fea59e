"""studio start, stop, status; push and pull: everything that talks to Label Studio."""

from __future__ import annotations

import json as json_
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..support.text import counted
from .backend import backend
from .options import HOME, Folder, Json, SchemeFile, Title, Url
from .talk import complain, examples, say

if TYPE_CHECKING:
    from ..studio.server import Server


class Order(StrEnum):
    """Which pages go first."""

    given = "given"
    uncertain = "uncertain"
    diverse = "diverse"
    random = "random"


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
    group.command(
        epilog=examples(
            'pageblocks studio backend --corpus corpora/mine --project "My pages"',
            'pageblocks studio backend --corpus corpora/mine --project "My pages" --dry-run',
            'pageblocks studio backend --corpus corpora/mine --project "My pages" --model models/mine --refit-after 10',
        )
    )(backend)
    app.add_typer(group, name="studio")
    app.command(
        epilog=examples(
            'pageblocks push corpora/sample --project "My pages"',
            'pageblocks push corpora/sample --project "My pages" --model models/mine --limit 20 --dry-run',
            'pageblocks push corpora/mine --project "Next pages" --model models/mine --order uncertain --limit 20 '
            "--overlap 0.2",
            'pageblocks push corpora/sample --review review.jsonl --project "Second look"',
        )
    )(push)
    app.command(epilog=examples('pageblocks pull --project "My pages" --out corpora/mine'))(pull)


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


def push(
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="A corpus: a folder with pages.jsonl.", show_default=False)
    ],
    project: Title,
    model: Annotated[
        str, typer.Option("--model", "-m", help="Whose suggestions are shown: a model's name or folder, or none.")
    ] = "default",
    scheme: SchemeFile = None,
    order: Annotated[
        Order,
        typer.Option(
            "--order",
            help="given: as in the corpus; the others: pages that nobody labelled, those that teach most first.",
        ),
    ] = Order.given,
    limit: Annotated[int | None, typer.Option("--limit", help="So many pages, the first by --order.", min=1)] = None,
    overlap: Annotated[
        float,
        typer.Option(
            "--overlap",
            help="0.2: a second person labels a fifth of the pages; 2: two people label each (new project).",
        ),
    ] = 1,
    review: Annotated[
        Path | None,
        typer.Option("--review", help="Only pages of this file of `pageblocks doubts`, with their present labels."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of --order: the same seed chooses the same pages.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Send the pages of a corpus to a Label Studio project, each block with a suggestion.

    The project is made when there is none. A page that is there already is not sent again and keeps its annotations.
    With an --order, --limit 20 has 20 pages wait for annotators: what is sent already and not labelled yet counts, so
    that the same command again sends nothing, and after they were labelled the next 20.
    """
    from .. import load
    from ..corpus.folder import Corpus
    from ..labelling.sync import push as push_corpus
    from ..labelling.sync import refuse_model
    from ..scheme import Scheme
    from ..studio import connect

    opened, labels = Corpus.open(corpus), Scheme.load(scheme) if scheme else None
    chosen = opened.scheme(labels)  # an error of it needs no server
    if review is not None:
        from ..support.files import read_jsonl
        from .reviews import send_review

        send_review(opened, project, labels, list(read_jsonl(review)), url, folder, dry_run, json)
        return
    classifier = None if model == "none" else load(model)
    refuse_model(classifier, chosen)
    with connect(url, folder=folder) as client:
        done = push_corpus(
            client, opened, project, labels, classifier, limit=limit, order=order.value, overlap=overlap, seed=seed,
            dry_run=dry_run, on_error=lambda e: complain(str(e)),
        )  # fmt: skip
    for problem in done.report.problems:
        say(problem)
    if json:
        typer.echo(
            json_.dumps(
                {
                    "url": done.url,
                    "sent": done.report.sent,
                    "present": done.report.present,
                    "bad": done.bad,
                    "dry_run": dry_run,
                }
            )
        )
    else:
        verb = "would be sent" if dry_run else "sent"
        say(f"{counted(done.report.sent, 'page')} {verb}, {done.report.present} there already.")
        if done.url:
            typer.echo(done.url)
    if done.bad:
        raise typer.Exit(1)


def pull(
    project: Title,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="The corpus (or another folder) that the annotations go to.", show_default=False
        ),
    ],
    scheme: SchemeFile = None,
    full: Annotated[bool, typer.Option("--full", help="Ask for all answers again, not only for new ones.")] = False,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Bring the annotations of a Label Studio project: one file an annotator in OUT/annotations, raw exports in
    OUT/studio.

    May be repeated: only what changed is asked for. Annotations of pages that the project does not have stay as they
    are.
    """
    from ..corpus.scheme import scheme_of
    from ..labelling.sync import pull as pull_project
    from ..scheme import Scheme
    from ..studio import connect

    chosen = Scheme.load(scheme) if scheme else None
    if chosen is not None:
        scheme_of(out, chosen)  # an error of it needs no server
    with connect(url, folder=folder) as client:
        report = pull_project(client, project, out, scheme=chosen, full=full)
    for problem in report.problems:
        say(problem)
    if json:
        people = {name: len(found) for name, found in report.by_annotator.items()}
        typer.echo(
            json_.dumps(
                {
                    "annotations": len(report.annotations),
                    "annotators": people,
                    "new": report.fetched,
                    "drafts": report.drafts,
                }
            )
        )
        return
    for name, found in sorted(report.by_annotator.items()):
        skipped = sum(annotation.state == "skipped" for annotation in found)
        typer.echo(
            f"{out / 'annotations' / (name + '.jsonl')}\t{counted(len(found) - skipped, 'page')}"
            + (f", {skipped} skipped" if skipped else "")
        )
    say(
        f"{report.fetched} of {counted(report.tasks, 'page')} had new answers; {report.drafts} begun and not submitted."
    )


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

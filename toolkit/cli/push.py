"""push: pages of a corpus into a Label Studio project."""

from __future__ import annotations

import json as json_
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .options import HOME, Folder, Json, SchemeFile, Title, Url
from .output import complain, examples, say
from .review import send_review


class Order(StrEnum):
    """Which pages go first."""

    given = "given"
    uncertain = "uncertain"
    diverse = "diverse"
    random = "random"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            'pageblocks push corpora/sample --project "My pages"',
            'pageblocks push corpora/sample --project "My pages" --model models/mine --limit 20 --dry-run',
            'pageblocks push corpora/mine --project "Next pages" --model models/mine --order uncertain --limit 20 '
            "--overlap 0.2",
            'pageblocks push corpora/sample --review review.jsonl --project "Second look"',
        )
    )(push)


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
    from ..labelling.sync import push_corpus, refuse_model
    from ..scheme import Scheme
    from ..studio import connect

    opened, labels = Corpus.open(corpus), Scheme.load(scheme) if scheme else None
    chosen = opened.scheme(labels)  # an error of it needs no server
    if review is not None:
        from ..support.files import read_jsonl

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

"""push: send pages of a corpus to a Label Studio project."""

from __future__ import annotations

import json as json_
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
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
            'pageblocks push corpora/sample --project "Fair numbers" --blind 0.1 --probe 0.02 --overlap 2',
            'pageblocks push corpora/sample --review review.jsonl --project "Second look"',
        )
    )(push)


def push(
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="Corpus: a folder with pages.jsonl.", show_default=False)
    ],
    project: Title,
    model: Annotated[
        str, typer.Option("--model", "-m", help="Name or folder of the model for suggestions, or none.")
    ] = "default",
    scheme: SchemeFile = None,
    order: Annotated[
        Order,
        typer.Option(
            "--order",
            help="given: as in the corpus; the others: unlabelled pages, the most useful first.",
        ),
    ] = Order.given,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help="Send at most N pages, in --order.", min=1)
    ] = None,
    overlap: Annotated[
        float,
        typer.Option(
            "--overlap",
            help="Annotators per page in a new project: 2 is two for each page, 0.2 a second one for a fifth.",
        ),
    ] = 1,
    blind: Annotated[
        float,
        typer.Option(
            "--blind",
            metavar="SHARE",
            help="Show this share of the blocks without a suggestion, to measure agreement and model on them.",
        ),
    ] = 0,
    probe: Annotated[
        float,
        typer.Option(
            "--probe",
            metavar="SHARE",
            help="Show this share of the blocks with a wrong suggestion, to see who finds them.",
        ),
    ] = 0,
    suggest_above: Annotated[
        float,
        typer.Option(
            "--suggest-above", metavar="PROBABILITY", help="Suggest nothing for blocks of which the model is less sure."
        ),
    ] = 0,
    review: Annotated[
        Path | None,
        typer.Option(
            "--review",
            help="Send only pages listed in this file of `doubts` or a report, with their current labels.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Random seed of --order; the same seed chooses the same pages.")
    ] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Send pages to a Label Studio project, with suggestions.

    The project is created if it does not exist. A page that is already there is not sent again and keeps its
    annotations. With --order, --limit 20 keeps 20 unlabelled pages in the project: the same command sends nothing while
    they wait, and the next pages after they are labelled.

    People accept most suggestions, right or wrong. `pageblocks agree` measures that on the blocks of --blind and
    --probe, which are chosen once for each page.
    """
    from .. import load
    from ..corpus.folder import Corpus
    from ..labelling.sync import push_corpus, refuse_model
    from ..scheme import Scheme
    from ..studio import connect
    from ..studio.withheld import NOTHING, Share

    share = Share(blind, probe, suggest_above)
    opened, labels = Corpus.open(corpus), Scheme.load(scheme) if scheme else None
    chosen = opened.scheme(labels)  # report errors before connecting
    if review is not None:
        if share != NOTHING:
            raise UsageError("a review shows the labels of people; leave out --blind, --probe and --suggest-above")
        from ..support.files import read_jsonl

        send_review(
            opened, project, labels, rows=list(read_jsonl(review)), url=url, folder=folder, dry_run=dry_run, json=json
        )
        return
    classifier = None if model == "none" else load(model)
    refuse_model(classifier, chosen)
    with connect(url, folder=folder) as client:
        done = push_corpus(
            client, opened, project, scheme=labels, model=classifier, limit=limit, order=order.value,
            overlap=overlap, share=share, seed=seed, dry_run=dry_run, on_error=lambda e: complain(str(e)),
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
        say(f"{counted(done.report.sent, 'page')} {verb}, {done.report.present} already there.")
        if done.url:
            typer.echo(done.url)
    if done.bad:
        raise typer.Exit(1)

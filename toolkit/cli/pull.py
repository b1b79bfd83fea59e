"""pull: fetch the annotations of a Label Studio project into a corpus."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .options import HOME, Folder, Json, SchemeFile, Title, Url
from .output import examples, say


def register(app: typer.Typer) -> None:
    app.command(epilog=examples('pageblocks pull --project "My pages" --out corpora/mine'))(pull)


def pull(
    project: Title,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Corpus (or another folder) for the annotations.", show_default=False),
    ],
    scheme: SchemeFile = None,
    full: Annotated[bool, typer.Option("--full", help="Fetch all answers again, not only new ones.")] = False,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Fetch the annotations of a Label Studio project.

    Annotations are written to OUT/annotations, one file per annotator, and raw exports to OUT/studio. When it runs
    again, it fetches only what changed. Annotations of pages that are not in the project stay unchanged.
    """
    from ..corpus.scheme import scheme_of
    from ..labelling.sync import pull_corpus as pull_project
    from ..scheme import Scheme
    from ..studio import connect

    chosen = Scheme.load(scheme) if scheme else None
    if chosen is not None:
        scheme_of(out, chosen)  # report errors before connecting
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
        f"{report.fetched} of {counted(report.tasks, 'page')} had new answers; "
        f"{counted(report.drafts, 'draft')} not submitted."
    )

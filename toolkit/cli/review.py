"""Send pages to annotators for review; used by several commands."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..support.text import counted
from .output import say

if TYPE_CHECKING:
    from ..corpus.folder import Corpus
    from ..scheme import Scheme


def send_review(
    corpus: Corpus, title: str, scheme: Scheme | None, *, rows: Sequence[Mapping[str, Any]], url: str | None,
    folder: Path, dry_run: bool = False, json: bool = False,
) -> None:  # fmt: skip
    """Push the pages of these rows and print a summary."""
    from ..labelling.review import push_review
    from ..studio import connect

    with connect(url, folder=folder) as client:
        done = push_review(client, corpus, title, scheme=scheme, rows=rows, dry_run=dry_run)
    for problem in done.report.problems:
        say(problem)
    if json:
        figures = {"url": done.url, "sent": done.report.sent, "present": done.report.present, "dry_run": dry_run}
        typer.echo(json_.dumps(figures))
        return
    say(
        f"{counted(done.report.sent, 'page')} {'would be sent' if dry_run else 'sent'} for review, "
        f"{done.report.present} already there."
    )
    if done.url:
        typer.echo(done.url)

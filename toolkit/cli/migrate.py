"""scheme migrate: change the label scheme of corpora and live projects."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..support.text import counted
from .options import HOME, Folder, Json, Url
from .output import console, examples, harmless, say

if TYPE_CHECKING:
    from ..labelling.migrate.run import Report

EXAMPLES = examples(
    "pageblocks scheme migrate labels/web-page-2.toml --corpus corpora/mine --rename sidebar=frame --dry-run",
    "pageblocks scheme migrate labels/web-page-2.toml --corpus corpora/mine --rename sidebar=frame --split "
    "article=article,data",
    'pageblocks scheme migrate labels/web-page-2.toml --corpus corpora/mine --rename sidebar=frame --project "My '
    'pages"',
)


def migrate(
    scheme: Annotated[
        Path, typer.Argument(metavar="NEW", help="New scheme file, with another version.", show_default=False)
    ],
    corpus: Annotated[Path, typer.Option("--corpus", "-c", help="Corpus to migrate.", show_default=False)],
    project: Annotated[
        list[str] | None,
        typer.Option("--project", "-p", help="Label Studio project to migrate, too; repeatable.", show_default=False),
    ] = None,
    rename: Annotated[
        list[str] | None, typer.Option("--rename", help="OLD=NEW; repeatable.", show_default=False)
    ] = None,
    merge: Annotated[list[str] | None, typer.Option("--merge", help="A,B=NEW; repeatable.", show_default=False)] = None,
    split: Annotated[
        list[str] | None,
        typer.Option(
            "--split", help="OLD=A,B: annotators decide, A is used until then; repeatable.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    url: Url = None,
    folder: Folder = HOME,
    json: Json = False,
) -> None:
    """Migrate a corpus and its projects to a new scheme.

    Gold, annotations and scheme.toml of the corpus are migrated, and the projects that --project names. Unchanged and
    new labels need no option. Old files are kept in CORPUS/before-migration. Blocks of a split label are listed in
    CORPUS/undecided.jsonl, for `pageblocks push --review`. If the migration is interrupted, run the same command again.
    """
    from ..labelling.migrate.corpus import MigrationPlan
    from ..labelling.migrate.run import migrate as migrate_all
    from ..scheme import Scheme
    from ..studio import connect

    plan = MigrationPlan.of(Scheme.load(scheme), rename or (), merge or (), split=split or ())
    if project:
        with connect(url, folder=folder) as client:
            report = migrate_all(plan, corpus, client, titles=project, dry_run=dry_run)
    else:
        report = migrate_all(plan, corpus, dry_run=dry_run)
    if json:
        typer.echo(json_.dumps(report.to_dict() | {"dry_run": dry_run}, ensure_ascii=False))
    else:
        _table(report)
    _tell(report, corpus, dry_run)


def _table(report: Report) -> None:
    from rich.table import Table

    names, rows = report.table()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for k, name in enumerate(names):
        table.add_column(harmless(name), header_style="dim", justify="left" if k < 2 else "right")
    for row in rows:
        table.add_row(*map(harmless, row))
    console().print(table)


def _tell(report: Report, corpus: Path, dry_run: bool) -> None:
    done = "would be migrated" if dry_run else "migrated"
    changed = sum(moved.changed for moved in report.corpus.files.values())
    say(f"{counted(changed, 'annotation')} in {corpus} {done} to {report.plan.scheme.id}.")
    for title, p in report.projects.items():
        say(
            f"{title}: {counted(p.annotations, 'answer')}, {counted(p.drafts, 'draft')} and"
            f" {counted(p.predictions, 'suggestion')} {done}."
        )
        for problem in p.problems:
            say(problem)
    for problem in report.problems:
        say(problem)
    if report.corpus.backup:
        say(f"The old files are in {report.corpus.backup}.")
    if report.undecided:
        verb = "would have" if dry_run else "have"
        say(f"Annotators {verb} to decide {counted(len(report.undecided), 'block')} of split labels:")
        say(f'  pageblocks push {corpus} --review {corpus / "undecided.jsonl"} --project "Split labels"')

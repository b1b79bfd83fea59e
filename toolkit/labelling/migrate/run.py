"""A corpus and the live projects that its labels come from move to a new scheme together."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...corpus.scheme import named_schemes, read_scheme
from ...errors import BadInput, NotInStudio
from ...studio import find_project
from ...studio.annotators import Annotators
from ...studio.projects import refuse_moving
from .corpus import Migration, MigrationPlan, migrate_corpus, migrate_undecided, refuse_mixed
from .project import Relabelled, relabel
from .record import record, with_recorded
from .undecided import Undecided, read_undecided, write_undecided

if TYPE_CHECKING:
    from ...studio import Client, Project


@dataclass(frozen=True)
class Report:
    """What a migration did, or would do, in the corpus's files and in each project (by title)."""

    plan: MigrationPlan
    corpus: Migration
    projects: dict[str, Relabelled]
    problems: list[str] = field(default_factory=list)  # lines for the user

    @property
    def undecided(self) -> list[Undecided]:
        """Blocks that people must decide, one each."""
        rows = [*self.corpus.undecided, *(row for found in self.projects.values() for row in found.undecided)]
        return list({row.place: row for row in rows}.values())

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Column names, and a row for each old label: what it becomes, and how many blocks have it where."""
        columns: dict[str, Counter[str]] = {name: moved.blocks for name, moved in self.corpus.files.items()}
        for title, found in self.projects.items():
            columns |= {f"{title}: {name}": blocks for name, blocks in sorted(found.blocks.items())}
            columns |= {f"{title}: suggestions": found.suggested, f"{title}: drafts": found.drafted}
        columns = {name: blocks for name, blocks in columns.items() if blocks}
        seen = {label for blocks in columns.values() for label in blocks} | set(self.plan.moves)
        order = [*self.plan.scheme.names, *self.plan.moves]
        rows = []
        for label in sorted(seen, key=lambda name: (order.index(name) if name in order else len(order), name)):
            new = self.plan.choices(label)
            rows.append([label, " or ".join(new), *(str(blocks[label]) for blocks in columns.values())])
        added = [name for name in self.plan.scheme.names if not any(name in self.plan.choices(label) for label in seen)]
        rows += [["", name, *("0" for _ in columns)] for name in added]
        return ["label", "becomes", *columns], rows

    def to_dict(self) -> dict[str, Any]:
        """The counts of the migration as JSON takes them."""
        names, rows = self.table()
        projects = {
            title: {"annotations": p.annotations, "drafts": p.drafts, "predictions": p.predictions}
            for title, p in self.projects.items()
        }
        return {
            "scheme": self.plan.scheme.id,
            "annotations": sum(moved.changed for moved in self.corpus.files.values()),
            "projects": projects,
            "undecided": len(self.undecided),
            "backup": str(self.corpus.backup) if self.corpus.backup else None,
            "labels": [dict(zip(names, row, strict=True)) for row in rows],
        }


def migrate(
    plan: MigrationPlan,
    folder: Path | str,
    client: Client | None = None,
    *,
    titles: Sequence[str] = (),
    dry_run: bool = False,
    quiet: bool = False,
) -> Report:
    """Move the labels of the corpus `folder`, and the projects `titles`, to the plan's scheme.

    Everything is looked at before anything is written. Projects go first; what people must decide is listed in the
    corpus before. Whatever breaks off is finished by the same call. Raises UsageError when a label has no place in the
    new scheme, NotInStudio when a project is not there, BadScheme when something is of another scheme than the rest.
    """
    projects: list[Project] = []
    for title in dict.fromkeys(titles):
        project = find_project(client, title) if client is not None else None
        if project is None:
            raise NotInStudio(f"no project {title!r} on {client.url if client else 'any server'}; nothing was changed")
        projects.append(project)
    schemes = {p.scheme for p in projects} | named_schemes(folder)
    plan = with_recorded(plan, folder, schemes)
    local = migrate_corpus(plan, folder, dry_run=True)
    if not projects and not local.files and not local.schemes:
        raise BadInput(f"{folder}: nothing to move in it (no gold.jsonl, annotations/*.jsonl or scheme.toml)")
    for project in projects:
        if project.moving not in ("", plan.scheme.id):
            refuse_moving(project)
    named = {f"the project {p.title!r}": {p.scheme} for p in projects} | {str(folder): local.schemes}
    refuse_mixed(plan.scheme, named)
    people = Annotators.read(Path(folder) / "studio")
    reports = {project.title: relabel(project, plan, dry_run=True, quiet=quiet, people=people) for project in projects}
    own = read_scheme(folder)
    gone = {*plan.moves, *(own.names if own else ()), *(name for p in projects for name in p.names)}
    problems = _mentions(plan, gone) + _others(Path(folder) / "studio", plan, {p.id for p in projects}, client=client)
    if dry_run:
        return Report(plan, local, reports, problems)
    record(plan, folder, schemes)
    if projects:
        listed = migrate_undecided(plan, read_undecided(folder))
        write_undecided(folder, [*listed, *(row for found in reports.values() for row in found.undecided)])
    for project in projects:
        reports[project.title].problems = relabel(project, plan, quiet=quiet).problems
    return Report(plan, migrate_corpus(plan, folder), reports, problems)


def _mentions(plan: MigrationPlan, gone: Iterable[str]) -> list[str]:
    """What to know of the new scheme's rules and explanations, in a line."""
    found = [line.partition(", which")[0].replace(": mentions", " mentions") for line in plan.scheme.mentions(gone)]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return [f"{plan.scheme.id} has lines about labels that are gone: {', '.join(found[:5])}{more}"] if found else []


def _others(home: Path, plan: MigrationPlan, moved: Container[int], *, client: Client | None) -> list[str]:
    """What to know of other projects from which answers were pulled into the corpus."""

    def done(url: str, id: int) -> bool:
        """Whether it was deleted, or moved before."""
        if client is None or url != client.url:
            return False
        try:
            found = find_project(client, id)
        except NotInStudio:
            return True
        return found is not None and found.scheme == plan.scheme.id

    return [
        f"project {id} at {url}, from which answers were pulled, too, keeps the old labels; later pulls translate them."
        f" To migrate it as well, add --project {id}"
        for url, id in _pulled(home)
        if id not in moved and not done(url, id)
    ]


def _pulled(home: Path) -> list[tuple[str, int]]:
    """The server and number of each project whose answers were pulled to `home`, the folder `studio` of a corpus."""
    found = []
    for path in (home / "state.json", *sorted(home.glob("project-*/state.json"))):
        with suppress(OSError, ValueError, KeyError, TypeError):
            url, _, id = str(json.loads(path.read_text(encoding="utf-8"))["source"]).partition("#")
            found.append((url, int(id)))
    return found

"""A live project under a new scheme: its answers, drafts and suggestions get the new labels, and no answer is lost.

The order is one that the server accepts and that can be interrupted anywhere: a configuration with the labels of both
schemes; the answers, one by one; the suggestions; the configuration of the new scheme alone. Each task remembers what
is done (see `history`), so that the same call continues where the last one stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

from ...errors import PageblocksError
from ...standoff import Shown
from ...studio import tasks
from ...studio.annotators import Annotators, users_of
from ...studio.answers import annotations_of
from ...studio.export import exported
from ...studio.history import AnswerRecord, add_record, answered_at, find_record, record_key
from ...studio.progress import progress_bar
from ...studio.projects import MARK, Project
from ...studio.withheld import remember_shown, shown_to
from ...support.text import counted
from .corpus import MigrationPlan, migrate_annotations
from .suggestions import move_suggestions, moved_regions, suggested
from .undecided import Undecided

Row = dict[str, Any]


@dataclass
class Relabelled:
    """What is under old labels. `blocks`: old label -> blocks, by annotator; `suggested`, `drafted`: old label ->
    regions.

    `annotations`, `drafts` and `predictions` count those whose labels change, `undecided` lists blocks that people must
    decide.
    """

    blocks: dict[str, Counter[str]] = field(default_factory=dict)
    suggested: Counter[str] = field(default_factory=Counter)
    drafted: Counter[str] = field(default_factory=Counter)
    annotations: int = 0
    drafts: int = 0
    predictions: int = 0
    undecided: list[Undecided] = field(default_factory=list)


def relabel(
    project: Project,
    plan: MigrationPlan,
    dry_run: bool = False,
    *,
    quiet: bool = False,
    people: Annotators | None = None,
) -> Relabelled:
    """Move a project to the plan's scheme: answers, drafts, suggestions, configuration, instructions.

    `people` knows the annotators' names in the corpus. No one should label meanwhile. Everything is read first, and
    nothing is written when a label has no place in the new scheme. Raises UsageError then, and PageblocksError when the
    project did not become what it should.
    """
    report = _look(project, plan, quiet, people=people)
    if dry_run:
        return report
    before = _counts(project)
    if project.scheme != plan.scheme.id:
        project.update(label_config=_both(project, plan))
    with progress_bar(quiet) as bar:
        step = bar.add_task(f"Moving the answers of {project.title}", total=report.annotations + report.drafts)
        for task in _open(project, plan):
            bar.advance(step, _write(project, plan, task))
    move_suggestions(project, plan)
    config = plan.scheme.label_studio_config().strip()
    project.update(
        label_config=config, expert_instruction=plan.scheme.instructions(), description=MARK + plan.scheme.id
    )
    _check(project, plan, before)
    return report


def _look(project: Project, plan: MigrationPlan, quiet: bool = True, *, people: Annotators | None = None) -> Relabelled:
    report = Relabelled()
    where = f"the project {project.title!r}"
    users = users_of(project.client.get("api/users", "the list of users"))
    names = (people or Annotators()).names(project.client.url, users)
    with progress_bar(quiet) as bar:
        for task in bar.track(_open(project, plan), description=f"Reading {project.title}"):
            report.drafted += Counter(label for draft in task["drafts"] for label in _labels(draft["result"]))
            plan.refuse_unknown(report.drafted, f"drafts in {where}")
            answers, _ = annotations_of([task], {}, "", users=names, whole=True)
            moved = migrate_annotations(plan, answers, where)
            for answer in answers:
                report.blocks.setdefault(answer.annotator, Counter()).update(run.label for run in answer.labels)
            report.undecided += moved.undecided
            changed = [key for key, old, new in _changes(plan, task) if old["result"] != new["result"]]
            report.drafts += sum(key.startswith("draft") for key in changed)
            report.annotations += sum(not key.startswith("draft") for key in changed)
    report.suggested, report.predictions = suggested(project, plan)
    plan.refuse_unknown(report.suggested, f"suggestions in {where}")
    return report


def _open(project: Project, plan: MigrationPlan) -> Iterator[Row]:
    """The tasks that have answers or drafts under old labels, with only those in them."""
    worked = ("total_annotations", "cancelled_annotations", "draft_exists")
    ids = [row["id"] for row in project.tasks("id," + ",".join(worked)) if any(row.get(key) for key in worked)]
    final = project.scheme == plan.scheme.id  # only what came in too late is left then

    def old(task: Row, answer: Row) -> bool:
        if final and set(_labels(answer.get("result") or [])) <= set(plan.scheme.names):
            return False
        record = find_record(task, answer)
        return record is None or record.scheme != plan.scheme.id

    for batch in exported(project, ids):
        for task in batch:
            left = {kind: [a for a in task.get(kind) or [] if old(task, a)] for kind in ("annotations", "drafts")}
            if any(left.values()):
                yield task | left


def _changes(plan: MigrationPlan, task: Row) -> Iterator[tuple[str, Row, Row]]:
    """Each answer and draft of a task: what its `meta` calls it, as it is, and as it shall be."""
    for answer in task["annotations"]:
        result = moved_regions(plan, answer.get("result") or [])
        if not answer.get("was_cancelled"):
            shown = (answer.get("prediction") or {}).get("result") or []
            if any(plan.choices(label)[:1] != (label,) for label in _labels(shown)):
                # The server keeps the suggestion that was shown, under the old labels, and it cannot be changed.
                result += moved_regions(plan, tasks.gaps(answer.get("result") or [], shown, task["data"]))
        yield record_key(answer), answer, answer | {"result": result}
    for draft in task["drafts"]:
        yield record_key(draft, draft=True), draft, draft | {"result": moved_regions(plan, draft.get("result") or [])}


def _write(project: Project, plan: MigrationPlan, task: Row) -> int:
    """Write what changes in one task, and how much that was. First what is to be remembered: so no second try moves it
    twice.
    """
    changed = [(key, old, new) for key, old, new in _changes(plan, task) if old["result"] != new["result"]]
    if not changed:
        return 0
    meta = task.get("meta")
    for key, old, new in changed:
        meta = add_record(meta, key, new, record=AnswerRecord(answered_at(task, old), plan.scheme.id))
        if not key.startswith("draft"):
            meta = remember_shown(meta, key, _shown(plan, task, old))
    what = f"task {task['id']} of project {project.id}"
    project.client.request("PATCH", f"api/tasks/{task['id']}", what=what, body={"meta": meta})
    for key, _, new in changed:
        kind = "drafts" if key.startswith("draft") else "annotations"
        project.client.request("PATCH", f"api/{kind}/{new['id']}", what=what, body={"result": new["result"]})
    return len(changed)


def _shown(plan: MigrationPlan, task: Row, answer: Row) -> list[Shown | None]:
    """What was suggested to the author of an answer, in the new labels: the server keeps it under the old ones."""
    lengths = [tasks.utf16(text) for text in tasks.texts_of(task["data"])]
    shown, _, _ = shown_to(task, answer, [None] * len(lengths), lengths=lengths)
    return [one and one._replace(label=(*plan.choices(one.label), one.label)[0]) for one in shown]


def _labels(result: Iterable[Row]) -> list[str]:
    return [label for region in result for label in tasks.labels_in(region) or []]


def _both(project: Project, plan: MigrationPlan) -> str:
    """The new scheme's configuration with the old labels behind, which have no key any more."""
    old = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in project.names if name not in plan.scheme.names)
    end = "  </HyperTextLabels>"
    return plan.scheme.label_studio_config().strip().replace(end, old + end, 1)


def _counts(project: Project) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in project.tasks("id,total_annotations,cancelled_annotations,draft_exists,predictions_model_versions"):
        found["answers"] += row.get("total_annotations") or 0
        found["skips"] += row.get("cancelled_annotations") or 0
        found["drafts"] += bool(row.get("draft_exists"))
        found["pages with suggestions"] += bool(row.get("predictions_model_versions"))
    return found


def _check(project: Project, plan: MigrationPlan, before: Mapping[str, int]) -> None:
    after = _counts(project)
    fewer = [f"{after[what]} of {n} {what}" for what, n in before.items() if after[what] < n]
    if fewer:
        raise PageblocksError(
            f"the project {project.title!r} has only {', '.join(fewer)} left: is somebody deleting them?"
        )
    moved = Project(project.client, project.id, project.title, plan.scheme.id, tuple(plan.scheme.names))
    left = _look(moved, plan)
    if left.annotations or left.drafts or left.predictions:
        raise PageblocksError(
            f"the project {project.title!r} got {counted(left.annotations, 'answer')}, "
            f"{counted(left.drafts, 'draft')} and"
            f" {counted(left.predictions, 'suggestion')} with old labels meanwhile; run the migration again"
        )

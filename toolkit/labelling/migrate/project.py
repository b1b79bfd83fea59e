"""A live project under a new scheme: its answers, drafts and suggestions get the new labels, and no answer is lost.

The order is one that the server accepts and that can be interrupted anywhere: a configuration with the labels of both
schemes, and a note in the description that the project is being moved; the answers, one by one; the suggestions; the
configuration of the new scheme alone, without the note. Each task remembers what is done (see `history`), so that the
same call continues where the last one stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from xml.sax.saxutils import quoteattr

from ...errors import NotInStudio, PageblocksError
from ...standoff import Shown
from ...studio import tasks
from ...studio.annotators import Annotators, users_of
from ...studio.answers import annotations_of
from ...studio.export import BATCH, exported
from ...studio.history import (
    AnswerRecord,
    add_record,
    answered_at,
    find_record,
    held_drafts,
    hold_drafts,
    record_key,
)
from ...studio.progress import progress_bar
from ...studio.projects import MARK, MOVING, Project
from ...studio.withheld import remember_shown, shown_to
from ...support.text import counted
from .corpus import MigrationPlan, migrate_annotations
from .suggestions import move_suggestions, moved_regions, suggested
from .undecided import Undecided

ROUNDS = 3  # people may answer meanwhile; what came in during one round is moved in the next
Row = dict[str, Any]


@dataclass
class Relabelled:
    """What is under old labels. `blocks`: old label -> blocks, by annotator; `suggested`, `drafted`: old label ->
    regions.

    `annotations`, `drafts` and `predictions` count those whose labels change, `undecided` lists blocks that people must
    decide. `problems` are lines for the user.
    """

    blocks: dict[str, Counter[str]] = field(default_factory=dict)
    suggested: Counter[str] = field(default_factory=Counter)
    drafted: Counter[str] = field(default_factory=Counter)
    annotations: int = 0
    drafts: int = 0
    predictions: int = 0
    undecided: list[Undecided] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def relabel(
    project: Project,
    plan: MigrationPlan,
    dry_run: bool = False,
    *,
    quiet: bool = False,
    people: Annotators | None = None,
) -> Relabelled:
    """Move a project to the plan's scheme: answers, drafts, suggestions, configuration, instructions.

    `people` knows the annotators' names in the corpus. Everything is read first, and nothing is written when a label
    has no place in the new scheme. Raises UsageError then, and PageblocksError when the project did not become what it
    should.
    """
    report = _look(project, plan, quiet, people=people)
    if dry_run:
        return report
    before = _counts(project)
    if plan.scheme.id not in (project.scheme, project.moving):
        note = f"{MARK}{project.scheme}{MOVING}{plan.scheme.id}"
        project.update(label_config=_both(project, plan), description=note)
    _move(project, plan, report.annotations + report.drafts, quiet=quiet)
    config = plan.scheme.label_studio_config().strip()
    project.update(
        label_config=config, expert_instruction=plan.scheme.instructions(), description=MARK + plan.scheme.id
    )
    moved = replace(project, scheme=plan.scheme.id, names=tuple(plan.scheme.names), moving="")
    _move(moved, plan, quiet=True)  # what was sent from pages that had been opened before
    report.problems += _check(moved, plan, before)
    return report


def _look(project: Project, plan: MigrationPlan, quiet: bool = True, *, people: Annotators | None = None) -> Relabelled:
    report = Relabelled()
    where = f"the project {project.title!r}"
    users = users_of(project.client.get("api/users", "the list of users"))
    names = (people or Annotators()).names(project.client.url, users)
    with progress_bar(quiet) as bar:
        for task in bar.track(_open(project, plan), description=f"Reading {project.title}"):
            old = _old(project, plan, task)
            report.drafted += Counter(label for draft in old["drafts"] for label in _labels(draft["result"]))
            plan.refuse_unknown(report.drafted, f"drafts in {where}")
            answers, _ = annotations_of([old], {}, "", users=names, whole=True)
            moved = migrate_annotations(plan, answers, where)
            for answer in answers:
                report.blocks.setdefault(answer.annotator, Counter()).update(run.label for run in answer.labels)
            report.undecided += moved.undecided
            keys = [key for key, _, _ in _changed(project, plan, task)]
            report.drafts += sum(key.startswith("draft") for key in keys)
            report.annotations += sum(not key.startswith("draft") for key in keys)
    report.suggested, report.predictions = suggested(project, plan)
    plan.refuse_unknown(report.suggested, f"suggestions in {where}")
    return report


def _open(project: Project, plan: MigrationPlan, most: int = BATCH) -> Iterator[Row]:
    """The tasks with answers or drafts under old labels, or drafts off their annotations; `most` in one request."""
    worked = ("total_annotations", "cancelled_annotations", "draft_exists")
    listed = project.tasks("id,meta," + ",".join(worked))
    ids = [row["id"] for row in listed if any(row.get(key) for key in worked) or held_drafts(row)]
    for batch in exported(project, ids, most):
        for task in batch:
            old = _old(project, plan, task)
            if old["annotations"] or old["drafts"] or held_drafts(task):
                yield task


def _old(project: Project, plan: MigrationPlan, task: Row) -> Row:
    """The task with those of its answers and drafts that are under old labels."""
    final = project.scheme == plan.scheme.id  # only what came in too late is left then

    def old(answer: Row) -> bool:
        if final and set(_labels(answer.get("result") or [])) <= set(plan.scheme.names):
            return False
        record = find_record(task, answer)
        return record is None or record.scheme != plan.scheme.id

    return task | {kind: [a for a in task.get(kind) or [] if old(a)] for kind in ("annotations", "drafts")}


def _changed(project: Project, plan: MigrationPlan, task: Row) -> list[tuple[str, Row, Row]]:
    """The answers and drafts of a task that change: what its `meta` calls each, as it is, and as it shall be."""
    old = _old(project, plan, task)
    made = []
    for answer in old["annotations"]:
        result = moved_regions(plan, answer.get("result") or [])
        if not answer.get("was_cancelled"):
            shown = tasks.shown_in(answer) or []
            if any(plan.choices(label)[:1] != (label,) for label in _labels(shown)):
                # The server keeps the suggestion that was shown, under the old labels, and it cannot be changed.
                result += moved_regions(plan, tasks.gaps(answer.get("result") or [], shown, task["data"]))
        if result != answer.get("result"):
            made.append((record_key(answer), answer, answer | {"result": result}))
    for draft in old["drafts"]:
        result = moved_regions(plan, draft.get("result") or [])
        if result != draft.get("result"):
            made.append((record_key(draft, draft=True), draft, draft | {"result": result}))
    return made


def _move(project: Project, plan: MigrationPlan, total: int | None = None, *, quiet: bool) -> None:
    """Answers and drafts, until none is left, and then suggestions."""
    with progress_bar(quiet) as bar:
        step = bar.add_task(f"Moving the answers of {project.title}", total=total)
        for _ in range(ROUNDS):
            # Each task is read right before it is written: what somebody sends later is not overwritten.
            ids = [task["id"] for task in _open(project, plan) if held_drafts(task) or _changed(project, plan, task)]
            for batch in exported(project, ids, 1):
                bar.advance(step, sum(_write(project, plan, task) for task in batch))
            if not ids:
                break
    move_suggestions(project, plan)


def _write(project: Project, plan: MigrationPlan, task: Row) -> int:
    """Write what changes in one task, and how much that was. First what is to be remembered: so no second try moves it
    twice.

    The server deletes the drafts of an annotation that is changed. They are taken off it before and put back after.
    """
    changed = _changed(project, plan, task)
    answers = {new["id"]: new for key, _, new in changed if not key.startswith("draft")}
    drafts = {draft["id"]: draft for draft in task["drafts"]}
    there = {answer["id"] for answer in task["annotations"]}
    kept = {id: of for id, of in held_drafts(task).items() if id in drafts and of in there}
    held = kept | {id: draft["annotation"] for id, draft in drafts.items() if draft["annotation"] in answers}
    bodies: dict[int, Row] = {id: {"annotation": None} for id in held if drafts[id]["annotation"]}
    meta = hold_drafts(task.get("meta"), held)
    for key, old, new in changed:
        meta = add_record(meta, key, new, record=AnswerRecord(answered_at(task, old), plan.scheme.id))
        if not key.startswith("draft") and find_record(task, new) is None:  # else it is remembered in the new labels
            meta = remember_shown(meta, key, _shown(plan, task, old))
        if key.startswith("draft"):
            bodies[new["id"]] = bodies.get(new["id"], {}) | {"result": new["result"]}
    if meta != task.get("meta"):
        _patch(project, task, "tasks", task["id"], {"meta": meta})
    for id, body in bodies.items():
        _patch(project, task, "drafts", id, body)
    for id, new in answers.items():
        _patch(project, task, "annotations", id, {"result": new["result"]})
    for id, of in held.items():
        _patch(project, task, "drafts", id, {"annotation": of})
    if held:
        _patch(project, task, "tasks", task["id"], {"meta": hold_drafts(meta, {})})
    return len(changed)


def _patch(project: Project, task: Row, kind: str, id: int, body: Row) -> None:
    with suppress(NotInStudio):  # submitted or deleted since it was read: the next round finds what became of it
        what = f"task {task['id']} of project {project.id}"
        project.client.request("PATCH", f"api/{kind}/{id}", what=what, body=body)


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
        found["answers"] += (row.get("total_annotations") or 0) + (row.get("cancelled_annotations") or 0)
        found["pages with drafts"] += bool(row.get("draft_exists"))
        found["pages with suggestions"] += bool(row.get("predictions_model_versions"))
    return found


def _check(project: Project, plan: MigrationPlan, before: Mapping[str, int]) -> list[str]:
    """What the user should know. Raises PageblocksError when something is not as it should be."""
    after = _counts(project)
    fewer = {what: f"{after[what]} of {n} {what}" for what, n in before.items() if after[what] < n}
    drafts = fewer.pop("pages with drafts", "")  # they go when people submit them
    if fewer:
        lost = ", ".join(fewer.values())
        raise PageblocksError(f"the project {project.title!r} has only {lost} left: is somebody deleting them?")
    left = _look(project, plan)
    if left.annotations or left.drafts or left.predictions:
        raise PageblocksError(
            f"the project {project.title!r} got {counted(left.annotations, 'answer')}, "
            f"{counted(left.drafts, 'draft')} and"
            f" {counted(left.predictions, 'suggestion')} with old labels meanwhile; run the migration again"
        )
    return [f"{project.title}: {drafts} are left; people submitted the others meanwhile"] if drafts else []

"""A project rebuilt from its backup, on this server or another one.

Each task remembers in its `meta` which line of which backup it is: a restore that broke off, or runs again, imports
what is not there yet. A batch of tasks comes in whole, with its suggestions and answers, or not at all.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadInput, PageblocksError, UsageError
from ..support.text import counted
from .annotators import DOMAIN
from .archive import Backup
from .client import Client
from .history import KEY, AnswerRecord, add_record, imported_key, remember_suggester
from .progress import progress_bar
from .projects import MARK, Project, find_project, tidy_view
from .sync import BATCH, batches
from .tasks import PARAGRAPH
from .withheld import remember_shown

GONE = f"deleted-user@{DOMAIN}"  # the author of answers whose users were deleted
_SAFE = re.compile(rf'<div class="blks">(?:{PARAGRAPH})*</div>')
_NOTE = "restored from backup"
Row = dict[str, Any]


@dataclass
class Restored:
    """What a restore did, in tasks. `problems` are lines for the user: what the server does not allow to restore."""

    project: Project | None
    sent: int = 0
    present: int = 0
    problems: list[str] = field(default_factory=list)


def restore(
    client: Client, saved: Backup, title: str | None = None, *, dry_run: bool = False, quiet: bool = False
) -> Restored:
    """Rebuild the project of a backup under `title` (its own when not given); finishes what broke off, and may be
    repeated.

    People are found by e-mail, or made without a password. Raises UsageError when another project has the title,
    BadInput when the backup holds markup where pages' text should be, PageblocksError when the project does not have in
    the end what the backup has.
    """
    title = title or saved.title
    if not 3 <= len(title) <= 50:
        raise UsageError(f"the title {title!r} has {counted(len(title), 'character')}; Label Studio allows 3 to 50")
    drafts = _check(saved, client.user)  # all of the backup is read once before anything is sent
    found = find_project(client, title)
    if found is not None and not str(found.settings().get("description") or "").endswith(f"({_NOTE} {saved.id})"):
        raise UsageError(f"{client.url} has a project {title!r} that is not of this backup; give another title")
    there = _there(found, saved) if found else {}
    report = Restored(found, saved.counts["tasks"] - len(there), len(there))
    if drafts:
        report.problems.append(
            f"{counted(drafts, 'draft')} not restored: in the Community edition only the author can save a draft"
        )
    if dry_run:
        return report
    project = report.project = found or _make(client, saved, title)
    users = _people(client, saved)
    with progress_bar(quiet) as bar:
        step = bar.add_task(f"Restoring {title}", total=saved.counts["tasks"])
        for batch in batches(enumerate(saved.tasks()), BATCH):
            missing = {number: row for number, row in batch.items() if number not in there}
            if missing:
                body = [_item(saved, number, row, users=users) for number, row in missing.items()]
                what = f"import {counted(len(body), 'page')} into project {project.id}"
                client.request("POST", f"api/projects/{project.id}/import", what=what, body=body)
            bar.advance(step, len(batch))
    _finish(project, saved, users)
    return report


def _check(saved: Backup, own: str) -> int:
    """How many drafts cannot be put back. Raises BadInput for a backup that should not be restored."""
    drafts = 0
    known = {"", *(str(person.get("email")) for person in saved.people)}
    for number, row in enumerate(saved.tasks(), 1):
        if not isinstance(row.get("data"), dict) or not isinstance(row["data"].get("html"), str):
            raise BadInput(f"{saved.path}: task {number} holds no page: not a project of pageblocks")
        if not _SAFE.fullmatch(row["data"]["html"]):
            raise BadInput(f"{saved.path}: task {number} holds other markup than pageblocks writes; nothing was sent")
        try:
            whole = {answer["by"] for answer in (*row["annotations"], *row["drafts"])} <= known
            drafts += sum(draft["by"] != own or bool(draft["annotation"]) for draft in row["drafts"])
        except (KeyError, TypeError):
            whole = False
        if not whole or not {"meta", "overlap", "allow_skip", "predictions"} <= row.keys():
            raise BadInput(f"{saved.path}: task {number} is not whole; make the backup again")
    return drafts


def _make(client: Client, saved: Backup, title: str) -> Project:
    description = f"{saved.settings.get('description') or ''} ({_NOTE} {saved.id})".strip()
    body = saved.settings | {"title": title, "description": description}
    made = client.request("POST", "api/projects", what=f"make the project {title!r}", body=body)
    tidy_view(client, int(made["id"]))
    project = find_project(client, int(made["id"]))
    if project is None:
        raise PageblocksError(f"the project {title!r} was deleted while it was created; repeat the command")
    return project


def _people(client: Client, saved: Backup) -> dict[str, int]:
    """E-mail -> user id, of all who answered; missing users are created. "" stands for all deleted users."""
    answers = client.get("api/users", "the list of users")
    rows = answers["results"] if isinstance(answers, dict) else answers
    known = {str(user.get("email") or "").lower(): int(user["id"]) for user in rows}
    users = {}
    nobody = {"email": GONE, "first_name": "", "last_name": ""}
    deleted = any(not answer["by"] for row in saved.tasks() for answer in row["annotations"])
    for person in [*saved.people, *([nobody] if deleted else [])]:
        email = str(person["email"])
        if email.lower() not in known:
            body = {**person, "username": email.split("@")[0]}
            made = client.request("POST", "api/users", what=f"make the user {email}", body=body)
            known[email.lower()] = int(made["id"])
        users["" if email == GONE else email] = known[email.lower()]
    return users


def _there(project: Project, saved: Backup) -> dict[int, Row]:
    """The lines of the backup that are in the project already, with their task's row."""
    found: dict[int, Row] = {}
    for row in project.tasks("id,meta,overlap,draft_exists"):
        own = row["meta"].get(KEY) if isinstance(row.get("meta"), dict) else None
        name, _, number = str((own or {}).get("restored", "")).partition(":")
        if name == saved.id and number.isdigit():
            found[int(number)] = row
    return found


def _item(saved: Backup, number: int, row: Row, *, users: dict[str, int]) -> Row:
    """A task as the server imports it. It sets the times of answers itself, so `meta` remembers them."""
    own = {"restored": f"{saved.id}:{number}"} | ({"withheld": row["withheld"]} if row.get("withheld") else {})
    meta = row["meta"] | {KEY: own}
    scheme = str(saved.settings.get("description") or "").removeprefix(MARK).partition(" ")[0]
    answers = []
    for answer in row["annotations"]:
        meta = add_record(
            meta, imported_key(answer["id"]), answer, record=AnswerRecord(str(answer["at"] or ""), scheme)
        )
        meta = remember_suggester(meta, imported_key(answer["id"]), str(answer.get("suggested_by") or ""))
        meta = remember_shown(meta, imported_key(answer["id"]), answer.get("shown") or [])
        kept = {key: answer[key] for key in ("id", "lead_time", "was_cancelled", "ground_truth", "result")}
        answers.append(kept | {"completed_by": users[answer["by"]]})
    item = {"data": row["data"], "meta": meta, "allow_skip": row["allow_skip"]}
    return item | {"predictions": row["predictions"], "annotations": answers}


def _finish(project: Project, saved: Backup, users: dict[str, int]) -> None:
    """What an import cannot say: how many people a page is for, own drafts, the model that is shown. Then all is
    counted.
    """
    there = _there(project, saved)
    own = project.client.user
    for number, row in enumerate(saved.tasks()):
        task = there.get(number)
        if task is None:
            continue  # reported below
        if task.get("overlap") != row["overlap"]:
            what = f"readers of task {task['id']}"
            project.client.request("PATCH", f"api/tasks/{task['id']}", what=what, body={"overlap": row["overlap"]})
        for draft in row["drafts"]:
            if draft["by"] == own and not draft["annotation"] and not task.get("draft_exists"):
                body = {"result": draft["result"], "lead_time": draft["lead_time"] or 0}
                project.client.request(
                    "POST", f"api/tasks/{task['id']}/drafts", what=f"draft of task {task['id']}", body=body
                )
    if saved.model_version and project.settings().get("model_version") != saved.model_version:
        project.update(model_version=saved.model_version)
    counts: Counter[str] = Counter(tasks=len(there))
    for row in project.tasks("id,total_annotations,cancelled_annotations,total_predictions"):
        counts["skipped"] += row.get("cancelled_annotations") or 0
        counts["annotations"] += (row.get("total_annotations") or 0) + (row.get("cancelled_annotations") or 0)
        counts["predictions"] += row.get("total_predictions") or 0
    fewer = [
        f"{counts[what]} of {n} {what}" for what, n in saved.counts.items() if what != "drafts" and counts[what] < n
    ]
    if fewer:
        raise PageblocksError(f"the project {project.title!r} has only {', '.join(fewer)}; repeat the command")

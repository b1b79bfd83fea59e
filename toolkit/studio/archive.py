"""A project as one file, from which it can be rebuilt on another server.

A zip with three members, read in place and never unpacked: project.json (configuration, instructions, settings,
counts), people.jsonl (who answered, by e-mail) and tasks.jsonl (a line per task: data, suggestions, answers, drafts).
Page text is in it, passwords and tokens are not.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ..errors import BadInput, PageblocksError
from ..support.dump import to_json, to_readable_json
from ..support.endings import refuse_ending
from ..support.files import atomic
from ..support.overwrite import refuse_to_overwrite
from ..support.text import counted
from . import tasks
from .export import BATCH, exported
from .history import KEY, answered_at, own_part, suggester
from .progress import progress_bar
from .projects import Project
from .withheld import shown_to

FORMAT = 1
MEMBERS = ("project.json", "people.jsonl", "tasks.jsonl")
SETTINGS = (
    "label_config", "expert_instruction", "show_instruction", "show_skip_button", "enable_empty_annotation",
    "description",
    "color", "show_annotation_history", "maximum_annotations", "show_collab_predictions", "sampling",
    "show_ground_truth_first",
    "show_overlap_first", "overlap_cohort_percentage", "reveal_preannotations_interactively", "skip_queue",
)  # fmt: skip
_NAMES = {
    "tasks": "task",
    "annotations": "annotation",
    "predictions": "prediction",
    "drafts": "draft",
}  # of what is counted
_HEAD = 1 << 24  # bytes; a zip of a few kilobytes can hold gigabytes
Row = dict[str, Any]


@dataclass(frozen=True)
class Backup:
    """An opened backup. `id` names its content, `counts` says how much of what is in it."""

    path: Path
    id: str
    title: str
    settings: Row
    model_version: str
    counts: dict[str, int]
    people: list[Row]

    @property
    def summary(self) -> str:
        """`1 task, 2 annotations, 0 skipped, ...`"""
        return ", ".join(
            counted(n, _NAMES[what]) if what in _NAMES else f"{n:,} {what}" for what, n in self.counts.items()
        )

    def tasks(self) -> Iterator[Row]:
        """The tasks, one after the other. Raises BadInput for what is damaged."""
        with _opened(self.path) as archive, archive.open("tasks.jsonl") as lines:
            yield from _objects(self.path, "tasks.jsonl", lines)


def backup(project: Project, out: Path | str, force: bool = False, *, quiet: bool = False) -> Backup:
    """Write a whole project to the file `out`, atomically.

    Raises AlreadyExists if `out` exists (unless `force`), PageblocksError if tasks are deleted meanwhile.
    """
    out = Path(out)
    refuse_ending(out, "zip")
    refuse_to_overwrite(out, force)
    users = project.client.get("api/users", "the list of users")
    people = {int(user["id"]): user for user in (users["results"] if isinstance(users, dict) else users)}
    settings = project.settings()
    counts: Counter[str] = Counter(dict.fromkeys(("tasks", "annotations", "skipped", "predictions", "drafts"), 0))
    digest = hashlib.sha256()
    seen: set[str] = set()

    def lines() -> Iterator[bytes]:
        for row in _tasks(project, people, quiet):
            counts["tasks"] += 1
            counts["annotations"] += len(row["annotations"])
            counts["skipped"] += sum(a["was_cancelled"] for a in row["annotations"])
            counts["predictions"] += len(row["predictions"])
            counts["drafts"] += len(row["drafts"])
            seen.update(one["by"] for one in (*row["annotations"], *row["drafts"]) if one["by"])
            line = (to_json(row) + "\n").encode()
            digest.update(line)
            yield line

    with _written(out) as archive:
        with archive.open("tasks.jsonl", "w", force_zip64=True) as f:
            for line in lines():
                f.write(line)
        kept = [user for user in people.values() if user.get("email") in seen]
        named = [{key: str(user.get(key) or "") for key in ("email", "first_name", "last_name")} for user in kept]
        archive.writestr("people.jsonl", "".join(to_json(row) + "\n" for row in named))
        head = {
            "format": FORMAT,
            "id": digest.hexdigest()[:16],
            "title": project.title,
            "model_version": str(settings.get("model_version") or ""),
            "settings": {key: settings[key] for key in SETTINGS if settings.get(key) is not None},
            "counts": dict(counts),
        }
        archive.writestr("project.json", to_readable_json(head))
    return read_backup(out)


def read_backup(path: Path | str) -> Backup:
    """Open a backup. Raises BadInput when it is none, of a later format, or damaged."""
    path = Path(path)
    with _opened(path) as archive:
        try:
            if archive.getinfo("project.json").file_size > _HEAD:
                raise BadInput(f"{path}: its project.json is larger than any that pageblocks writes")
            head = json.loads(archive.read("project.json"))
            if head["format"] > FORMAT:
                raise BadInput(f"{path}: made by a newer pageblocks (format {head['format']}); update pageblocks")
            with archive.open("people.jsonl") as lines:
                people = list(_objects(path, "people.jsonl", lines))
            counts = {str(key): int(n) for key, n in head["counts"].items()}
            settings = {key: head["settings"][key] for key in SETTINGS if key in head["settings"]}
            return Backup(
                path, str(head["id"]), str(head["title"]), settings, str(head["model_version"]), counts, people
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(f"{path}: its project.json is damaged ({error}); make the backup again") from error


def _tasks(project: Project, people: dict[int, Row], quiet: bool) -> Iterator[Row]:
    """A line for each task; in the order of the project."""
    ids = {row["id"] for row in project.tasks("id")}
    with progress_bar(quiet) as bar:
        step = bar.add_task(f"Reading {project.title}", total=len(ids))
        listed = project.tasks("id,overlap,predictions")
        while batch := {row["id"]: row for row in islice(listed, BATCH)}:
            for rows in exported(project, list(batch)):
                for task in sorted(rows, key=lambda row: int(row["id"])):
                    ids.discard(task["id"])
                    yield _line(task, batch[task["id"]], people)
            bar.advance(step, len(batch))
    if ids:  # the list shifts when something is deleted
        raise PageblocksError(f"tasks of project {project.id} were deleted during the backup; make it again")


def _line(task: Row, listed: Row, people: dict[int, Row]) -> Row:
    meta = task.get("meta")
    if isinstance(meta, dict):
        meta = {key: value for key, value in meta.items() if key != KEY}
    emails = {str(user["email"]) for user in people.values()}
    return {
        "data": task["data"],
        "meta": meta or {},
        "withheld": own_part(task).get("withheld"),
        "overlap": int(listed.get("overlap") or 1),
        "allow_skip": task.get("allow_skip") is not False,
        "predictions": [
            {"model_version": p.get("model_version") or "", "score": p.get("score"), "result": p.get("result") or []}
            for p in sorted(listed.get("predictions") or [], key=lambda p: int(p["id"]))
        ],
        "annotations": [
            {
                "id": a["id"],
                "by": str(
                    people.get(int(a.get("completed_by") or 0), {}).get("email") or ""
                ),  # "": the user was deleted
                "at": answered_at(task, a),
                "created_at": a.get("created_at"),
                "lead_time": a.get("lead_time"),
                "was_cancelled": bool(a.get("was_cancelled")),
                "ground_truth": bool(a.get("ground_truth")),
                "suggested_by": suggester(task, a),
                "shown": _shown(task, a),
                "result": _whole(a, task["data"]),
            }
            for a in sorted(task.get("annotations") or [], key=lambda a: int(a["id"]))
        ],
        "drafts": [
            {
                "by": str(d.get("user") or "") if str(d.get("user") or "") in emails else "",
                "at": d.get("updated_at"),
                "annotation": d.get("annotation"),
                "lead_time": d.get("lead_time"),
                "result": d.get("result") or [],
            }
            for d in task.get("drafts") or []
        ],
    }


def _shown(task: Row, answer: Row) -> list[list[Any] | None]:
    lengths = [tasks.utf16(text) for text in tasks.texts_of(task["data"])]
    shown, _, _ = shown_to(task, answer, [None] * len(lengths), lengths=lengths)
    return [one and list(one) for one in shown] if any(shown) else []


def _whole(answer: Row, data: Row) -> list[Row]:
    """An answer's regions, and where it left blocks out those of the suggestion that was shown, which no server takes
    back.
    """
    result: list[Row] = list(answer.get("result") or [])
    shown = tasks.shown_in(answer)
    return result if answer.get("was_cancelled") or not shown else result + tasks.gaps(result, shown, data)


@contextlib.contextmanager
def _written(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip that takes the place of `path` when it is whole, and leaves nothing otherwise."""
    # Readable by its owner alone: e-mail addresses and page text are in it.
    with atomic(path, private=True) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        yield archive


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            lacking = set(MEMBERS) - set(archive.namelist())
            if lacking:
                raise BadInput(f"{path}: no backup of a project (it has no {', '.join(sorted(lacking))})")
            yield archive
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError) as error:
        raise BadInput(f"{path}: no backup, or a damaged one ({error})") from error


def _objects(path: Path, name: str, lines: Iterable[bytes] | IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line.decode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise BadInput(f"{path}: line {number} of {name} is damaged ({error})") from error
        if not isinstance(row, dict):
            raise BadInput(f"{path}: line {number} of {name} is not an object")
        yield row

"""Label Studio's own JSON: tasks with data, annotations and predictions, to be imported into any project by hand."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..standoff import GOLD, Annotation, attach
from ..studio import tasks
from ..studio.annotators import Annotators, key_of, user_of
from ..studio.answers import annotations_of
from ..studio.history import remember_suggester
from ..support.text import counted
from .rows import LabelledPage


def task_of(
    page: LabelledPage,
    annotations: Sequence[Annotation] = (),
    suggested: tuple[list[str], list[float], str] | None = None,
) -> dict[str, Any]:
    """The task of a page with its gold (`ground_truth`) and the annotations of people; `suggested`: labels, scores,
    model.

    A server attributes the annotations to the user who imports the file. `meta.annotators` keeps the annotators' names
    for `import`.
    """
    blocks = page.blocks
    labels, scores, version = suggested or (None, None, "none")
    made: dict[str, Any] = tasks.task(blocks, labels, scores, model_version=version)
    if suggested is None:
        made["predictions"] = []
    texts = [tasks.clean(text) for text in blocks.text]
    names: dict[str, str] = {}
    reviews = []
    meta: dict[str, Any] = {}
    made["annotations"] = []
    for annotation in [*([page.gold] if page.gold else []), *annotations]:
        key = f"{annotation.sha256}:{annotation.page}:{annotation.annotator}:{annotation.created_at}"
        key += ":review" if annotation.review else ""
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, key))
        names[id] = annotation.annotator
        meta = remember_suggester(meta, id, annotation.suggested_by)
        if annotation.review:
            reviews.append(id)
        skipped = annotation.state == "skipped"
        made["annotations"].append(
            {
                "unique_id": id,
                "result": [] if skipped else tasks.regions(texts, attach(blocks, annotation)),
                "ground_truth": annotation.annotator == GOLD,
                "was_cancelled": skipped,
                "created_at": annotation.created_at,
                "updated_at": annotation.created_at,
            }
        )
    made["meta"] = {"annotators": names, "format": blocks.page.format} | meta
    if reviews:
        made["meta"]["reviews"] = reviews
    return made


def read_tasks(path: Path) -> list[dict[str, Any]]:
    """The tasks of an export by Label Studio or pageblocks."""
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read as JSON ({error}); export the project as JSON, not JSON-MIN") from error
    if not isinstance(found, list) or not all(
        isinstance(item, dict) and isinstance(item.get("data"), dict) for item in found
    ):
        raise BadInput(f"{path}: not a list of tasks; export the project as JSON, not JSON-MIN or CSV")
    return found


def one_version(found: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """The tasks without those that show a page in other blocks than its first task does; what was odd, one line a page.

    A page has several tasks where a file was imported again. Their answers are read as answers to one page.
    """
    first: dict[str, Any] = {}
    kept: list[dict[str, Any]] = []
    again: Counter[str] = Counter()
    others: dict[str, list[int]] = {}
    for item in found:
        id = str(item["data"].get("external_id", ""))
        if not id or id not in first:
            first[id] = item["data"].get("blocks")
            kept.append(item)
        elif item["data"].get("blocks") == first[id]:
            again[id] += 1
            kept.append(item)
        else:
            others.setdefault(id, []).append(len(item.get("annotations") or []))
    odd = [
        f"page {id!r} has {n + 1} tasks; they are read as one, and of a person's answers the last counts"
        for id, n in again.items()
    ]
    for id, answers in others.items():
        tasks_, lost = counted(len(answers), "task", "has"), counted(sum(answers), "annotation")
        odd.append(
            f"page {id!r}: {tasks_} other blocks than the first one, left out with {lost}; export that version by "
            "itself"
        )
    return kept, odd


def answers_of(
    found: Sequence[Mapping[str, Any]], scheme: str, names: Sequence[str] | None = None
) -> tuple[list[Annotation], list[str]]:
    """The annotations in an export, those marked as ground truth under the name of the gold; and what was odd.

    Where `names` of labels are given, other labels are reported and leave their blocks without a label.
    """
    annotators: dict[str, str] = {}
    people: dict[str, int] = {}
    for item in found:
        for answer in item.get("annotations") or []:
            if isinstance(who := answer.get("completed_by"), dict) and who.get("email"):
                people.setdefault(str(who["email"]).lower(), user_of(answer))
    # Two people may share a local part; without an id the order in the file gives one.
    numbers = {email: id or -k for k, (email, id) in enumerate(people.items(), 1)}
    names_of = Annotators().names("", [{"id": id, "email": email} for email, id in numbers.items()])
    for item in found:
        meta = item.get("meta")
        said = meta.get("annotators") if isinstance(meta, dict) else None
        for answer in item.get("annotations") or []:
            key = key_of(item, answer)
            if answer.get("ground_truth"):
                annotators[key] = GOLD
            elif isinstance(said, dict) and isinstance(said.get(key), str):
                annotators[key] = said[key]
            elif isinstance(who := answer.get("completed_by"), dict) and who.get("email"):
                annotators[key] = names_of[numbers[str(who["email"]).lower()]]
    return annotations_of(found, annotators, scheme, names=names)

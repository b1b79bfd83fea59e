"""When an answer was given, where the server would say when it was last written.

The server sets the time of an annotation itself. After labels were renamed, or a project was rebuilt elsewhere, that is
the time of the machinery, and of one person's answers the latest counts. So the task's `meta` remembers the time, by
the content of the answer: an answer that is changed afterwards is a new one, with the server's time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BadInput
from . import tasks

KEY = "pageblocks"
NO_MODEL, REVIEW = (
    "none",
    "review-",
)  # versions of what is shown where no model suggests: a default label, labels of people


@dataclass(frozen=True)
class AnswerRecord:
    """What is remembered of an answer: when it was given (as the server wrote it), and its present scheme."""

    at: str
    scheme: str = ""


def find_record(task: Mapping[str, Any], answer: Mapping[str, Any]) -> AnswerRecord | None:
    """What `task` (its `meta` is looked at) remembers of this very answer, an annotation or a draft; None for
    nothing.
    """
    answers = _answers(task)
    for key in _keys(answer):
        found = answers.get(key, {})
        row = found.get(hash_answer(answer)) if isinstance(found, dict) else None
        if isinstance(row, list) and len(row) == 2:
            return AnswerRecord(str(row[0]), str(row[1]))
    return None


def answered_at(task: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """When the answer was given, in the server's form; "" where that is unknown."""
    record = find_record(task, answer)
    return record.at if record else str(answer.get("updated_at") or answer.get("created_at") or "")


def add_record(meta: Any, key: str, answer: Mapping[str, Any], *, record: AnswerRecord) -> dict[str, Any]:
    """A task's `meta` that also remembers `record` of the answer; what it holds already stays. See `key_of`."""
    answers = _answers({"meta": meta})
    row = {**answers.get(key, {}), hash_answer(answer): [record.at, record.scheme]}
    return remember(meta, {"answers": answers | {key: row}})


def own_part(task: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a task's `meta` that pageblocks writes."""
    meta = task.get("meta")
    own = meta.get(KEY) if isinstance(meta, dict) else None
    return own if isinstance(own, dict) else {}


def remember(meta: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A task's `meta` that also remembers `facts`; other ones that it holds stay."""
    if meta and not isinstance(meta, dict):
        raise BadInput("a task's meta is not an object; give a project that pageblocks made")
    return dict(meta or {}) | {KEY: {**own_part({"meta": meta}), **facts}}


def recall(task: Mapping[str, Any], answer: Mapping[str, Any], name: str) -> Any:
    """What the task's `meta` remembers of an answer under a name; None for nothing."""
    facts = own_part(task).get(name)
    keys = (str(answer.get("unique_id") or ""), *_keys(answer))
    return next((facts[key] for key in keys if key in facts), None) if isinstance(facts, dict) else None


def suggester(task: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The version of the model whose suggestions the annotation was made from, "" where none was shown: from the
    server, or from the task's `meta`.
    """
    known = recall(task, answer, "suggested_by")
    if isinstance(known, str):
        return known
    shown = answer.get("prediction")
    if isinstance(shown, dict) and not any(tasks.labels_in(region) for region in tasks.regions_in(shown)):
        return ""  # blocks without a label
    version = str(shown.get("model_version") or "") if isinstance(shown, dict) else ""
    version = version.partition("+")[0].strip().replace(",", ";")  # after "+": the scheme that it was moved to
    return "" if version == NO_MODEL or version.startswith(REVIEW) else version


def remember_suggester(meta: Any, key: str, version: str) -> dict[str, Any]:
    """A task's `meta` that also remembers which model's suggestions an annotation was made from. A server forgets it at
    an import.
    """
    if not version:
        return dict(meta or {})
    return remember(meta, {"suggested_by": {**(own_part({"meta": meta}).get("suggested_by") or {}), key: version}})


def held_drafts(task: Mapping[str, Any]) -> dict[int, int]:
    """The drafts of a task that a migration took off their annotations, which it puts them back to: draft ->
    annotation.
    """
    held = own_part(task).get("held")
    pairs = held.items() if isinstance(held, dict) else ()
    return {int(draft): id for draft, id in pairs if str(draft).isdigit() and isinstance(id, int)}


def hold_drafts(meta: Any, held: Mapping[int, int]) -> dict[str, Any]:
    """A task's `meta` that remembers these drafts (see `held_drafts`) and no others."""
    made = remember(meta, {"held": {str(draft): id for draft, id in held.items()}})
    if not held:
        del made[KEY]["held"]
    return made


def record_key(answer: Mapping[str, Any], draft: bool = False) -> str:
    """How a task's `meta` names an annotation, or an existing draft of it."""
    return f"{'draft' if draft else 'id'}:{answer['id']}"


def imported_key(id: object) -> str:
    """How it calls an annotation that is imported now, by the `id` that it had and keeps as `import_id`."""
    return f"import:{id}"


def hash_answer(answer: Mapping[str, Any]) -> str:
    """Of what was answered: the regions, or that the page was skipped."""
    said = [bool(answer.get("was_cancelled")), answer.get("result") or []]
    return hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=8).hexdigest()


def _keys(answer: Mapping[str, Any]) -> list[str]:
    keys = [record_key(answer), record_key(answer, draft=True)] if answer.get("id") else []
    return keys + ([imported_key(answer["import_id"])] if answer.get("import_id") else [])


def _answers(task: Mapping[str, Any]) -> dict[str, Any]:
    answers = own_part(task).get("answers")
    return answers if isinstance(answers, dict) else {}

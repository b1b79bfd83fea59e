"""How many suggestions annotators left as they were, from the exports of Label Studio that `pull` keeps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..studio import tasks
from ..studio.history import suggester
from .task_links import kept_tasks


@dataclass(frozen=True)
class TakenOver:
    """Answers made from suggestions, and how many left all as it was; suggested labels, and how many were left."""

    answers: int = 0
    untouched: int = 0
    blocks: int = 0
    unchanged: int = 0


def count_taken_over(corpus: Path | str, pages: Collection[str]) -> TakenOver:
    """Count what the people who labelled `pages` of a corpus left as a model suggested it.

    An export that cannot be read is skipped.
    """
    answers = untouched = blocks = unchanged = 0
    for _, task in kept_tasks(corpus):
        if str(task["data"].get("external_id")) not in pages:
            continue
        for answer in task.get("annotations") or ():
            kept = _labels(task, answer)
            if kept is None:
                continue
            same = sum(x == y for x, y in kept)
            answers, blocks, unchanged = answers + 1, blocks + len(kept), unchanged + same
            untouched += same == len(kept)
    return TakenOver(answers, untouched, blocks, unchanged)


def _labels(task: dict[str, Any], answer: Any) -> list[tuple[str | None, str | None]] | None:
    """For each suggested block the label that was given and the one that was suggested; None without suggestions."""
    if not isinstance(answer, dict) or answer.get("was_cancelled") or not suggester(task, answer):
        return None
    shown, result = (answer.get("prediction") or {}).get("result"), answer.get("result")
    try:
        lengths = [tasks.utf16(text) for text in tasks.blocks_of(task["data"]).text]
    except BadInput:
        return None
    if not isinstance(shown, list) or not isinstance(result, list):
        return None
    given, _ = tasks.labels_of(result, len(lengths), shown, lengths=lengths)
    if not tasks.is_corrected(result, shown, given, lengths=lengths):
        return None  # the server notes the suggestion that stood beside labels from elsewhere
    suggested, _ = tasks.labels_of(shown, len(lengths), lengths=lengths)
    return [(x, y) for x, y in zip(given, suggested, strict=True) if y is not None]

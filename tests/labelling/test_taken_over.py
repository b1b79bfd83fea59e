"""How many suggestions people left as they were, from exports as `pull` keeps them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toolkit.checks.gold import check_suggestions
from toolkit.labelling.taken_over import TakenOver, count_taken_over
from toolkit.model.seen import Seen
from toolkit.page import Blocks
from toolkit.studio import tasks

A, S = "article", "sidebar"


def answer(blocks: Blocks, shown: list[str], given: list[str], *, origin: str = "") -> dict[str, Any]:
    """An exported task with one answer: regions that stay keep their origin, others are changed suggestions."""
    made = tasks.task(blocks, shown, model_version="blocks-1")
    result = tasks.regions(blocks.text, given)
    for region, old, new in zip(result, shown, given, strict=True):
        region["origin"] = origin or ("prediction" if old == new else "prediction-changed")
    return {"data": made["data"], "annotations": [{"id": 1, "result": result, "prediction": made["predictions"][0]}]}


def test_suggestions_that_nobody_changed_are_counted(page_of: Callable[..., Blocks], tmp_path: Path) -> None:
    pages = [page_of(f"p{i}", "<p>One<p>Two<p>Three<p>Four") for i in range(4)]
    rows = [
        answer(pages[0], [A, A, S, S], [A, A, S, S]),
        answer(pages[1], [A, A, S, S], [A, S, S, S]),
        answer(pages[2], [A] * 4, [A] * 4, origin="manual"),  # labels from elsewhere beside the suggestion
        answer(pages[3], [A] * 4, [A] * 4),
    ]
    exported = [row | {"id": 10 + i} for i, row in enumerate(rows)]
    (tmp_path / "studio/raw").mkdir(parents=True)
    (tmp_path / "studio/raw/one.json.gz").write_bytes(gzip.compress(json.dumps(exported).encode()))
    state = {
        "source": "http://127.0.0.1:8080#3",
        "tasks": {str(row["id"]): {"file": "one.json.gz"} for row in exported},
    }
    (tmp_path / "studio/state.json").write_text(json.dumps(state))
    found = count_taken_over(tmp_path, {"p0", "p1", "p2"})
    assert found == TakenOver(answers=2, untouched=1, blocks=8, unchanged=7)
    assert count_taken_over(tmp_path, {"p2"}) == count_taken_over(tmp_path / "elsewhere", {"p0"}) == TakenOver()
    told = check_suggestions(Seen(3, 0, 0, 0, 0, corrected={"blocks-1": 2}, own=("blocks-1",)), found, True).found
    assert told.endswith("Of 8 suggested labels, 88% were left unchanged; on 1 of 2 pages all of them.")

"""Fuzz what Label Studio sends: python tests/fuzz/payloads.py [--seconds 200] [--seed 0]

Exported tasks with values left out, swapped and of other kinds. They must give annotations that can be written and read
again, with lines on what was odd, or one error of one line. Run it at low priority: nice -n 19 python
tests/fuzz/payloads.py
"""

from __future__ import annotations

import copy
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from common import one_line, run

from toolkit.errors import PageblocksError
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import read_annotations, write_annotations
from toolkit.studio import tasks
from toolkit.studio.answers import annotations_of

FOLDER = Path(tempfile.mkdtemp(prefix="pageblocks-fuzz-"))
NAMES = ["article", "form", "sidebar"]
BLOCKS = segment(
    Page(
        "p1", "", "<h1>Head 🧀</h1><p>One story.</p><p>Two</p><button>Send</button>".encode(), url="https://a.example/"
    )
)
ODD: list[Any] = [
    None, True, False, -1, 0, 1, 3, 10**20, 1.5, float("nan"), "", "0", "1", "/p[1]/text()[1]", "x" * 300, "\ud800",
    "a\nb",
    [], {}, [None], [[]], ["article"], ["article", "form"], {"a": 1}, {"id": "x"}, "2026-13-45T99:00:00Z",
    "../../etc/passwd",
]  # fmt: skip


def export() -> dict[str, Any]:
    item = tasks.task(
        BLOCKS, ["article", "article", "sidebar", "form"], [0.9, 0.8, 0.7, 0.6], model_version="m1", default="sidebar"
    )
    labels: list[list[str | None]] = [["article", "form", None, "form"], ["article"] * 4]
    answers = [
        {
            "id": k, "unique_id": f"u{k}", "completed_by": k + 1, "was_cancelled": False, "updated_by": k + 1,
            "created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:01.000000Z", "lead_time": 1.5,
            "prediction": item["predictions"][0], "result": tasks.regions(BLOCKS.text, label),
        }
        for k, label in enumerate(labels)
    ]  # fmt: skip
    return {"id": 7, **item, "annotations": answers}


TASK = export()


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below."""
    found: list[tuple[Any, Any]] = []
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found += [(value, key), *places(value[key])]
    return found


def changed(chance: random.Random, payload: Any) -> Any:
    """A copy, with one to five of its values others."""
    out = copy.deepcopy(payload)
    for _ in range(chance.choice((1, 1, 2, 5))):
        found = places(out)
        if not found:
            break
        container, key = chance.choice(found)
        what = chance.random()
        if what < 0.6:
            container[key] = copy.deepcopy(chance.choice(ODD))
        elif what < 0.75:
            del container[key]
        elif what < 0.9:
            other, place = chance.choice(found)
            container[key] = copy.deepcopy(other[place])
        elif isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
    return out


def check(chance: random.Random) -> str:
    payload = changed(chance, [TASK, TASK])
    try:
        annotations, problems = annotations_of(payload, {"u0": "anna", "u1": "bela"}, "web-page@1", names=NAMES)
    except PageblocksError as error:
        return one_line(error)
    assert all("\n" not in line for line in problems), "a problem of two lines"
    write_annotations(FOLDER / "a.jsonl", annotations)
    assert read_annotations(FOLDER / "a.jsonl") == annotations, "not what was written"
    for annotation in annotations:
        assert {run.label for run in annotation.labels} <= set(NAMES), "a label that is none"
    return "taken, with lines" if problems else "taken"


if __name__ == "__main__":
    sys.exit(run(__doc__, check))

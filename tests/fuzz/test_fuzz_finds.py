"""What the fuzzers in tests/fuzz found, and the fuzzers themselves for a moment."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit import BlockClassifier, load
from toolkit.errors import PageblocksError
from toolkit.page import Blocks
from toolkit.readers import read_pages
from toolkit.studio import tasks
from toolkit.studio.answers import annotations_of
from toolkit.support.files import read_jsonl, write_jsonl

Arrays = dict[str, Any]


def test_headers_that_run_over_lines_make_errors_of_one_line(tmp_path: Path) -> None:
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\n Content-Type: x\r\n"
    (tmp_path / "a.warc").write_bytes(head + b"Content-Length: 900\r\n\r\nx")
    errors: list[str] = []
    assert list(read_pages([tmp_path / "a.warc"], lambda error: errors.append(str(error)))) == []
    assert len(errors) == 1
    assert "\n" not in errors[0]


def test_an_error_is_one_line_whatever_it_quotes() -> None:
    assert str(PageblocksError("a.warc: Unsupported Transfer-Encoding: ch\nnked;\r\n left  out")) == (
        "a.warc: Unsupported Transfer-Encoding: ch nked; left  out"
    )


def test_half_a_surrogate_pair_in_a_row_is_read_again(tmp_path: Path) -> None:
    rows = [{"id": "\ud800", "text": "é"}, {"id": "🧀"}]
    write_jsonl(tmp_path / "a.jsonl", rows)
    assert list(read_jsonl(tmp_path / "a.jsonl")) == rows
    assert (tmp_path / "a.jsonl").read_text("utf-8").count("\n") == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays, facts: arrays.update({"html/wide/mean": arrays["html/wide/mean"][:3]}),
        lambda arrays, facts: arrays.update({"html/views/text/text": np.array(["text"] * 3)}),
        lambda arrays, facts: arrays.update({"html/network/0/0/bias": arrays["html/network/0/0/bias"] * np.nan}),
        lambda arrays, facts: facts.pop("labels"),
        lambda arrays, facts: facts.update(labels=["article", "article"]),
        lambda arrays, facts: facts.update(labels=[*facts["labels"], "more"]),
        lambda arrays, facts: facts.update(parameters=[1]),
        lambda arrays, facts: facts.update(families=7),
    ],
    ids=["short", "text", "nan", "no-labels", "twice", "more-labels", "parameters", "families"],
)  # fmt: skip
def test_a_model_whose_parts_do_not_fit_is_refused(
    model: BlockClassifier, tmp_path: Path, change: Callable[[Arrays, dict[str, Any]], object]
) -> None:
    """The hashes are right: somebody made it so."""
    model.save(tmp_path)
    with np.load(tmp_path / "weights.npz") as npz:
        arrays: Arrays = {name: npz[name] for name in npz.files}
    facts = json.loads((tmp_path / "model.json").read_text())
    change(arrays, facts)
    np.savez(tmp_path / "weights.npz", **arrays)
    facts["sha256"] = hashlib.sha256((tmp_path / "weights.npz").read_bytes()).hexdigest()
    (tmp_path / "model.json").write_text(json.dumps(facts))
    with pytest.raises(PageblocksError, match="again$") as error:
        load(str(tmp_path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "result", [[None], ["x"], [[]], 7, "x", [{"value": {"start": "a"}, "type": []}], [{"value": {}}]]
)
def test_an_answer_of_any_json_costs_only_itself(page_of: Callable[..., Blocks], result: Any) -> None:
    page = page_of("p", "<p>One</p><p>Two</p>")
    item = {"id": 1, **tasks.task(page, None, None, model_version="none", default="sidebar")}
    good = {"id": 1, "completed_by": 1, "result": tasks.regions(page.text, ["article", "form"])}
    odd = {"id": 2, "completed_by": {"id": []}, "prediction": "x", "result": result}
    exported: list[Any] = [
        item | {"annotations": [good, odd]}, item | {"annotations": 7}, None, {"id": 3, "data": {"external_id": "q"}},
        {"id": 4, "data": item["data"] | {"blocks": [[0, 1, "a"]]}, "annotations": [good]},
    ]  # fmt: skip
    annotations, problems = annotations_of(exported, {}, names=["article", "form", "sidebar"])
    assert [run.label for one in annotations if one.annotator == "user-1" for run in one.labels] == ["article", "form"]
    assert all("\n" not in line for line in problems)
    assert sum("skipped" in line for line in problems) >= 4


@pytest.mark.parametrize("name", ["readers", "payloads"])
def test_the_fuzzers_run(name: str) -> None:
    command = [sys.executable, str(Path(__file__).parents[1] / f"fuzz/{name}.py"), "--seconds", "1"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr

"""Links from a report to the tasks: read from what was pulled, and from nothing else."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from toolkit.labelling.task_links import task_urls


def pulled(folder: Path, source: str, rows: list[dict[str, Any]]) -> None:
    """As `pull` leaves it."""
    (folder / "raw").mkdir(parents=True)
    (folder / "raw/one.json.gz").write_bytes(gzip.compress(json.dumps(rows).encode()))
    tasks = {str(row["id"]): {"updated_at": "", "file": "one.json.gz"} for row in rows}
    state = {"source": source, "tasks": tasks, "annotators": {}}
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")


def test_every_pulled_page_has_the_address_of_its_task(tmp_path: Path) -> None:
    assert task_urls(tmp_path) == {}
    pulled(tmp_path / "studio", "http://127.0.0.1:8080#3", [{"id": 7, "data": {"external_id": "ferry"}}])
    second = [{"id": 9, "data": {"external_id": "ferry"}}, {"id": 10, "data": {"external_id": "harbour"}}]
    pulled(tmp_path / "studio/project-4", "http://127.0.0.1:8080#4", second)
    base = "http://127.0.0.1:8080/projects"
    assert task_urls(tmp_path) == {"ferry": f"{base}/3/data?task=7", "harbour": f"{base}/4/data?task=10"}


BROKEN = ["", "[]", "{}", '{"source": "x#y", "tasks": {"1": {"file": "one.json.gz"}}}', '{"source": 1, "tasks": 2}']


@pytest.mark.parametrize("text", BROKEN)
def test_what_cannot_be_read_gives_no_links(tmp_path: Path, text: str) -> None:
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio/state.json").write_text(text, encoding="utf-8")
    assert task_urls(tmp_path) == {}

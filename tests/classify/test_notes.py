"""What is to be known of how a page was read reaches whoever reads the results."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from toolkit import BlockClassifier
from toolkit.crawl import classify_crawl

from ..test_same_blocks import PAGES

ROOT = Path(__file__).parents[2]
NAMES = {"drawn by a script": "data", "noscript": "noscript", "hidden": ""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for k, name in enumerate([*NAMES, "noscript"]):
        (tmp_path / f"in/{k}.html").write_bytes(PAGES[name][0])
    return tmp_path


def command(*words: str) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "toolkit.cli", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_a_crawl_counts_notes_by_reason_and_still_knows_them_when_it_goes_on(folder: Path) -> None:
    for _ in range(2):
        done = command("classify", f"{folder}/in", "--out", f"{folder}/out/", "--jobs", "1")
        assert done.returncode == 0
        said = "note: 3 pages have a note in the column `note` (noscript 2, data 1)"
        assert said in done.stderr
    lines = [json.loads(line) for line in (folder / "out/_manifest.jsonl").read_text().splitlines()]
    assert [line["notes"] for line in lines] == [{"data": 1, "noscript": 2}]
    assert classify_crawl([f"{folder}/in"], folder / "out", jobs=1).notes == {"noscript": 2, "data": 1}


@pytest.mark.parametrize("name", ["segment", "classify"])
def test_lines_hold_it(folder: Path, name: str) -> None:
    done = command(name, f"{folder}/in", "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [bool(row["note"]) for row in rows] == [True, True, False, True]
    assert all(f"note: in/{row['id']}.html: {row['note']}" in done.stderr for row in rows if row["note"])


def test_the_library_and_the_step_for_datatrove(model: BlockClassifier) -> None:
    for name, reason in NAMES.items():
        note = model.classify(PAGES[name][0]).blocks.note
        assert (note.reason if note else "") == reason
    module = pytest.importorskip("toolkit.pipelines.datatrove", exc_type=ImportError)
    from datatrove.data import Document

    step = module.LabelBlocks(keep={"article", "sidebar", "caption", "form", "appeal"})
    out = list(step.run([Document(PAGES[name][0].decode(), name) for name in NAMES]))
    assert ["note" in document.metadata for document in out] == [True, True, False]
    assert {name: round(stat.total) for name, stat in step.stats.stats.items() if name.startswith("noted")} == {
        "noted_data": 1, "noted_noscript": 1,
    }  # fmt: skip

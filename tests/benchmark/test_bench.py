"""The benchmark runs: on five sample pages, every part of it once. What it measures is not judged here."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "experiments/bench/classify.py"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True)


def test_it_measures_everything(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    few = ("--pages", "5", "--rounds", "1", "--crawl", "10", "--jobs", "2")
    done = bench(str(ROOT / "corpora/sample/pages"), *few, "--json", str(figures))
    assert done.returncode == 0, done.stderr
    found = json.loads(figures.read_text("utf-8"))
    assert found["pages"] == 5
    assert found["tools"]["pageblocks"]["ours_is_times"] == 1
    assert set(found["stages"]) == {"read", "parse", "walk", "features", "predict", "write parquet", "write jsonl"}
    assert all(math.isfinite(ms) for ms in found["stages"].values())
    assert [row["jobs"] for row in found["crawl"]] == [1, 2]
    assert {(row["pages"], row["errors"]) for row in found["crawl"]} == {(10, 0)}
    assert set(found["alone"]) == set(found["tools"])
    assert "| pageblocks |" in done.stdout
    assert "| 10 pages | 2 |" in done.stdout


def test_a_folder_without_pages_is_refused(tmp_path: Path) -> None:
    done = bench(str(tmp_path))
    assert done.returncode == 1
    assert "no pages to measure" in done.stderr
    assert "Traceback" not in done.stderr

"""The benchmarks run: on two sample pages, every part of them once. What they measure is not judged here."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "experiments/bench"
SAMPLE = ROOT / "corpora/sample/pages"


def bench(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(BENCH / f"{name}.py"), *arguments], capture_output=True, text=True)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "cost.json"
    few = ("--pages", "2", "--rounds", "1", "--crawl", "4", "--lengths", "6", "--largest", "100000")
    done = bench("cost", str(SAMPLE), *few, "--json", str(path))
    assert done.returncode == 0, done.stderr
    assert "| pageblocks " in done.stdout
    assert "| 6 small pages | 2 |" in done.stdout
    return path


def test_it_measures_everything(figures: Path) -> None:
    found = json.loads(figures.read_text("utf-8"))
    assert found["run"]["pages"] == 2
    assert found["run"]["commit"]
    assert isinstance(found["run"]["compiled"], bool)
    assert found["tools"]["pageblocks"]["ours_is_times"] == [1]
    assert all(len(one["pages_per_second"]) == 1 and one["version"] for one in found["tools"].values())
    assert set(found["stages"]) == {"read", "parse", "walk", "features", "predict", "write parquet", "write jsonl"}
    assert all(math.isfinite(ms) for ms in found["stages"].values())
    assert [len(one["wall"]) for one in found["start"].values()] == [1, 1]
    assert [row["bytes"] for row in found["growth"]] == [1_000, 10_000, 100_000]
    assert [row["jobs"] for row in found["crawl"]] == [1, 2]
    assert {(row["pages"], row["errors"]) for row in found["crawl"]} == {(4, 0)}
    assert [row["pages"] for row in found["lengths"]] == [6]


def test_the_documentation_gets_the_figures(figures: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "experiments", tmp_path / "experiments")
    for name in (
        "README.md",
        "docs/model.md",
        "docs/cost.md",
        "docs/extraction.md",
        "toolkit/data/model/default/model.json",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copy(figures, tmp_path / "experiments/bench/cost.json")

    def fill(*arguments: str) -> int:
        return subprocess.run([sys.executable, "experiments/figures.py", *arguments], cwd=tmp_path).returncode

    assert fill("--check") == 1
    assert fill() == 0
    assert fill("--check") == 0
    text = (tmp_path / "docs/cost.md").read_text("utf-8")
    speed = json.loads(figures.read_text("utf-8"))["tools"]["pageblocks"]["pages_per_second"][0]
    assert f"One core labels {speed:,.0f} pages a second" in text
    assert re.search(r"\| 64 \|  \| [\d,]+ \| \d+% \|", text)


def test_made_pages_have_their_size() -> None:
    spec = importlib.util.spec_from_file_location("growth", BENCH / "growth.py")
    assert spec is not None
    assert spec.loader is not None
    growth = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCH))
        spec.loader.exec_module(growth)
    body = b"<h1>One</h1><p>Two, which is longer</p>"
    page = growth.sized(body, 1000)
    assert 950 < len(page) <= 1000
    assert page.startswith(growth.HEAD + body + body)
    assert page.endswith(b"</body></html>")
    assert growth.sized(body, len(growth.HEAD + growth.END) + 20) == growth.HEAD + b"<h1>One</h1>" + growth.END


def test_segmentation_beside_its_bounds() -> None:
    done = bench("segment", str(SAMPLE), "--pages", "2")
    assert done.returncode == 0, done.stderr
    assert "| segment |" in done.stdout


def test_a_budget_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "budgets.json"
    done = bench("budgets", "--only", "report", "--mirror", str(tmp_path), "--json", str(path))
    assert done.returncode == 0, done.stderr
    assert "| report of 52 pages | 10 s |" in done.stdout
    seconds, size = json.loads(path.read_text("utf-8"))["budgets"]
    assert seconds["unit"] == "s"
    assert 0 < size["measured"] < 5
    assert f"| report of 52 pages, size | 5 MB | {size['measured']:.1f} MB |  | yes |" in done.stdout


@pytest.mark.parametrize("name", ["cost", "segment"])
def test_a_folder_without_pages_is_refused(name: str, tmp_path: Path) -> None:
    done = bench(name, str(tmp_path))
    assert done.returncode == 1
    assert "no pages to measure" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["budgets", "controls", "cost", "crawls", "segment", "sync", "tool"])
def test_each_command_explains_itself(name: str) -> None:
    done = bench(name, "--help")
    assert done.returncode == 0, done.stderr
    assert f"{name}.py" in done.stdout

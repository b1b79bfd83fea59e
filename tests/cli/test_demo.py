"""`make demo`, twice: the whole job against a real Label Studio, and nothing doubled by the second run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("LABEL_STUDIO_")}
    command = [sys.executable, "-m", "toolkit.cli", *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=own | {"PYTHONPATH": str(ROOT)})


@pytest.mark.studio
def test_the_demo_does_the_whole_job_and_a_second_run_doubles_nothing(studio_folder: Path, tmp_path: Path) -> None:
    studio_folder.rename(tmp_path / ".studio")
    pages = len((ROOT / "corpora/sample/pages.jsonl").read_text().splitlines())
    try:
        first = run("demo", cwd=tmp_path)
        assert first.returncode == 0, first.stderr
        assert f"{pages} pages sent, 0 already there" in first.stderr
        assert re.search(
            rf"ada {pages} pages, ben {pages} pages; {pages} of {pages} pages had new answers", first.stderr
        )
        page = (ROOT / "docs/commands/models.md").read_text().partition("pageblocks demo\n```\n\n```text\n")[2]
        lines = page.partition("```")[0].splitlines()
        assert len(lines) > 20
        assert [line for line in lines if line != "..." and line not in first.stderr] == []
        assert "Krippendorff" in first.stdout
        assert "macro F1" in first.stdout
        assert run("studio", "status", cwd=tmp_path).returncode == 1  # it stopped what it started
        report = (tmp_path / "runs/demo/report.html").read_text()
        assert "</html>" in report
        gold = (tmp_path / "runs/demo/corpus/gold.jsonl").read_bytes()

        # What came back from Label Studio is what the two people said.
        for name in ("ada", "ben"):
            said, pulled = (
                _labels(folder / f"annotations/{name}.jsonl")
                for folder in (ROOT / "corpora/sample", tmp_path / "runs/demo/corpus")
            )
            assert pulled == said

        second = run("demo", "--keep", cwd=tmp_path)
        assert second.returncode == 0, second.stderr
        assert f"0 pages sent, {pages} already there" in second.stderr
        assert f"0 annotations sent, {2 * pages} already there" in second.stderr
        assert (tmp_path / "runs/demo/corpus/gold.jsonl").read_bytes() == gold
        status = json.loads(run("studio", "status", "--json", cwd=tmp_path).stdout)
        assert status["running"]
        assert status["url"] in second.stderr
    finally:
        run("studio", "stop", cwd=tmp_path)


def _labels(path: Path) -> dict[str, list[tuple[int, int, str]]]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["page"]: sorted((start, end, label) for start, end, label, _ in row["labels"]) for row in rows}

"""The experiment commands, as a user calls them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from toolkit.cli import app

ROOT = Path(__file__).parents[2]
TINY = (
    'title = "tiny"\nquestion = "q?"\ncorpus = "../corpora/sample"\ncv = 2\nfolds = 2\nhidden = 4\nepochs = '
    "1\nmembers = 1\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "corpora/sample", tmp_path / "corpora/sample")
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments/tiny.toml").write_text(TINY + "[grid]\nshare = [0.5, 1.0]\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_list_compare_and_sweep(folder: Path) -> None:
    def call(*words: str) -> str:
        done = CliRunner().invoke(app, ["experiment", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    assert "to segment" in call("run", "tiny", "--dry-run")
    shown = call("run", "tiny", "--pages", "16", "--out", "trial.json")
    assert "share 0.5" in shown
    assert "difference to first" in shown
    assert not (folder / "experiments/tiny.json").exists()
    (folder / "trial.json").rename(folder / "experiments/tiny.json")
    (row,) = json.loads(call("list", "--json"))
    assert (row["name"], row["state"], row["points"]) == ("tiny", "fresh", 2)
    assert "macro F1 0." in call("list")
    rows = json.loads(call("compare", "tiny:share 0.5", "tiny:share 1.0", "--json"))
    assert {row["score"] for row in rows} == {"macro_f1", "accuracy", "weighted_f1", "mcc"}
    assert "B is" in call("compare", "tiny:share 0.5", "tiny:share 1.0")
    found = json.loads(call("sweep", "tiny", "--over", "share=1.0", "--pages", "16", "--json"))
    assert [point["name"] for point in found["points"]] == ["share 1.0"]
    assert json.loads(call("run", "tiny", "--dry-run", "--json", "--pages", "16"))[0]["kept"] == 2

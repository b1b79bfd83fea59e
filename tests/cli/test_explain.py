"""explain: readable on a terminal, JSON for programs, and no page text that a terminal obeys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from toolkit.cli import app

HTML = (
    "<title>Ferry</title><nav class=menu><a href=/>Home</a></nav><h1>The night ferry sails again</h1>"
    "<p>It left on Monday \x1b[31mwith a band.</p><button>Subscribe</button>"
)


@pytest.fixture
def page(tmp_path: Path) -> str:
    (tmp_path / "ferry.html").write_text(HTML)
    return str(tmp_path / "ferry.html")


def explain(*words: str) -> str:
    ran = CliRunner().invoke(app, ["explain", *words], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_a_page_is_a_line_per_block(page: str) -> None:
    shown = explain(page)
    assert "4 blocks; --block N explains one in full" in shown
    assert "\x1b[31m" not in shown
    lines = {int(line.split()[0]): line for line in shown.splitlines() if line[:3].strip().isdigit()}
    assert set(lines) == {0, 1, 2, 3}
    assert ".menu" in lines[0]
    assert "<h1>" in shown


def test_a_block_is_explained_in_full(page: str) -> None:
    shown = explain(page, "--block", "0", "--label", "form", "--top", "5")
    for line in ("block 0  ", "first stage ", "second stage ", "form would have", "without the blocks above"):
        assert f"\n{line}" in shown or f"  {line}" in shown
    assert "without block 1: The night ferry sails again" in shown
    weights = [line for line in shown.partition("score of form in the first stage: ")[2].splitlines()[1:] if line]
    assert len(weights) == 7
    assert sum(float(line.split()[0]) for line in weights) == pytest.approx(
        float(shown.partition("first stage: ")[2].split()[0]), abs=0.05
    )


def test_json_has_all_reasons(page: str) -> None:
    rows = [json.loads(line) for line in explain(page, "--json").splitlines()]
    assert [row["position"] for row in rows] == [0, 1, 2, 3]
    assert all(row["page"] == "ferry" and "neighbours" not in row for row in rows)
    (row,) = map(json.loads, explain(page, "--json", "--block", "2").splitlines())
    assert row["neighbours"]["without"].keys() == {"0", "1", "3"}
    assert row["reasons"] == rows[2]["reasons"]


@pytest.mark.parametrize(
    ("words", "message"),
    [(["--block", "9"], "no block 9; it has 4 blocks, from 0"), (["--label", "x"], "the model has no label 'x'")],
)
def test_what_is_not_there_is_told(page: str, words: list[str], message: str) -> None:
    with pytest.raises(Exception, match=message):
        explain(page, *words)

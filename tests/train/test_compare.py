"""Two runs over the same pages: what is better, which blocks changed, and a report that page text cannot break."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.corpus import Corpus
from toolkit.errors import BadInput, Mismatch
from toolkit.evaluate import find_changes
from toolkit.page import Blocks, Page
from toolkit.report.comparison import GAP, write_comparison
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import detach, write_annotations
from toolkit.train.compare import compare_runs

SCHEME = Scheme.default()
SAMPLE = Path(__file__).parents[2] / "corpora" / "sample"
Labels = list[list[str | None]]


def page(number: int, texts: list[str]) -> Blocks:
    html = "".join(f"<p>{text}</p>" for text in texts)
    return segment(Page(f"p{number}", "made", html.encode(), url=f"https://site{number}.example/"))


def test_changes_are_counted_by_kind_and_blocks_without_a_label_are_left_out() -> None:
    gold: Labels = [["article", "form", "appeal", "caption", None], ["sidebar", "sidebar"]]
    a: Labels = [["article", "form", "form", "form", "form"], ["sidebar", None]]
    b: Labels = [["article", "sidebar", "appeal", "article", "article"], ["sidebar", "form"]]
    found = find_changes(gold, a, b)
    assert found.blocks == 5
    assert [(c.page, c.block, c.kind) for c in found.changed] == [
        (0, 1, "broken"),
        (0, 2, "fixed"),
        (0, 3, "wrong both times"),
    ]
    assert found.counts == {"broken": 1, "fixed": 1, "wrong both times": 1}
    assert {(one, other): sum(kinds.values()) for one, other, kinds in found.flips} == {
        ("form", "sidebar"): 1,
        ("form", "appeal"): 1,
        ("form", "article"): 1,
    }
    with pytest.raises(Mismatch, match="page 0"):
        find_changes([["form"]], [["form", "form"]], [["form"]])


def test_a_run_that_is_right_more_often_on_every_site_is_better() -> None:
    pages = [page(n, ["one", "two", "three", "four"]) for n in range(12)]
    gold: Labels = [["article", "form", "article", "form"]] * 12
    worse: Labels = [["article", "article", "article", "form"]] * 12
    found = compare_runs(pages, gold, ("old", "new"), a=worse, b=gold, scheme=SCHEME)
    scores = {one.score: one for one in found.scores}
    assert scores["accuracy"].verdict == "better"
    assert scores["accuracy"].difference.value == pytest.approx(0.25)
    labels = {one.score: one for one in found.labels}
    assert labels["form"].a == pytest.approx(2 / 3)
    assert labels["form"].b == 1
    assert math.isnan(labels["caption"].a)
    assert labels["caption"].to_dict()["a"] is None  # JSON has no NaN
    back = compare_runs(pages, gold, ("new", "old"), a=gold, b=worse, scheme=SCHEME)
    assert {one.score: one.verdict for one in back.scores}["accuracy"] == "worse"
    same = compare_runs(pages, gold, ("new", "new"), a=gold, b=gold, scheme=SCHEME)
    assert {one.verdict for one in same.scores} == {"cannot tell"}
    with pytest.raises(BadInput, match="no labelled block in common"):
        compare_runs(pages, gold, ("new", "none"), a=gold, b=[[None] * 4] * 12, scheme=SCHEME)


def test_the_report_escapes_page_text_and_shows_near_changes_together(tmp_path: Path) -> None:
    evil = "&lt;script&gt;window.pwned=1&lt;/script&gt;{{ 7 * 7 }}"
    pages = [page(0, [evil, *(f"block {n}" for n in range(30))])]
    gold: Labels = [["article"] * 31]
    b: Labels = [["article"] * 31]
    for changed in (0, GAP, 20):
        b[0][changed] = "form"
    found = compare_runs(pages, gold, ('<b>"old"', "new"), a=gold, b=b, scheme=SCHEME)
    write_comparison(tmp_path / "compared.html", found, SCHEME)
    text = (tmp_path / "compared.html").read_text("utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;window.pwned=1" in text
    assert "49" not in re.findall(r"pwned=1[^ ]*", text)[0]
    assert "<b>" not in text
    assert text.count('<article class="error broken">') == 2
    assert text.count("is-broken") == 3 + text.count(".is-broken")


def test_the_command_compares_saved_runs(tmp_path: Path) -> None:
    pages, gold = Corpus.open(SAMPLE).read_labelled()
    wrong = [["sidebar" if label == "caption" else label for label in labels] for labels in gold]
    for name, run in (("right", gold), ("wrong", wrong)):
        write_annotations(tmp_path / f"{name}.jsonl", [detach(*pair, name) for pair in zip(pages, run, strict=True)])
    runs = [str(tmp_path / "wrong.jsonl"), str(tmp_path / "right.jsonl")]
    done = CliRunner().invoke(app, ["compare", str(SAMPLE), *runs, "--json", "--out", str(tmp_path / "c.html")])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    captions = sum(label == "caption" for labels in gold for label in labels)
    assert found["changes"] == {"broken": 0, "fixed": captions, "wrong both times": 0}
    assert found["scores"]["macro_f1"]["verdict"] == "better"
    assert found["labels"]["caption"]["b"] == 1
    assert (tmp_path / "c.html").stat().st_size > 10_000
    shown = CliRunner().invoke(app, ["compare", str(SAMPLE), *runs])
    assert "right.jsonl is better than wrong.jsonl" in shown.stdout
    again = CliRunner().invoke(app, ["compare", str(SAMPLE), *runs, "--out", str(tmp_path / "c.html")])
    assert again.exit_code != 0  # it does not overwrite

"""Experiments from end to end, on a corpus small enough to train in seconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toolkit.corpus.folder import create, save_gold
from toolkit.errors import PageblocksError
from toolkit.experiment import compare_experiments, dry_run, list_experiments, read_result, run, sweep
from toolkit.experiment.sweep import read_over
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import detach

SMALL = 'title = "t"\nquestion = "q?"\ncorpus = "../corpus"\ncv = 2\nfolds = 2\nhidden = 8\nepochs = 2\nmembers = 1\n'
NAV = "".join(f"<li><a href=/{w}>{w}</a></li>" for w in ("Home", "News", "Sport"))
HOSTILE = "<script>alert(1)</script>\x1b[31m"
Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write(name, keys) -> an experiment on a corpus of twelve pages of six sites."""
    pages, gold = [], []
    for i in range(12):
        story = "".join(
            f"<p>The council of harbour {i} met and debated the ferry for hours, part {k}.</p>" for k in range(4)
        )
        content = f"<!doctype html><title>p{i}</title><body><ul>{NAV}</ul>{story}<p>Subscribe {HOSTILE}</p>".encode()
        # One comes as XHTML and is none, which is noted.
        page = Page(
            f"p{i}",
            f"p{i}.html",
            content,
            url=f"http://s{i % 6}.example/{i}",
            type="" if i else "application/xhtml+xml",
        )
        blocks = segment(page)
        assert (blocks.note is None) == bool(i)
        pages.append((page, {}))
        gold.append(detach(blocks, (["sidebar"] * 3 + ["article"] * 4 + ["appeal"] * 9)[: len(blocks)], "gold"))
    create(tmp_path / "corpus", pages)
    save_gold(tmp_path / "corpus", gold)

    def make(name: str, keys: str = "") -> Path:
        path = tmp_path / "experiments" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SMALL + keys, "utf-8")
        return path

    return make


def without_run(path: Path) -> dict[str, Any]:
    return {key: value for key, value in json.loads(path.read_text("utf-8")).items() if key != "run"}


def test_with_and_without_a_cache_the_result_is_the_same(write: Write, tmp_path: Path) -> None:
    path = write("a", "[grid]\nmembers = [1, 2]\n")
    done: list[tuple[int, int | None]] = []
    cache = tmp_path / "cache"
    first = run(path, cache=cache, on_step=lambda steps=1, total=None: done.append((steps, total)))
    assert done[0] == (0, 4)
    assert sum(steps for steps, _ in done) == 4
    kept = path.with_suffix(".json").read_bytes()
    run(path, cache=None, out=tmp_path / "b.json")
    assert without_run(tmp_path / "b.json") == without_run(path.with_suffix(".json"))
    again = run(path, cache=cache)
    assert again.run["seconds"] == first.run["seconds"]  # what it took when it was computed
    assert path.with_suffix(".json").read_bytes() == kept  # nothing new: the file stays as it is


def test_only_what_changed_is_computed(write: Write, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    path = write("a")
    assert dry_run([path], cache=cache) == [
        {"experiment": "a", "point": "", "segmented": False, "folds": None, "kept": 0}
    ]
    run(path, cache=cache)
    assert [row["kept"] for row in dry_run([path], cache=cache)] == [2]
    write("a", "[grid]\nmembers = [2, 1]\n")
    assert [(row["point"], row["kept"]) for row in dry_run([path], cache=cache)] == [("members 2", 0), ("members 1", 2)]
    for file in cache.glob("fold-*"):
        file.write_bytes(file.read_bytes()[:100])  # cut short by a full disk
    write("a", "seed = 0\n")
    (cache / next(cache.glob("score-*")).name).unlink()
    assert len(run(path, cache=cache).points) == 1


def test_a_result_says_what_it_came_from_and_has_no_page_text(write: Write, tmp_path: Path) -> None:
    path = write("a")
    result = run(path, cache=None)
    text = path.with_suffix(".json").read_text("utf-8")
    assert "harbour" not in text
    assert "Subscribe" not in text
    assert set(result.made) == {"code", "labels", "pages", "versions"}
    assert set(result.made["versions"]) == {"python", "numpy", "scipy", "scikit-learn", "pageblocks"}
    (point,) = read_result(path.with_suffix(".json")).points
    assert point.pages == 6
    assert set(point.evaluation.by_site) == {f"s{i}.example" for i in range(6)}
    assert point.evaluation.figures["macro_f1"].value > 0.5
    assert str(tmp_path) not in text


def test_list_tells_fresh_from_stale(write: Write) -> None:
    path = write("a")
    folder = path.parent
    assert [(row.name, row.state) for row in list_experiments(folder)] == [("a", "not run")]
    run(path, cache=None)
    (row,) = list_experiments(folder)
    assert (row.state, row.to_dict()["metric"]) == ("fresh", "macro_f1")
    write("a", "epochs = 3\n".replace("epochs", "dumps"))
    assert [(row.state, row.why) for row in list_experiments(folder)] == [("stale", "settings")]
    write("a")
    gold = path.parent.parent / "corpus/gold.jsonl"
    gold.write_text("".join(gold.read_text("utf-8").splitlines(True)[1:]), "utf-8")
    assert [(row.state, row.why) for row in list_experiments(folder)] == [("stale", "labels")]
    path.with_suffix(".json").write_text("{}", "utf-8")
    assert [row.state for row in list_experiments(folder)] == ["stale"]


def test_results_are_compared_by_site(write: Write) -> None:
    path = write("a", "[grid]\nshare = [0.3, 1.0]\n")
    result = run(path, cache=None)
    assert [point.pages for point in result.points] == [2, 6]
    rows = compare_experiments(f"{path}:share 1.0", f"{path}:share 1.0")
    assert {(row.difference.value, row.verdict) for row in rows} == {(0.0, "cannot tell")}
    gap = {row.score: row for row in compare_experiments(f"{path}:share 0.3", f"{path}:share 1.0")}["macro_f1"]
    assert gap.difference.value == pytest.approx(gap.b - gap.a)
    assert gap.b == pytest.approx(result.points[1].evaluation.figures["macro_f1"].value)
    with pytest.raises(PageblocksError, match="no point 'share 2'; it has share 0.3; share 1.0"):
        compare_experiments(f"{path}:share 2", str(path))


def test_labels_are_merged_before_and_after(write: Write) -> None:
    groups = '[labels]\narticle = ["article"]\nrest = ["sidebar", "appeal"]\n[grid]\nmerge = ["before", "after"]\n'
    result = run(write("a", groups), cache=None)
    for point in result.points:
        assert point.evaluation.labels == ["article", "rest"]
        assert point.evaluation.by_label["article"].support == 48
    path = write("b", '[labels]\narticle = ["article"]\nrest = ["sidebar"]\n')
    with pytest.raises(PageblocksError, match="says nothing of 'appeal'"):
        run(path, cache=None)


def test_formats(write: Write) -> None:
    texts = run(write("a", 'format = "text"\n'), cache=None).points[0].evaluation
    assert {group.name for group in texts.groups["format"]} == {"text"}
    both = run(write("b", 'format = "both"\n'), cache=None).points[0].evaluation
    assert {group.name for group in both.groups["format"]} == {"html", "text"}
    assert both.pages == 24


def test_ablation_reaches_the_model(write: Write) -> None:
    result = run(
        write("a", '[grid]\nwithout = [[], ["page"], ["words", "names", "links", "tags", "page"]]\n'), cache=None
    )
    whole, alone, blind = (point.evaluation for point in result.points)
    assert whole.blocks == alone.blocks == blind.blocks
    assert len({point.evaluation.figures["log_loss"].value for point in result.points}) == 3
    assert result.points[0].name == "without nothing"


def test_the_first_stage_is_asked_alone(write: Write) -> None:
    first, whole = (point.evaluation for point in run(write("a", "[grid]\nstages = [1, 2]\n"), cache=None).points)
    assert first.figures["log_loss"].value != whole.figures["log_loss"].value


def test_a_trial_and_a_sweep_of_ones_own_leave_the_result_alone(write: Write, tmp_path: Path) -> None:
    path = write("a")
    assert run(path, cache=None, pages=6).points[0].evaluation.pages == 6
    found = sweep(path, read_over(["members=1,2", 'format=["html"]']), cache=None, out=tmp_path / "s.json")
    assert [p.differs for p in found.points] == [{"members": 1, "format": "html"}, {"members": 2, "format": "html"}]
    values = [p.evaluation.figures["macro_f1"].value for p in found.ranked()]
    assert values == sorted(values, reverse=True)
    assert read_result(tmp_path / "s.json").settings["grid"] == {"members": [1, 2], "format": ["html"]}
    assert not path.with_suffix(".json").exists()
    with pytest.raises(PageblocksError, match="has no \\[grid\\]"):
        sweep(path)


def test_nothing_else_is_overwritten(write: Write, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"mine": 1}', "utf-8")
    with pytest.raises(PageblocksError, match="not the results of an experiment"):
        run(write("a"), cache=None, out=tmp_path / "mine.json")
    assert (tmp_path / "mine.json").read_text("utf-8") == '{"mine": 1}'


def test_a_missing_corpus_is_named(write: Write) -> None:
    path = write("a", 'corpora = ["web"]\ncontent = ["web"]\n')
    with pytest.raises(PageblocksError, match="web: no corpus there; --mirror"):
        run(path, cache=None)

"""A model remembers the sites that it learned from, and figures on pages of those sites come with a warning."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from toolkit.agree import load_annotations
from toolkit.cli import app
from toolkit.corpus import Corpus, create
from toolkit.counted import counted
from toolkit.errors import PageblocksError
from toolkit.page import Page, group_of
from toolkit.seen import overlap, recipe_groups, remember
from toolkit.split import Split
from toolkit.standoff import Annotation, Run, write_annotations

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "corpora/sample"


class Some:
    """What stands for a model: only its facts are asked for."""

    def __init__(self, **facts: Any) -> None:
        self.facts_ = facts


def call(*words: str | Path) -> Result:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.stderr
    return done


def part(folder: Path, pages: Iterable[int]) -> Path:
    """A corpus of these pages of the sample."""
    shutil.copytree(SAMPLE, folder)
    rows = (SAMPLE / "pages.jsonl").read_text("utf-8").splitlines(True)
    (folder / "pages.jsonl").write_text("".join(rows[i] for i in pages), "utf-8")
    return folder


def test_sites_are_kept_as_short_hashes_with_those_of_the_first_model() -> None:
    first, second, older = Some(), Some(), Some()
    assert overlap(first, ["a.example"]) is None  # type: ignore[arg-type]
    remember(first, ["b.example", "a.example", "a.example"])  # type: ignore[arg-type]
    remember(second, ["page:one"], first)  # type: ignore[arg-type]
    assert len(first.facts_["sites"]) == 2
    assert second.facts_["sites"] == sorted(second.facts_["sites"])
    assert all(re.fullmatch("[0-9a-f]{8,10}", site) for site in second.facts_["sites"])
    assert overlap(first, ["a.example", "a.example", "page:one"]) == 2  # type: ignore[arg-type]
    assert overlap(second, ["a.example", "c.example", "page:one"]) == 2  # type: ignore[arg-type]
    remember(second, ["c.example"], older)  # type: ignore[arg-type]
    assert overlap(second, ["a.example", "c.example"]) == 1  # type: ignore[arg-type]
    assert overlap(Some(sites="odd"), ["o"]) is None  # type: ignore[arg-type]


def test_figures_on_the_model_s_own_sites_come_with_a_warning(tmp_path: Path) -> None:
    mine, more = part(tmp_path / "mine", range(12)), part(tmp_path / "more", range(12, 24))
    both = part(tmp_path / "both", range(24))
    call("train", mine, "--init", "default", "--out", tmp_path / "first")
    call("train", more, "--init", tmp_path / "first", "--out", tmp_path / "second")
    facts = json.loads((tmp_path / "second/model.json").read_text())
    assert (facts["corpus"], facts["started_from"], facts["scheme"]) == ("more", "first", "web-page@1")
    groups = {name: [group_of(page) for page in Corpus.open(tmp_path / name).labelled()[0]] for name in ("mine", "both")}
    seen = sum(group in groups["mine"] for group in groups["both"])
    assert seen < len(groups["both"])
    for model, count in (("first", seen), ("second", len(groups["both"]))):
        done = call("evaluate", both, "--model", tmp_path / model, "--json", "--out", tmp_path / f"{model}.html")
        assert json.loads(done.stdout)["seen_pages"] == count
        (line,) = [line for line in done.stderr.splitlines() if "flatter" in line]
        assert f"{count} of {len(groups['both'])} pages are of sites that the model learned from" in line
        assert "--folds 5" in line
        report = (tmp_path / f"{model}.html").read_text()
        assert "on other sites of this kind" not in report
        assert f"It learned from the sites of {count} of these" in report
    shown = call("evaluate", both, "--model", tmp_path / "first").stdout
    assert "of this kind" not in shown
    shown = call("card", tmp_path / "second").stdout
    assert "| started from | first (blocks-" in shown
    path = tmp_path / "first/model.json"  # now as older ones were written
    path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != "sites"}))
    older = call("evaluate", both, "--model", tmp_path / "first", "--json")
    assert (json.loads(older.stdout)["seen_pages"], older.stderr) == (None, "")


def test_a_recipe_s_sites_are_those_of_its_gold_and_its_content(tmp_path: Path) -> None:
    def page(id: str, url: str = "") -> tuple[Page, dict[str, Any]]:
        return Page(id, id, f"<p>{id}</p>".encode(), "html", url), {}

    create(tmp_path / "mirror/web", [page("one", "https://www.one.example/a"), page("two")])
    content = [page("three", "https://three.example"), page("four"), page("five", "https://five.example"), page("six")]
    create(tmp_path / "mirror/more", content)
    told = [{"page": "three", "content": "x"}, {"page": "four", "content": "x"}, {"page": "six", "content": "x"}]
    (tmp_path / "mirror/more/content.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told))
    gold = [
        Annotation("one", "", "gold", [Run(0, 1, "a", "0")], "https://www.one.example/a"),
        Annotation("two", "", "gold", [Run(0, 1, "a", "0")], ""),
    ]
    write_annotations(tmp_path / "gold.jsonl", gold)
    recipe = tmp_path / "r.toml"
    text = 'title = "r"\ngold = ["gold.jsonl"]\ncorpora = ["web"]\ncontent = ["more"]\n'
    recipe.write_text(text)
    assert recipe_groups(recipe, tmp_path / "mirror") == {"one.example", "page:two", "three.example", "page:four", "page:six"}
    closed = Split(validation=0, test=0, sites={"three.example": "test", "page:two": "test"})
    (tmp_path / "split.json").write_text(closed.model_dump_json())
    recipe.write_text(text + 'split = "split.json"\n')
    assert recipe_groups(recipe, tmp_path / "mirror") == {"one.example", "page:four", "page:six"}


def test_a_recipe_s_model_keeps_its_sites(tmp_path: Path) -> None:
    mirror = part(tmp_path / "mirror/web", range(12))
    kept = Corpus.open(mirror)
    gold = [said for id, said in kept.gold().items() if id in kept.rows]
    write_annotations(tmp_path / "gold.jsonl", gold)
    tiny = "folds = 2\nmembers = 1\nhidden = 8\nepochs = 2\ndumps = 0\n"
    (tmp_path / "r.toml").write_text('title = "r"\ngold = ["gold.jsonl"]\ncorpora = ["web"]\n' + tiny)
    call("train", "--recipe", tmp_path / "r.toml", "--mirror", tmp_path / "mirror", "--out", tmp_path / "model")
    done = call("evaluate", mirror, "--model", tmp_path / "model", "--json")
    assert json.loads(done.stdout)["seen_pages"] == len(gold)


def test_a_model_is_not_scored_on_a_recipe() -> None:
    done = CliRunner().invoke(app, ["evaluate", "--recipe", "r.toml", "--model", "default"])
    assert (done.exit_code, "--model needs a corpus" in done.stderr) == (2, True)


def test_words_of_number() -> None:
    assert [counted(n, "page") for n in (0, 1, 1204)] == ["0 pages", "1 page", "1,204 pages"]


def test_agree_names_every_place_that_it_looked_at(tmp_path: Path) -> None:
    looked = f"looked for {tmp_path}/annotations/*.jsonl and {tmp_path}/*.jsonl"
    with pytest.raises(PageblocksError, match=re.escape(looked)):
        load_annotations(tmp_path)
    (tmp_path / "annotations").mkdir()
    with pytest.raises(PageblocksError, match=re.escape(f"looked for {tmp_path}/annotations/*.jsonl)")):
        load_annotations(tmp_path)


def test_the_demo_s_help_says_where_label_studio_s_data_lie() -> None:
    assert "./.studio" in call("demo", "--help").stdout

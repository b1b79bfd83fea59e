"""A model remembers the sites that it learned from, and figures on pages of those sites come with a warning."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from toolkit.cli import app
from toolkit.corpus.folder import Corpus
from toolkit.errors import PageblocksError
from toolkit.labelling.annotations import load_annotations
from toolkit.model import BlockClassifier
from toolkit.model.seen import Seen, learned_from, seen
from toolkit.page import Blocks, Page, group_of
from toolkit.segment import segment
from toolkit.standoff import write_annotations
from toolkit.support.text import counted

ROOT = Path(__file__).parents[2]
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


STORY = (
    "<p>The keeper counted forty gulls on the harbour wall before the fog came in.</p>"
    "<p>Nobody rowed out that evening, and the lamp burned over an empty sea until six.</p>"
)


def read(html: str | bytes, id: str = "one", url: str = "", encoding: str = "") -> Blocks:
    content = html if isinstance(html, bytes) else html.encode()
    return segment(Page(id, id, content, url=url, encoding=encoding))


def main_of(page: Blocks) -> tuple[Blocks, list[bool]]:
    return page, [tag == "p" for tag in page.tag]


def test_sites_are_kept_as_short_hashes_with_those_of_the_first_model() -> None:
    a, b, c = (read("<p>x</p>", name, f"https://www.{name}.example/x") for name in "abc")
    first = learned_from([main_of(a), main_of(b), main_of(a)])
    second = learned_from([main_of(c)], first)
    assert (len(first["sites"]), len(second["sites"])) == (2, 3)
    for key in ("sites", "page_hashes"):
        assert second[key] == sorted(second[key])
        assert all(re.fullmatch("[0-9a-f]{10}", entry) for entry in second[key])
    other = read("<p>y</p>", "other", "https://a.example/y")
    assert seen(Some(**first), [a, b, c, other]) == Seen(4, 3, 3, 4, 0)  # type: ignore[arg-type]
    assert seen(Some(**second), [a, b, c, other]) == Seen(4, 3, 4, 4, 0)  # type: ignore[arg-type]


def test_a_model_that_says_nothing_of_its_pages_is_said_not_to() -> None:
    page = read("<p>x</p>", url="https://a.example")
    assert seen(Some(), [page]) == Seen(1, None, None, None, 0)  # type: ignore[arg-type]
    assert seen(Some(sites="odd", page_hashes={"a": 1}), [page]) == Seen(1, None, None, None, 0)  # type: ignore[arg-type]
    older = Some(sites=learned_from([main_of(page)])["sites"])
    found = seen(older, [page, read("<p>x</p>")])  # type: ignore[arg-type]
    assert found == Seen(2, None, 1, 1, 1)
    assert "1 of 2 pages has no address: its site cannot be checked" in found.unchecked()
    assert any("pages cannot be checked" in line for line in found.unchecked())
    newer = seen(Some(**learned_from([main_of(read("<p>y</p>"))], older.facts_)), [page])  # type: ignore[arg-type]
    assert (newer.pages, newer.sites, newer.in_part) == (0, 1, True)
    assert any("does not record which pages" in line for line in newer.unchecked())


@pytest.mark.parametrize(
    "again",
    [
        read(f"<title>Fog</title><h1>Føg</h1>{STORY}", "other-id"),
        read(f"<title>Fog</title><h1>Føg</h1>{STORY}", "other-id", "https://elsewhere.example"),
        read(f"<title>Fog</title><h1>Føg</h1>{STORY}".encode("utf-16"), "b"),
        read(f"<title>Fog</title><h1>Føg</h1>{STORY}".encode("latin-1"), "b", encoding="iso-8859-1"),
        read(f"<div class=new><h1>Fo\u0338g</h1><script>nonce=7</script>\n{STORY}</div>".replace("o\u0338",
        "&oslash;"), "b"),
        read(f"<h1>FØG</h1><div>{STORY.replace(' ', chr(10))}</div>", "b"),
        read(f"<nav><a href=/>Home</a></nav><h1>Føg</h1><time>8 May</time>{STORY}<p>4 comments</p>", "b"),
    ],
)  # fmt: skip
def test_a_page_is_known_whatever_its_id_address_encoding_and_frame(again: Blocks) -> None:
    facts = learned_from([main_of(read(f"<title>Fog</title><h1>Føg</h1>{STORY}", url="https://lamp.example/fog"))])
    assert seen(Some(**facts), [again]).pages == 1  # type: ignore[arg-type]


def test_a_page_of_the_same_id_or_frame_is_another_one() -> None:
    frame = (
        "<nav><p>All of our islands, our ferries and our lighthouses, by name and by number of the chart</p></nav>{}"
    )
    known = read(frame.format(STORY), "one")
    facts = learned_from([(known, [False, True, True])])
    others = [
        read(frame.format(STORY.replace("gulls", "terns")), "one"),
        read(frame.format(STORY[: STORY.index("</p>") + 4]), "one"),
        read(frame.format("<p>A short note.</p>"), "one"),
        read("<p>x</p>", "one"),
    ]
    found = seen(Some(**facts), others)  # type: ignore[arg-type]
    assert (found.pages, found.sites, found.without_address) == (0, 0, 4)


def test_the_hashes_of_a_model_take_one_line(tmp_path: Path) -> None:
    pages, labels = Corpus.open(SAMPLE).read_labelled()
    pages, labels = pages[:8], labels[:8]
    model = BlockClassifier(folds=2, members=1, hidden=8, epochs=1, dumps=0).fit(pages, labels)
    model.save(tmp_path / "m")
    lines = (tmp_path / "m/model.json").read_text().splitlines()
    assert json.loads("\n".join(lines))["page_hashes"] == model.facts_["page_hashes"]
    assert sum('"page_hashes"' in line for line in lines) == 1
    assert len(lines) < 60
    found = seen(BlockClassifier.load(tmp_path / "m"), pages)
    assert (found.pages, found.sites) == (8, 8)


def test_pages_of_main_content_are_known_as_well() -> None:
    pages, labels = Corpus.open(SAMPLE).read_labelled()
    more = [read(STORY + "<p>Home</p>", f"c{i}", f"https://content{i}.example") for i in range(3)]
    content = (more, [[1, 1, 0]] * 3)
    model = BlockClassifier(folds=2, members=1, hidden=8, epochs=1, dumps=0).fit(pages[:8], labels[:8], content)
    found = seen(model, [*more, pages[20]])
    assert (found.pages, found.sites) == (3, 3)


def test_figures_on_the_model_s_own_sites_come_with_a_warning(tmp_path: Path) -> None:
    mine, more = part(tmp_path / "mine", range(12)), part(tmp_path / "more", range(12, 24))
    both = part(tmp_path / "both", range(24))
    call("train", mine, "--init", "default", "--out", tmp_path / "first")
    call("train", more, "--init", tmp_path / "first", "--out", tmp_path / "second")
    facts = json.loads((tmp_path / "second/model.json").read_text())
    assert (facts["corpus"], facts["started_from"], facts["scheme"]) == ("more", "first", "web-page@1")
    groups = {
        name: [group_of(page) for page in Corpus.open(tmp_path / name).read_labelled()[0]] for name in ("mine", "both")
    }
    of_sites = sum(group in groups["mine"] for group in groups["both"])
    assert of_sites < len(groups["both"])
    for model, count in (("first", of_sites), ("second", len(groups["both"]))):
        done = call("evaluate", both, "--model", tmp_path / model, "--json", "--out", tmp_path / f"{model}.html")
        told = json.loads(done.stdout)
        assert (told["seen_pages"], told["seen"]["sites"]) == (count, count)
        itself = len(groups["mine"]) if model == "first" else count
        assert told["seen"]["pages"] == itself
        (line,) = [line for line in done.stderr.splitlines() if "PB002" in line]
        assert f"The model was trained on the sites of {count} of {len(groups['both'])} pages." in line
        assert "--folds 5" in line
        (line,) = [line for line in done.stderr.splitlines() if "PB001" in line]
        assert f"The model was trained on {itself} of {len(groups['both'])} pages." in line
        report = (tmp_path / f"{model}.html").read_text()
        assert "on other sites of this kind" not in report
        assert f"The model was trained on the sites of {count} of" in report
    shown = call("evaluate", both, "--model", tmp_path / "first").stdout
    assert "of this kind" not in shown
    shown = call("card", tmp_path / "second").stdout
    assert "| started from | first (blocks-" in shown
    path = tmp_path / "first/model.json"  # now as older ones were written
    hashes = ("sites", "page_hashes")
    path.write_text(
        json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key not in hashes})
    )
    older = call("evaluate", both, "--model", tmp_path / "first", "--json")
    assert json.loads(older.stdout)["seen_pages"] is None
    told = {row["code"]: row for row in json.loads(older.stdout)["checks"]}
    assert told["PB001"]["state"] == told["PB002"]["state"] == "not checked"


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


def test_labels_made_from_suggestions_are_told_by_the_model_that_made_them() -> None:
    page, other = read("<p>x</p>", "one", "https://a.example"), read("<p>y</p>", "two", "https://b.example")
    suggested = {"one": ["blocks-1"], "two": ["blocks-1", "blocks-2", "blocks-3"]}
    model = Some(sites=[], page_hashes=[], init="blocks-2")
    model.version = "blocks-1"  # type: ignore[attr-defined]
    found = seen(model, [page, other], suggested)  # type: ignore[arg-type]
    assert found.too_high
    assert found.suggested() == [
        "2 of 2 pages were labelled by correcting this model's suggestions: its score is too high",
        "1 of 2 pages was labelled by correcting the suggestions of the model that it started from (blocks-2): "
        "its score is too high",
        "1 of 2 pages was labelled by correcting suggestions of the model blocks-3: the scores of similar models "
        "are too high",
    ]
    folds = seen(None, [page, other, read("<p>z</p>")], {"one": ["blocks-1"]})
    assert (folds.too_high, folds.pages, folds.sites) == (False, 0, 0)
    assert folds.unchecked() == ["1 of 3 pages has no address: it counts as a site of its own"]
    assert len(folds.suggested()) == 1


def test_the_same_pages_without_addresses_under_other_names_are_found(tmp_path: Path) -> None:
    """What a newcomer does: files of pages that the model knows, imported without any address."""
    mine = part(tmp_path / "mine", range(12))
    call("train", mine, "--out", tmp_path / "model")
    corpus = Corpus.open(mine)
    (tmp_path / "files").mkdir()
    rows = []
    for i, (id, said) in enumerate(corpus.gold().items()):
        if id in corpus.rows:
            (tmp_path / f"files/file{i}.html").write_bytes(corpus.page(id).content.replace(b"canonical", b"nothing"))
            rows.append((f"file{i}", said))
    call("import", tmp_path / "files", "--out", tmp_path / "again")
    path = tmp_path / "again/pages.jsonl"
    lines = [json.loads(line) | {"url": ""} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    gold = [replace(said, page=name, sha256="", url="") for name, said in rows]
    write_annotations(tmp_path / "again/gold.jsonl", gold)
    done = call("evaluate", tmp_path / "again", "--model", tmp_path / "model", "--json")
    told = json.loads(done.stdout)["seen"]
    assert (told["pages"], told["sites"], told["without_address"]) == (12, 0, 12)
    assert "The model was trained on 12 of 12 pages." in done.stderr
    assert "12 of 12 pages have no address: their sites cannot be checked" in done.stderr
    shown = " ".join(call("evaluate", tmp_path / "again", "--model", tmp_path / "model").stdout.split())
    assert "12 of 12 pages have no address: their sites cannot be checked." in shown
    assert "The model was trained on 12 of 12 pages." in shown

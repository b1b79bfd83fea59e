"""Pages are labelled in the service's page and become a corpus that trains a model, without Label Studio."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from toolkit.corpus.folder import Corpus
from toolkit.corpus.importing import import_gold
from toolkit.labelling.annotations import load_annotations
from toolkit.model import load
from toolkit.model.scheme import scheme_of_model
from toolkit.standoff import read_annotations

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "corpora/sample"
NAMES = ("meridian-post-census", "harrow-courier-bridge", "tallywren-home")

Open = Callable[[str], Any]


@pytest.fixture
def open_at(chromium: Any) -> Iterator[Open]:
    """A tab on a service. Nothing that a script complains about goes unseen."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    said: list[str] = []

    def open_(url: str) -> Any:
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(url)
        return tab

    yield open_
    context.close()
    assert said == []


def ready(tab: Any) -> None:
    tab.locator("#said", has_text=re.compile(r"\d blocks?")).wait_for()


def unfold(tab: Any) -> None:
    if tab.locator("#folds").inner_text() == "Unfold all":
        tab.click("#folds")


def downloaded(tab: Any, button: str, path: Path) -> Path:
    with tab.expect_download() as waiting:
        tab.click(button)
    path.mkdir(exist_ok=True)
    file = path / str(waiting.value.suggested_filename)
    waiting.value.save_as(file)
    return file


def cli(*arguments: str) -> Any:
    ran = subprocess.run([sys.executable, "-m", "toolkit.cli", *arguments], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return ran


def test_pages_are_labelled_downloaded_imported_and_trained_on(open_at: Open, url: str, tmp_path: Path) -> None:
    tab = open_at(url)
    tab.set_input_files("#file", [SAMPLE / f"pages/{name}.html" for name in NAMES])
    ready(tab)
    gold = Corpus.open(SAMPLE).gold()
    hashes = [json.loads(line)["sha256"] for line in (SAMPLE / "pages.jsonl").read_text().splitlines()]
    # Ten blocks of the first page: five by key, four in a run by button, one that is set, taken away and set again.
    unfold(tab)
    blocks = tab.locator("#blocks .block")
    names = [label.inner_text() for label in tab.locator("#blocks .what b").all()]
    wanted = {k: "form" if names[k] != "form" else "caption" for k in range(10)}
    key = {"caption": "2", "form": "4"}
    for k in range(5):
        blocks.nth(k).click()
        tab.keyboard.press(key[wanted[k]])
    assert tab.evaluate("document.activeElement.dataset.number") == "5"  # a key goes on to the next block
    blocks.nth(5).click()
    blocks.nth(8).click(modifiers=["Shift"])
    assert tab.inner_text("#picked") == "4 blocks"
    tab.click("#why [data-label=form]")
    wanted |= dict.fromkeys(range(5, 9), "form")
    blocks.nth(9).click()
    for press in (key[wanted[9]], "k", "Delete", "u", "k", "Delete", key[wanted[9]]):
        tab.keyboard.press(press)
    shown = [label.inner_text() for label in tab.locator("#blocks .marked .what b").all()]
    assert shown == [wanted[k] for k in range(10)]

    # Nothing is lost by a reload, and the same file is the same page.
    tab.reload()
    tab.locator("#pages li").nth(2).wait_for()
    tab.set_input_files("#file", [SAMPLE / f"pages/{NAMES[0]}.html"])
    ready(tab)
    assert tab.inner_text("#said").endswith("10 of them labelled")
    assert tab.locator("#pages li").count() == 3

    # The second page is read as a whole: first its folded parts are opened.
    tab.locator("#pages button").filter(has_text="Remove").first.wait_for()
    tab.locator("#pages li").nth(1).locator("button").first.click()
    tab.click("#read")
    if "opened" in tab.inner_text("#said"):
        assert tab.locator("#blocks .marked").count() == 0
        tab.click("#read")
    assert tab.locator("#blocks .marked").count() == tab.locator("#blocks .block").count()

    tab.click("#download")
    assert "name" in tab.inner_text("#said")
    tab.fill("#who", "ada")
    file = downloaded(tab, "#download", tmp_path / "down")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == list(NAMES)
    assert {row["sha256"] for row in rows} <= set(hashes)
    assert [[block["label"] for block in row["blocks"]].count(None) for row in rows][1] == 0

    corpus = tmp_path / "mine"
    said = cli("import", str(file), "--out", str(corpus)).stderr
    assert "ada: 2 pages; 10 blocks labelled by hand, 10 of them not as suggested" in said
    (annotations, _) = load_annotations(corpus)
    assert [(one.page, one.annotator, one.suggested_by) for one in annotations] == [
        (name, "ada", load().version) for name in NAMES[:2]
    ]
    assert [run.label for run in annotations[0].labels] == [wanted[k] for k in range(10)]
    assert {run[:2] for run in annotations[1].labels} == {run[:2] for run in gold[NAMES[1]].labels}
    cli("agree", str(corpus), "--gold")
    cli("train", str(corpus), "--init", "default", "--out", str(tmp_path / "model"))
    assert scheme_of_model(load(str(tmp_path / "model"))).id == "web-page@1"

    # For a corpus that has the pages, the labels alone are enough.
    labels = downloaded(tab, "#download-labels", tmp_path / "down")
    assert labels.name == "ada.jsonl"
    assert [one.labels for one in read_annotations(labels)] == [one.labels for one in annotations]
    assert [one.sha256 for one in read_annotations(labels)] == [one.sha256 for one in annotations]


def test_menus_are_folded_and_the_story_comes_first(open_at: Open, url: str) -> None:
    tab = open_at(url)
    menu = "".join(f"<li><a href=/{k}>Entry {k}</a>" for k in range(30))
    story = "<p>After two winters at the quay the night ferry left the harbour on Monday with four hundred people." * 3
    tab.fill("#given", f"<title>T</title><nav><ul>{menu}</ul></nav><main><h1>The night ferry sails</h1>{story}</main>")
    tab.click("#go")
    tab.wait_for_selector("#blocks li")
    fold, first = tab.locator("#blocks > li:visible").all()[:2]
    assert fold.inner_text().startswith("sidebar 30")
    assert first.locator(".text").inner_text() == "The night ferry sails"
    assert tab.locator(".block:visible").count() < 30
    fold.locator("button").click()
    assert tab.locator(".block:visible").count() > 30


def test_labels_of_a_scheme_without_a_model(open_at: Open, service: Any, tmp_path: Path) -> None:
    scheme = tmp_path / "recipes.toml"
    scheme.write_text(
        'name = "recipes"\nversion = "1"\n[[labels]]\nname = "step"\ndefinition = "</script><b>Do"\ncolor = "#2EA86E"\n'
        '[[labels]]\nname = "other"\ndefinition = "Else"\ncolor = "#62666D"\n'
    )
    tab = open_at(service("--scheme", str(scheme)).url)
    tab.click("#example")
    tab.wait_for_selector("#blocks li")
    unfold(tab)
    assert {label.inner_text() for label in tab.locator("#blocks .what b").all()} == {"other"}
    tab.locator("#blocks .block").first.click()
    tab.keyboard.press("1")
    tab.click("#read")
    tab.fill("#url", "https://ferry.example/1")
    tab.fill("#who", "../ada")
    tab.click("#download")
    assert "letters" in tab.inner_text("#said")
    tab.fill("#who", "Ada-Ødegård")
    done = import_gold(downloaded(tab, "#download", tmp_path / "down"), tmp_path / "mine")
    assert done.corpus.scheme().names == ["step", "other"]
    ((annotation,),) = done.corpus.annotations().values()
    assert (annotation.suggested_by, annotation.url) == ("", "https://ferry.example/1")
    assert [run.label for run in annotation.labels][:2] == ["step", "other"]
    assert done.annotators["Ada-Ødegård"]["set"] == 1

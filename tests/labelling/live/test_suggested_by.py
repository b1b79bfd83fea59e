"""Gold that was made by correcting a model's suggestions says so, from Label Studio to the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.corpus.folder import Corpus
from toolkit.labelling import sync
from toolkit.labelling.annotations import make_gold
from toolkit.labelling.taken_over import count_taken_over
from toolkit.model import BlockClassifier
from toolkit.standoff import detach
from toolkit.studio import tasks
from toolkit.studio.archive import backup
from toolkit.studio.client import Client
from toolkit.studio.people import annotate
from toolkit.studio.projects import Project, find_project
from toolkit.studio.restore import restore

from .ferries import LABELS, SCHEME

pytestmark = pytest.mark.studio


def correct(project: Project, page: str) -> None:
    """Send the page in as the browser does: suggestions that stay keep their origin, others are changed ones."""
    row = next(row for row in project.tasks("id,data,predictions") if row["data"]["external_id"] == page)
    shown = row["predictions"][0]["result"] if row["predictions"] else []
    result: list[dict[str, Any]] = tasks.regions(tasks.texts_of(row["data"]), LABELS)
    for old, new in zip(shown, result, strict=True):
        new["origin"] = "prediction" if old["value"][tasks.TYPE] == new["value"][tasks.TYPE] else "prediction-changed"
    project.client.request("POST", f"api/tasks/{row['id']}/annotations/", body={"result": result, "lead_time": 1})


def evaluated(corpus: Corpus, model: Path, report: Path) -> tuple[dict[str, Any], str, str]:
    words = ["evaluate", str(corpus.folder), "--model", str(model), "--json", "--out", str(report), "--force"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)["seen"], done.stderr, report.read_text()


def test_gold_made_by_correcting_a_model_s_suggestions_says_so(
    client: Client, studio: Any, corpus: Corpus, poor: BlockClassifier, tmp_path: Path
) -> None:
    title = "Suggested"
    sync.push_corpus(client, corpus, title, scheme=SCHEME, model=poor, limit=3, quiet=True)
    project = find_project(client, title)
    assert project is not None
    correct(project, "page-0")
    correct(project, "page-1")
    # One whose labels came from elsewhere, whatever the server noted of the suggestion that stood beside them.
    (blocks,) = [page for page in corpus.segmented() if page.page.id == "page-2"]
    annotate(project, [detach(blocks, LABELS, "bela", scheme=SCHEME.id)])
    report = sync.pull_corpus(client, title, corpus.folder, quiet=True)
    assert {a.page: a.suggested_by for a in report.annotations} == {
        "page-0": poor.version,
        "page-1": poor.version,
        "page-2": "",
    }
    rows = (corpus.folder / "annotations/admin.jsonl").read_text().splitlines()
    assert {json.loads(row)["suggested_by"] for row in rows} == {poor.version}
    assert "suggested_by" not in (corpus.folder / "annotations/bela.jsonl").read_text()

    assert CliRunner().invoke(app, ["agree", str(corpus.folder), "--gold"]).exit_code == 0
    assert corpus.suggested_by() == {"page-0": [poor.version], "page-1": [poor.version]}
    poor.save(tmp_path / "poor")
    line = "2 of 3 pages were labelled by correcting this model's suggestions: its score is too high"
    told, talk, html = evaluated(corpus, tmp_path / "poor", tmp_path / "r.html")
    assert told["corrected"] == {poor.version: 2}
    assert line in talk
    assert f"{line}.".replace("'", "&#39;") in html
    assert "on other sites of this kind" not in html
    taken = count_taken_over(corpus.folder, {"page-0", "page-1", "page-2"})
    shown = poor.predict([page for page in corpus.segmented() if page.page.id in ("page-0", "page-1")])
    assert (taken.answers, taken.blocks) == (2, 2 * len(LABELS))
    assert taken.unchanged == sum(x == y for own in shown for x, y in zip(own, LABELS, strict=True))
    assert f"Of {taken.blocks} suggested labels, {taken.unchanged / taken.blocks:.0%} were left unchanged" in talk
    assert count_taken_over(corpus.folder, {"page-2"}).answers == 0

    other = BlockClassifier(folds=2, members=1, dumps=0, epochs=1).fit([blocks] * 2, [LABELS] * 2)
    other.save(tmp_path / "other")
    _, talk, _ = evaluated(corpus, tmp_path / "other", tmp_path / "r.html")
    assert f"2 of 3 pages were labelled by correcting suggestions of the model {poor.version}" in talk
    done = CliRunner().invoke(app, ["card", str(corpus.folder)])
    assert f"2 pages were labelled by correcting suggestions of {poor.version}" in done.stdout

    # It is known after the project was rebuilt from a backup, and after an export to a file.
    restore(client, backup(project, tmp_path / "b.zip", quiet=True), "Suggested again", quiet=True)
    again = sync.pull_corpus(client, "Suggested again", tmp_path / "again", quiet=True)
    assert {a.page: a.suggested_by for a in again.annotations} == {a.page: a.suggested_by for a in report.annotations}
    words = ["export", str(corpus.folder), "--format", "label-studio", "--out", str(tmp_path / "t.json")]
    assert CliRunner().invoke(app, words).exit_code == 0
    words = ["import", str(tmp_path / "t.json"), "--format", "label-studio", "--pages", str(corpus.folder)]
    assert CliRunner().invoke(app, [*words, "--out", str(tmp_path / "file")]).exit_code == 0
    assert Corpus.open(tmp_path / "file").suggested_by() == corpus.suggested_by()
    assert {a.page for a in make_gold(Corpus.open(tmp_path / "file")).annotations if a.models} == {"page-0", "page-1"}


def test_labels_without_a_model_s_suggestions_name_none(client: Client, studio: Any, corpus: Corpus) -> None:
    title = "Not suggested"
    sync.push_corpus(client, corpus, title, scheme=SCHEME, model=None, limit=1, quiet=True)
    project = find_project(client, title)
    assert project is not None
    correct(project, "page-0")
    report = sync.pull_corpus(client, title, corpus.folder, quiet=True)
    assert [a.suggested_by for a in report.annotations] == [""]

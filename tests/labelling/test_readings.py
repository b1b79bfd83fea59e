"""People who accept whatever they are shown are told apart from people who read."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.corpus.folder import Corpus, create
from toolkit.errors import UsageError
from toolkit.labelling.annotations import make_gold, measure_agreement
from toolkit.labelling.as_seen import score_as_seen
from toolkit.labelling.live.suggest import Suggester
from toolkit.labelling.migrate.corpus import MigrationPlan, migrate_corpus
from toolkit.labelling.migrate.project import relabel
from toolkit.labelling.readings import how_seen, measure_readings
from toolkit.labelling.sync import pull_corpus, push_corpus
from toolkit.model import BlockClassifier
from toolkit.page import Blocks, Page
from toolkit.scheme import Scheme
from toolkit.standoff import Annotation, Run, Shown, attach, detach, read_annotations, write_annotations
from toolkit.studio import tasks
from toolkit.studio.archive import backup
from toolkit.studio.client import Client
from toolkit.studio.people import add_annotator
from toolkit.studio.projects import Project, find_project
from toolkit.studio.restore import restore
from toolkit.studio.sync import push
from toolkit.studio.withheld import Share
from toolkit.train.fit import Predictions

SCHEME = Scheme.default()
LABELS = [name for name in ("sidebar", "article", "appeal", "sidebar") for _ in range(3)]  # of each page


def annotation(page: int, name: str, *, keeps: float, right: float, seconds: float, blind: bool = True) -> Annotation:
    """Of 40 blocks, one in four blind; the model is right of seven in ten and knows it."""
    rng = random.Random(f"{page} {name}")
    labels, shown = [], []
    for i in range(40):
        model = "article" if random.Random(page * 100 + i).random() < 0.7 else "form"
        seen = Shown(model, 0.69, "blind" if blind and i % 4 == 0 else "")
        own = "article" if rng.random() < right else "sidebar"
        labels.append(Run(i, i + 1, model if not seen.how and rng.random() < keeps else own, f"{i:010x}"))
        shown.append(seen)
    return Annotation(f"p{page}", "", name, labels, suggested_by="m1", shown=[*shown], seconds=seconds)


def test_a_careless_annotator_is_told_from_a_careful_one(tmp_path: Path) -> None:
    for name, keeps, right, seconds in (("ada", 0.0, 0.95, 60), ("ben", 0.95, 0.9, 1.5)):
        theirs = [annotation(k, name, keeps=keeps, right=right, seconds=seconds) for k in range(20)]
        write_annotations(tmp_path / f"{name}.jsonl", theirs)
    assert read_annotations(tmp_path / "ben.jsonl") == theirs
    found = measure_readings(tmp_path)
    ada, ben = found.readers
    assert (ada.suggested, ada.blind, ada.reasons) == (600, 200, [])
    assert ada.bias.low is not None
    assert ada.bias.high is not None
    assert ada.bias.low < 0 < ada.bias.high
    assert ben.kept.value > 0.95 > 0.75 > ben.alone.value
    assert [one.expected for one in ben.bins] == pytest.approx([0.69])
    assert ben.bins[0].same.value == ben.kept.value
    assert "kept 98.5% of the suggestions, but says the same of" in ben.reasons[0]
    assert "sent 20 of 20 pages faster" in ben.reasons[1]
    assert (ada.seconds, ben.seconds, ada.hurried) == (1.5, 0.0375, [])
    agreed = measure_agreement(tmp_path, SCHEME.names)
    assert agreed.blind is not None
    assert agreed.suggested is not None
    assert (agreed.blind.blocks, agreed.suggested.blocks, agreed.blocks) == (200, 600, 800)
    assert agreed.blind.percent.value > 0.8 > agreed.suggested.percent.value
    done = CliRunner().invoke(app, ["agree", str(tmp_path)], env={"COLUMNS": "160"})
    assert "ben kept 98.5% of the suggestions" in done.stdout
    assert "ada kept" not in done.stdout


def test_without_blind_blocks_acceptance_is_compared_with_the_probability(tmp_path: Path) -> None:
    path = tmp_path / "ben.jsonl"
    write_annotations(path, [annotation(k, "ben", keeps=1, right=1, seconds=90, blind=False) for k in range(20)])
    (ben,) = measure_readings(path).readers
    assert ben.reasons == ["kept 100% of 800 suggestions that should be right 69% of the time"]
    done = CliRunner().invoke(app, ["agree", str(path)], env={"COLUMNS": "160"})
    assert done.exit_code == 0  # one annotator is enough
    assert "pageblocks push --blind 0.1" in done.stdout


def test_a_model_is_scored_apart_where_people_saw_no_suggestion(tmp_path: Path) -> None:
    html = b"<p>One</p><p>Two</p><p>Three</p><p>Four</p>"
    made = create(tmp_path / "c", [(Page(f"p{k}", "", html, url=f"http://s{k}.example/"), {}) for k in range(6)])
    pages = list(made.segmented())
    own = [detach(page, ["form", "article", "article", "article"], "ada", scheme=SCHEME.id) for page in pages]
    write_annotations(made.folder / "annotations/ada.jsonl", own)
    said = [["article"] * 4] * 6
    found = Predictions(pages, [attach(page, one) for page, one in zip(pages, own, strict=True)], said, [], [])
    assert score_as_seen(made, found) is None  # nobody saw a suggestion
    for one in own:
        one.suggested_by = "m1"
        one.shown = [Shown("article", 0.9, how) for how in ("blind", "blind", "", "unsure")]
    write_annotations(made.folder / "annotations/ada.jsonl", own)
    scores = score_as_seen(made, found)
    assert scores is not None
    assert (scores.blind, scores.right_blind.value, scores.suggested, scores.right_suggested.value) == (12, 0.5, 6, 1)
    assert "50.0% (50.0% to 50.0%) of 12 blocks are right that people labelled without seeing" in str(scores)
    for one in own:
        one.shown = []
    write_annotations(made.folder / "annotations/ada.jsonl", own)
    assert "pageblocks push --blind 0.1" in str(score_as_seen(made, found))


def send(project: Project, name: str, said: Callable[[str | None, str], str]) -> None:
    """Send all pages in as the browser does: `said` gets what is shown of a block and its right label."""
    user = add_annotator(project.client, name)
    for row in project.tasks("id,data,predictions"):
        result = []
        for region, right in zip(row["predictions"][0]["result"], LABELS, strict=True):
            shown = next(iter(region["value"][tasks.TYPE]), None)
            label = said(shown, right)
            value = region["value"] | {tasks.TYPE: [label]}
            result.append(region | {"value": value, "origin": f"prediction{'' if label == shown else '-changed'}"})
        body = {"result": result, "lead_time": 6 if name == "ada" else 0.6, "completed_by": user}
        project.client.request("POST", f"api/tasks/{row['id']}/annotations/", body=body)


@pytest.mark.studio
def test_what_was_withheld_survives_new_suggestions_a_backup_and_a_migration(
    client: Client, page_of: Callable[..., Blocks], tmp_path: Path
) -> None:
    pages = [
        page_of(f"p{k}", "".join(f"<p>Block {i} of page {k}" for i in range(12)), f"http://s{k}.example/")
        for k in range(8)
    ]
    corpus = create(tmp_path / "c", [(page.page, {}) for page in pages])
    title, share = "Withheld", Share(blind=0.25, probe=0.1, above=0.5)
    with pytest.raises(UsageError, match="suggestions of a model"):
        push_corpus(client, corpus, title, share=share)
    push_corpus(client, create(tmp_path / "none", []), title, scheme=SCHEME, quiet=True)
    project = find_project(client, title)
    assert project is not None
    scores = [[0.99] * 11 + [0.4]] * 8
    first = push(project, pages, [LABELS] * 8, scores=scores, model_version="m1", share=share, quiet=True)
    assert (first.sent, first.unshared) == (8, 0)

    def blank() -> list[list[int]]:
        rows = {row["data"]["external_id"]: row["predictions"] for row in project.tasks("id,data,predictions")}
        shown = [rows[page.page.id][0]["result"] for page in pages]
        return [[i for i, region in enumerate(one) if not region["value"][tasks.TYPE]] for one in shown]

    before = blank()
    assert all(11 in one for one in before)  # the model is not sure there
    assert 8 * 3 <= sum(map(len, before)) <= 8 * 4
    send(project, "ada", lambda shown, right: right)
    send(project, "ben", lambda shown, right: shown or "form")
    pull_corpus(client, title, corpus.folder, quiet=True)
    found = measure_readings(corpus.folder)
    ada, ben = found.readers
    assert ada.probes == ada.found == ben.probes > 5 > ben.found == 0
    assert (ada.kept.value, ada.alone.value, ben.kept.value, ben.alone.value) == (1, 1, 1, 0)
    assert (ada.seconds, ben.seconds) == pytest.approx((0.5, 0.05))
    assert (ada.hurried, len(ben.hurried)) == ([], 8)
    # A probe that nobody corrected is no answer, and one that somebody did is gold.
    assert sum(len(one.labels) for one in corpus.annotations()["ben"]) == 8 * 12 - ben.probes
    assert {one.labels[1].label for one in make_gold(corpus).annotations if len(one.labels) > 1} <= {"sidebar", "form"}
    seen = how_seen(corpus)
    assert {page: [i for i, how in enumerate(one) if how != "suggested"] for page, one in seen.items()} == {
        page.page.id: rows for page, rows in zip(pages, before, strict=True)
    }
    # Another model's suggestions leave out the same blocks.
    again = push(project, pages, [LABELS] * 8, scores=[[0.995] * 11 + [0.4]] * 8, model_version="m2", share=share)
    assert (again.sent, again.refreshed, again.unshared) == (0, 8, 0)
    assert blank() == before
    # What people saw is known after a restore, and under new labels.
    expected = {name: [vars(one) for one in theirs] for name, theirs in corpus.annotations().items()}
    restore(client, backup(project, tmp_path / "b.zip", quiet=True), "Withheld again", quiet=True)
    pull_corpus(client, "Withheld again", tmp_path / "again", quiet=True)
    twin = create(tmp_path / "twin", [(page.page, {}) for page in pages])
    (tmp_path / "again/annotations").rename(twin.folder / "annotations")
    assert {name: [vars(one) for one in theirs] for name, theirs in twin.annotations().items()} == expected
    plan = MigrationPlan.of(_renamed(tmp_path), ["sidebar=frame"])
    relabel(project, plan, quiet=True)
    migrate_corpus(plan, corpus.folder)
    moved = {name: [vars(one) for one in theirs] for name, theirs in corpus.annotations().items()}
    pull_corpus(client, title, corpus.folder, full=True, quiet=True)
    assert {name: [vars(one) for one in theirs] for name, theirs in corpus.annotations().items()} == moved
    assert "sidebar" not in (corpus.folder / "annotations/ada.jsonl").read_text()
    assert measure_readings(corpus.folder) == found
    assert blank() == before


def _renamed(folder: Path) -> Scheme:
    text = (Path(__file__).parents[2] / "labels/web-page.toml").read_text("utf-8")
    path = folder / "frame.toml"
    path.write_text(text.replace("sidebar", "frame").replace('version = "1"', 'version = "2"'), "utf-8")
    return Scheme.load(path)


def test_a_live_backend_suggests_nothing_for_blind_blocks(
    page_of: Callable[..., Blocks], model: BlockClassifier, tmp_path: Path
) -> None:
    page = page_of("p", "<h1>A ferry sails</h1>" + "<p>It left the harbour on Monday, with ten people.</p>" * 5)
    corpus: Corpus = create(tmp_path / "c", [(page.page, {})])
    item: dict[str, Any] = tasks.task(page) | {"meta": {"pageblocks": {"withheld": {"blind": [2, 3]}}}}
    ((made,),), _ = Suggester(corpus, model).predict([item], SCHEME.names)
    labels = [region["value"][tasks.TYPE] for region in made["result"]]
    assert [i for i, label in enumerate(labels) if not label] == [2, 3]
    assert all("withheld" in made["result"][i] and "score" not in made["result"][i] for i in (2, 3))


def test_an_answer_that_another_person_changed_is_no_independent_reading(tmp_path: Path) -> None:
    people = {name: [annotation(k, name, keeps=0, right=0.8, seconds=60) for k in range(4)] for name in ("ada", "ben")}
    for name, theirs in people.items():
        write_annotations(tmp_path / f"{name}.jsonl", theirs)
    before = measure_agreement(tmp_path, SCHEME.names)
    people["ben"][0].changed_by = "ada"
    write_annotations(tmp_path / "ben.jsonl", people["ben"])
    after = measure_agreement(tmp_path, SCHEME.names)
    assert ((before.pages, before.changed), (after.pages, after.changed)) == ((4, 0), (3, 1))
    done = CliRunner().invoke(app, ["agree", str(tmp_path)], env={"COLUMNS": "160"})
    assert "Left out: 1 annotation that another person changed." in done.stdout
    assert done.stdout.index("no suggestion") < done.stdout.index("suggested")

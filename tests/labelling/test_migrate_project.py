"""A live project follows a new scheme: answers, drafts, suggestions, configuration; nothing is lost, and pull still
fits.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import PageblocksError
from toolkit.labelling.annotations import make_gold
from toolkit.labelling.migrate import project as relabel_module
from toolkit.labelling.migrate.corpus import MigrationPlan
from toolkit.labelling.migrate.run import migrate
from toolkit.labelling.migrate.undecided import read_undecided
from toolkit.labelling.review import push_review
from toolkit.labelling.sync import pull_corpus
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import Annotation, detach
from toolkit.studio import tasks
from toolkit.studio.client import Client
from toolkit.studio.people import annotate
from toolkit.studio.projects import Project, ensure_project, find_project
from toolkit.studio.sync import push

from .moving import BODY, FIRST, MOVED, NEW, OLD, PLAN, scheme

pytestmark = pytest.mark.studio


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    pages = [Page(f"p{i}", "", BODY.format(i=i).encode(), url=f"http://s{i}.example/") for i in range(5)]
    return create(tmp_path / "c", [(page, {}) for page in pages])


@pytest.fixture
def live(client: Client, corpus: Corpus, request: pytest.FixtureRequest) -> Project:
    """Five pages: one by two people, one by one, one skipped, one begun, one that nobody saw. Pulled, with gold."""
    project = ensure_project(client, f"Live {request.node.name}"[:50], OLD, overlap=2)
    pages = [segment(page) for page in corpus.pages()]
    ids = push(
        project,
        pages,
        [["sidebar", "article", "appeal", "form"]] * 5,
        scores=[[0.5] * 4] * 5,
        model_version="m1",
        quiet=True,
    ).task_ids
    answers = [detach(pages[i], FIRST, name, scheme=OLD.id) for i, name in ((0, "ada"), (0, "ben"), (1, "ada"))]
    answers += [replace(answers[0], page="p2", sha256=pages[2].page.sha256, labels=[], state="skipped")]
    annotate(project, answers, quiet=True)
    one = tasks.regions(["Head"], ["article"])
    client.request("POST", f"api/tasks/{ids['p3']}/drafts", body={"result": one, "lead_time": 1})
    client.request("POST", f"api/tasks/{ids['p1']}/annotations/", body={"result": one})  # the admin's, with gaps
    pull_corpus(client, project.title, corpus.folder, quiet=True)
    save_gold(corpus.folder, make_gold(corpus).annotations)
    return project


def content(project: Project) -> dict[str, Any]:
    """Page -> suggestions by version, drafts."""
    found = {}
    for row in project.tasks("id,data,predictions"):
        drafts = project.client.get(f"api/tasks/{row['id']}/drafts")
        shown = {p["model_version"]: (tasks.labels_of(p["result"], 4)[0], p["score"]) for p in row["predictions"]}
        found[row["data"]["external_id"]] = (shown, [tasks.labels_of(d["result"], 4)[0] for d in drafts])
    return found


def core(found: dict[str, list[Annotation]]) -> list[tuple[Any, ...]]:
    every = [a for answers in found.values() for a in answers]
    return [(a.page, a.annotator, a.state, a.created_at, a.scheme, [run.label for run in a.labels]) for a in every]


def test_answers_suggestions_and_drafts_follow(client: Client, corpus: Corpus, live: Project) -> None:
    old = core(corpus.annotations())
    assert [(page, who, said) for page, who, _, _, _, said in old] == [
        ("p0", "ada", FIRST), ("p1", "ada", FIRST), ("p2", "ada", []),
        ("p1", "admin", ["article", "article", "appeal", "form"]), ("p0", "ben", FIRST),
    ]  # fmt: skip
    config = live.settings()["label_config"]
    dry = migrate(PLAN, corpus.folder, client, titles=[live.title], dry_run=True, quiet=True)
    assert (live.settings()["label_config"], core(corpus.annotations())) == (config, old)
    moved = dry.projects[live.title]
    assert (moved.annotations, moved.drafts, moved.predictions) == (4, 1, 5)
    assert moved.blocks["ada"] == {"article": 4, "appeal": 2, "form": 2}
    assert moved.suggested == {"sidebar": 5, "article": 5, "appeal": 5, "form": 5}
    assert moved.drafted == {"article": 1}

    migrate(PLAN, corpus.folder, client, titles=[live.title], quiet=True)
    settings = live.settings()
    assert settings["label_config"] == NEW.label_studio_config().strip()
    assert settings["expert_instruction"] == NEW.instructions()
    assert settings["model_version"] == "m1+web-page@2"
    after = find_project(client, live.title)
    assert after is not None
    assert (after.scheme, list(after.names)) == (NEW.id, NEW.names)
    shown = {"m1+web-page@2": (["frame", "story", "form", "appeal"], 0.5)}
    assert content(after) == {f"p{i}": (shown, [["story", None, None, None]] if i == 3 else []) for i in range(5)}

    here = core(corpus.annotations())
    assert here == [(*row[:4], NEW.id, MOVED if row[5] else []) for row in old]
    report = pull_corpus(client, live.title, corpus.folder, quiet=True)
    assert (report.problems, report.fetched, report.drafts) == ([], 2, 1)
    assert core(corpus.annotations()) == here  # the same labels, people, states and times
    fresh = pull_corpus(client, live.title, corpus.folder.parent / "fresh", quiet=True)
    assert sorted(core(fresh.by_annotator)) == sorted(here)
    late = tasks.regions(
        ["H", "S", "G", "G"], ["article", "sidebar", "form", "appeal"]
    )  # from a page that was open meanwhile
    (row,) = [row for row in live.tasks("id,data") if row["data"]["external_id"] == "p4"]
    client.request("POST", f"api/tasks/{row['id']}/annotations/", body={"result": late})
    again = migrate(PLAN, corpus.folder, client, titles=[live.title], quiet=True).projects[live.title]
    assert (again.annotations, again.drafts, again.predictions, len(again.undecided)) == (1, 0, 0, 1)
    assert core(corpus.annotations()) == here
    pull_corpus(client, live.title, corpus.folder, quiet=True)
    (answer,) = [a for a in corpus.annotations()["admin"] if a.page == "p4"]
    assert [run.label for run in answer.labels] == ["story", "frame", "appeal", "form"]  # of the old scheme, all of it


def test_people_decide_what_was_split(client: Client, corpus: Corpus, live: Project) -> None:
    migrate(PLAN, corpus.folder, client, titles=[live.title], quiet=True)
    rows = read_undecided(corpus.folder)
    assert sorted((row.page, row.start) for row in rows) == sorted(
        (f"p{i}", segment(corpus.page(f"p{i}")).start[k]) for i in (0, 1) for k in (0, 1)
    )
    title = f"Split {live.id}"
    push_review(client, corpus, title, scheme=NEW, rows=[vars(row) for row in rows], quiet=True)
    review = find_project(client, title)
    assert review is not None
    (first, *_) = review.tasks("id,data,predictions")
    assert first["data"]["html"].count("? ") == 2
    word = ["data", "story", "form", "appeal"]
    annotate(review, [detach(segment(corpus.page("p0")), word, "carol", scheme=NEW.id)], quiet=True)
    pull_corpus(client, title, corpus.folder, quiet=True)
    gold = {a.page: [run.label for run in a.labels] for a in make_gold(corpus).annotations}
    assert gold == {"p0": word, "p1": MOVED}


def test_what_does_not_fit_changes_nothing(client: Client, corpus: Corpus, live: Project) -> None:
    before = (live.settings()["label_config"], core(corpus.annotations()), content(live))
    part = MigrationPlan.of(scheme("article", "appeal", "form", "frame"), rename=["caption=frame"])
    with pytest.raises(PageblocksError, match=r"suggestions in the project 'Live .* no label sidebar \(5 blocks\)"):
        migrate(part, corpus.folder, client, titles=[live.title], quiet=True)
    with pytest.raises(PageblocksError, match="no project 'Nowhere' on http"):
        migrate(PLAN, corpus.folder, client, titles=[live.title, "Nowhere"], quiet=True)
    assert (live.settings()["label_config"], core(corpus.annotations()), content(live)) == before
    assert not (corpus.folder / "undecided.jsonl").exists()


def test_the_configuration_between_has_both_schemes(live: Project) -> None:
    both = relabel_module._both(live, PLAN)
    names = [line.split('"')[1] for line in both.splitlines() if "<Label " in line]
    assert names == [*NEW.names, "article", "caption", "sidebar"]
    live.update(label_config=both)
    assert live.settings()["label_config"] == both

"""Doubtful and disputed blocks go back to people, in a project of their own, and their word comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import PageblocksError
from toolkit.labelling.annotations import make_gold, measure_agreement
from toolkit.labelling.review import places, push_review
from toolkit.labelling.sync import pull_corpus
from toolkit.page import Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import detach, write_annotations
from toolkit.studio import tasks
from toolkit.studio.client import Client
from toolkit.studio.people import annotate
from toolkit.studio.projects import find_project

SCHEME = Scheme.default()
BODY = "<h1>Head {i}</h1><p>A story of the harbour, number {i}.</p><p>Give once</p>"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    pages = [Page(f"p{i}", "", BODY.format(i=i).encode(), url=f"http://s{i}.example/") for i in range(4)]
    made = create(tmp_path / "c", [(page, {}) for page in pages])
    for name, last in (("ada", "appeal"), ("ben", "sidebar")):
        labels = [["article", "article", last if i in (1, 3) else "appeal"] for i in range(4)]
        answers = [
            detach(segment(page), labels[i], name, scheme=SCHEME.id, created_at="2025-01-01T00:00:00+00:00")
            for i, page in enumerate(pages)
        ]
        write_annotations(made.folder / f"annotations/{name}.jsonl", answers)
    return made


def test_rows_find_their_blocks(corpus: Corpus) -> None:
    blocks = segment(corpus.page("p0"))
    run = {"start": blocks.start[1], "end": blocks.end[1], "hash": blocks.hashes[1]}
    assert list(places(blocks, [run])) == [1]
    assert list(places(blocks, [{"block": 1, "hash": blocks.hashes[1]}])) == [1]
    assert list(places(blocks, [{"block": 0, "start": 90, "end": 91, "hash": blocks.hashes[2]}])) == [
        2
    ]  # segmented anew
    assert places(blocks, [{"block": 0, "hash": "0000000000"}, {"page": "p0"}]) == {}


@pytest.mark.studio
def test_disputes_go_to_a_third_person_and_are_settled(client: Client, corpus: Corpus) -> None:
    disputed = make_gold(corpus).disputed
    assert [(d.page, d.labels) for d in disputed] == [(p, {"ada": "appeal", "ben": "sidebar"}) for p in ("p1", "p3")]
    rows = [d.to_dict() for d in disputed]
    dry = push_review(client, corpus, "Third word", scheme=SCHEME, rows=rows, dry_run=True)
    assert (dry.report.sent, find_project(client, "Third word")) == (2, None)
    assert push_review(client, corpus, "Third word", scheme=SCHEME, rows=rows, quiet=True).report.sent == 2
    project = find_project(client, "Third word")
    assert project is not None
    shown = {row["data"]["external_id"]: row for row in project.tasks("id,data,predictions")}
    assert sorted(shown) == ["p1", "p3"]  # those pages and no others
    html = shown["p1"]["data"]["html"]
    assert '<p data-t="2 ? p" data-q="ada: appeal, ben: sidebar">Give once</p>' in html
    assert html.count("data-q") == 1
    result = shown["p1"]["predictions"][0]["result"]
    assert [region["id"] for region in result] == ["b0002", "b0000", "b0001"]  # the question comes first
    labels, _ = tasks.labels_of(result, 3)
    assert labels[:2] == ["article", "article"]
    assert labels[2] in ("appeal", "sidebar")
    again = push_review(client, corpus, "Third word", scheme=SCHEME, rows=rows, quiet=True).report
    assert (again.sent, again.present) == (0, 2)
    assert "another title" in again.problems[-1]

    word = ["article", "article", "sidebar"]
    annotate(
        project, [detach(segment(corpus.page(id)), word, "carol", scheme=SCHEME.id) for id in ("p1", "p3")], quiet=True
    )
    before = measure_agreement(corpus.folder)
    pull_corpus(client, "Third word", corpus.folder, quiet=True)
    after = measure_agreement(corpus.folder)
    assert (after.percent, after.alpha, after.annotators) == (before.percent, before.alpha, ["ada", "ben"])
    assert (before.reviews, after.reviews, after.reviewers) == (0, 2, ["carol"])
    for gold, how in ((make_gold(corpus), "majority"), (make_gold(corpus, "carol"), "adjudicated")):
        assert (gold.disputed, gold.decided[how]) == ([], 2)
        assert [a.labels[2].label for a in gold.annotations] == ["appeal", "sidebar", "appeal", "sidebar"]


@pytest.mark.studio
def test_a_review_shows_the_gold_and_its_answer_replaces_the_old(client: Client, corpus: Corpus) -> None:
    wrong = ["article", "article", "form"]
    save_gold(corpus.folder, [detach(segment(page), wrong, "gold", scheme=SCHEME.id) for page in corpus.pages()])
    blocks = segment(corpus.page("p2"))
    row = {"page": "p2", "block": 2, "hash": blocks.hashes[2]}
    assert push_review(client, corpus, "Second look", scheme=SCHEME, rows=[row], quiet=True).report.sent == 1
    project = find_project(client, "Second look")
    assert project is not None
    (task,) = project.tasks("id,data,predictions")
    assert tasks.labels_of(task["predictions"][0]["result"], 3)[0] == wrong
    annotate(project, [detach(blocks, ["article", "article", "sidebar"], "ada", scheme=SCHEME.id)], quiet=True)
    pull_corpus(client, "Second look", corpus.folder, quiet=True)
    said = {(a.page, a.review): [run.label for run in a.labels][-1] for a in corpus.annotations()["ada"]}
    assert said == {
        ("p0", False): "appeal",
        ("p1", False): "appeal",
        ("p2", False): "appeal",
        ("p3", False): "appeal",
    } | {("p2", True): "sidebar"}
    assert [len(a.labels) for a in corpus.annotations()["ada"] if a.review] == [1]  # of the block that was asked about
    made = {a.page: [run.label for run in a.labels] for a in make_gold(corpus).annotations}
    assert made["p2"] == ["article", "article"]  # ben says otherwise
    with pytest.raises(PageblocksError, match="has no page p9"):
        push_review(client, corpus, "Second look", scheme=SCHEME, rows=[{"page": "p9"}])
    with pytest.raises(PageblocksError, match="names no page"):
        push_review(client, corpus, "Second look", scheme=SCHEME, rows=[{"id": "p2"}])
    assert push_review(client, corpus, "Second look", scheme=SCHEME, rows=[]).report.problems == ["nothing to review"]

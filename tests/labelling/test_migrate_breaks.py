"""A migration that breaks off, anywhere and in all states of a project: the same call goes on, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import BadScheme, StudioGone, UsageError
from toolkit.labelling.annotations import make_gold
from toolkit.labelling.migrate.corpus import MigrationPlan
from toolkit.labelling.migrate.run import migrate
from toolkit.labelling.review import push_review
from toolkit.labelling.sync import pull_corpus, push_corpus
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import detach
from toolkit.studio.client import Client
from toolkit.studio.people import annotate
from toolkit.studio.projects import find_project

from .moving import BODY, MOVED, NEW, OLD, PLAN, all_states, moved_state, state

pytestmark = pytest.mark.studio


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    pages = [Page(f"p{i}", "", BODY.format(i=i).encode(), url=f"http://s{i}.example/") for i in range(11)]
    return create(tmp_path / "c", [(page, {}) for page in pages])


def labels(corpus: Corpus) -> dict[tuple[str, str, bool], tuple[Any, ...]]:
    """What the files say: page, annotator, review -> state, time, scheme, labels."""
    every = [a for answers in corpus.annotations().values() for a in answers]
    return {
        (a.page, a.annotator, a.review): (a.state, a.created_at, a.scheme, [r.label for r in a.labels]) for a in every
    }


def who(found: dict[str, Any]) -> Counter[tuple[Any, ...]]:
    """Page, author and state of each answer, page and author of each draft."""
    answers = Counter((page, a[0], a[1]) for page, (given, _, _) in found.items() for a in given)
    return answers + Counter((page, d[0]) for page, (_, drafts, _) in found.items() for d in drafts)


def test_it_goes_on_wherever_it_broke_off(
    client: Client, corpus: Corpus, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = f"Breaks {request.node.name}"[:50]
    project = all_states(client, corpus, title)
    pull_corpus(client, title, corpus.folder, quiet=True)
    save_gold(corpus.folder, make_gold(corpus).annotations)
    before, files = state(project), labels(corpus)
    assert {page: len(drafts) for page, (_, drafts, _) in before.items() if drafts} == dict.fromkeys(
        ("p3", "p5", "p6", "p7", "p8", "p10"), 1
    )
    send, writes, breaks = Client.request, 0, 0

    def request_until_it_breaks(self: Client, method: str, path: str, **more: Any) -> Any:
        nonlocal writes
        writes += method != "GET"
        if writes == 2 and method != "GET":
            if breaks % 2:  # the server does it, and the answer is lost
                send(self, method, path, **more)
            raise StudioGone("the line broke")
        return send(self, method, path, **more)

    while True:
        writes = 0
        monkeypatch.setattr(Client, "request", request_until_it_breaks)
        try:
            migrate(PLAN, corpus.folder, client, titles=[title], quiet=True)
            break
        except StudioGone:
            breaks += 1
        monkeypatch.setattr(Client, "request", send)
        assert who(state(project)) == who(before), breaks
        assert labels(corpus) == files
        now = find_project(client, title)
        assert now is not None
        assert (now.scheme, now.moving) in ((OLD.id, NEW.id), (NEW.id, ""))
        with pytest.raises(BadScheme, match="scheme migrate"):
            pull_corpus(client, title, corpus.folder, quiet=True)
    assert breaks >= 20
    assert state(project) == moved_state(before)
    there = {key: (*row[:2], NEW.id, [PLAN.choices(name)[0] for name in row[3]]) for key, row in files.items()}
    assert labels(corpus) == there
    report = pull_corpus(client, title, corpus.folder, full=True, quiet=True)
    assert labels(corpus) == there
    assert not [line for line in report.problems if "not a label" in line]


def test_a_project_that_was_not_migrated_still_comes_back(
    client: Client, corpus: Corpus, request: pytest.FixtureRequest
) -> None:
    """A review that was made before the migration, and answered before and after it."""
    first, review = (f"{word} {request.node.name}"[:50] for word in ("First", "Review"))
    push_corpus(client, corpus, first, scheme=OLD, limit=2, quiet=True)
    blocks = {page: segment(corpus.page(page)) for page in ("p0", "p1")}
    project = find_project(client, first)
    assert project is not None
    said = {"ada": ["article", "caption", "appeal", "form"], "ben": ["article", "sidebar", "appeal", "form"]}
    annotate(
        project, [detach(b, said[name], name, scheme=OLD.id) for b in blocks.values() for name in said], quiet=True
    )
    pull_corpus(client, first, corpus.folder, quiet=True)
    rows = [{"page": page, "start": b.start[1], "end": b.end[1], "hash": b.hashes[1]} for page, b in blocks.items()]
    push_review(client, corpus, review, scheme=OLD, rows=rows, quiet=True)
    asked = find_project(client, review)
    assert asked is not None

    def answer(page: str, label: str) -> None:
        words = ["article", label, "appeal", "form"]
        annotate(asked, [detach(blocks[page], words, "carla", scheme=OLD.id)], quiet=True)

    answer("p0", "sidebar")
    pull_corpus(client, review, corpus.folder, quiet=True)
    report = migrate(PLAN, corpus.folder, client, titles=[first], quiet=True)
    assert [line for line in report.problems if f"project {asked.id} " in line]
    answer("p1", "form")
    found = pull_corpus(client, review, corpus.folder, quiet=True)
    assert [line for line in found.problems if "translated" in line]
    mine = {page: row[2:] for (page, name, _), row in labels(corpus).items() if name == "carla"}
    assert mine == {"p0": (NEW.id, ["frame"]), "p1": (NEW.id, ["appeal"])}
    assert make_gold(corpus).annotations[0].labels[1].label == "frame"

    with pytest.raises(UsageError, match=r"migrations.jsonl: caption of web-page@1 became frame in web-page@2, not"):
        migrate(MigrationPlan.of(NEW, ["caption=data"]), corpus.folder, client, titles=[review], quiet=True)
    last = migrate(MigrationPlan(NEW), corpus.folder, client, titles=[review], quiet=True)  # the rules are recorded
    assert (last.problems, last.projects[review].annotations) == ([], 2)
    pull_corpus(client, review, corpus.folder, full=True, quiet=True)
    assert {page: row[2:] for (page, name, _), row in labels(corpus).items() if name == "carla"} == mine
    assert [row[3] for (_, name, _), row in labels(corpus).items() if name == "ada"] == [
        ["story", "frame", *MOVED[2:]]
    ] * 2

"""A share of the pages goes to two people, by the labelling stream of a real Label Studio of the Community edition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from toolkit.corpus.folder import Corpus, create
from toolkit.errors import PageblocksError
from toolkit.labelling.annotations import measure_agreement
from toolkit.labelling.sync import keep_annotations, pull_corpus, push_corpus
from toolkit.page import Page
from toolkit.scheme import Scheme
from toolkit.studio.client import Client, connect
from toolkit.studio.overlap import ensure_overlap, work_on
from toolkit.studio.projects import find_project

pytestmark = pytest.mark.studio
BODY = "<h1>Head {i}</h1><p>A story of the harbour, number {i}.</p>"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    pages = [Page(f"p{i}", "", BODY.format(i=i).encode(), url=f"http://s{i}.example/") for i in range(10)]
    return create(tmp_path / "c", [(page, {}) for page in pages])


@pytest.fixture(scope="module")
def people(studio: Any) -> Iterator[list[httpx.Client]]:
    """Two people who log in as everybody does: by the invitation's link, with a password."""
    with ExitStack() as stack:
        admin = stack.enter_context(connect(folder=studio.folder))
        lines = []
        for name in ("anna", "bela"):
            line = stack.enter_context(
                httpx.Client(base_url=admin.url, trust_env=False, follow_redirects=True, timeout=60)
            )
            link = admin.get("api/invite")["invite_url"]
            line.get(link)
            email = f"{name}-overlap@example.org"
            form = {"email": email, "password": "Long-Pass-1234", "csrfmiddlewaretoken": line.cookies["csrftoken"]}
            assert line.post(link, data=form, headers={"Referer": admin.url}).status_code == 200
            assert line.get("/api/current-user/whoami").json()["email"] == email
            lines.append(line)
        yield lines


def work(line: httpx.Client, project: int, most: int = 100) -> list[str]:
    """Take what the stream offers, confirm the suggestions, until nothing comes; the page ids."""
    done = []
    while len(done) < most:
        answer = line.get(f"/api/projects/{project}/next")
        if answer.status_code == 404:
            break
        task = answer.json()
        body = {"result": task["predictions"][0]["result"], "lead_time": 1}
        sent = line.post(f"/api/tasks/{task['id']}/annotations/", json=body, headers={"Referer": str(line.base_url)})
        assert sent.status_code == 201, sent.text
        done.append(task["data"]["external_id"])
    return done


def test_a_share_is_labelled_by_two(client: Client, corpus: Corpus, people: list[httpx.Client]) -> None:
    anna, bela = people
    first = push_corpus(client, corpus, "Two readers", scheme=Scheme.default(), limit=5, overlap=0.2, quiet=True)
    project = find_project(client, "Two readers")
    assert project is not None

    def twice() -> set[str]:
        return {row["data"]["external_id"] for row in project.tasks("id,data,overlap") if row["overlap"] == 2}

    assert len(early := twice()) == 1
    # The rest of the corpus: pages that are there stay as they are, another import changes nothing for them.
    done = push_corpus(client, corpus, "Two readers", scheme=Scheme.default(), overlap=0.2, quiet=True)
    assert (first.report.sent, done.report.sent, done.report.present) == (5, 5, 5)
    assert len(both := twice()) == 2
    assert early < both
    push_corpus(client, corpus, "Two readers", scheme=Scheme.default(), overlap=0.2, quiet=True)
    assert twice() == both
    assert ensure_overlap(project, done.report.task_ids, 0.2) == 0

    some = work(anna, project.id, most=6)
    others = work(bela, project.id)
    some += work(anna, project.id)
    assert len(some) == len(set(some))
    assert sorted([*some, *others]) == sorted([*corpus.rows, *both])  # every page once, those two by both
    assert set(some) & set(others) == both
    assert work_on(project) == (set(), set(corpus.rows))
    pull_corpus(client, "Two readers", corpus.folder, quiet=True)
    assert measure_agreement(corpus.folder).pages == 2


def test_orders_send_what_waits_and_no_more(client: Client, corpus: Corpus, people: list[httpx.Client]) -> None:
    scheme = Scheme.default()
    dry = push_corpus(client, corpus, "In order", scheme=scheme, limit=4, order="diverse", dry_run=True)
    assert (dry.report.sent, find_project(client, "In order")) == (4, None)
    assert push_corpus(client, corpus, "In order", scheme=scheme, limit=4, order="diverse", quiet=True).report.sent == 4
    again = push_corpus(client, corpus, "In order", scheme=scheme, limit=4, order="diverse", quiet=True).report
    assert (again.sent, again.present) == (0, 4)
    project = find_project(client, "In order")
    assert project is not None
    assert len(work(people[0], project.id)) == 4
    after = push_corpus(client, corpus, "In order", scheme=scheme, limit=4, order="random", quiet=True).report
    assert (after.sent, after.present) == (4, 0)
    with pytest.raises(PageblocksError, match=r"an overlap of 1\.5"):
        push_corpus(client, corpus, "In order", scheme=scheme, overlap=1.5)
    with pytest.raises(PageblocksError, match="the order `uncertain` needs a model"):
        push_corpus(client, corpus, "In order", scheme=scheme, order="uncertain")


def test_two_projects_of_one_corpus(client: Client, corpus: Corpus, people: list[httpx.Client]) -> None:
    scheme = Scheme.default()
    for k, title in enumerate(("The first", "The second")):
        push_corpus(client, corpus, title, scheme=scheme, limit=2, quiet=True)
        project = find_project(client, title)
        assert project is not None
        assert len(work(people[k], project.id)) == 2
        pull_corpus(client, title, corpus.folder, quiet=True)
    assert (corpus.folder / f"studio/project-{project.id}/state.json").exists()
    assert {len(found) for found in corpus.annotations().values()} == {2}
    assert len(corpus.annotations()) == 2
    # An older answer of another project does not take the place of a newer one.
    name, found = next(iter(corpus.annotations().items()))
    older = json.loads((corpus.folder / f"annotations/{name}.jsonl").read_text().splitlines()[0])
    found[0].created_at, found[0].labels = "2001-01-01T00:00:00+00:00", []
    keep_annotations(corpus.folder / f"annotations/{name}.jsonl", found[:1])
    assert json.loads((corpus.folder / f"annotations/{name}.jsonl").read_text().splitlines()[0]) == older

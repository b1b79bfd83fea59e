"""Push, suggestions, annotators and pull against a real Label Studio."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from toolkit.errors import PageblocksError, StudioGone
from toolkit.page import Blocks, Page
from toolkit.scheme import Scheme
from toolkit.standoff import attach, detach
from toolkit.studio import server, tasks
from toolkit.studio.answers import pull
from toolkit.studio.client import Client, connect
from toolkit.studio.people import add_annotator, annotate
from toolkit.studio.projects import Project, ensure_project, find_project
from toolkit.studio.sync import ASKED, _filters, push

pytestmark = pytest.mark.studio
BODY = (
    "<h1>Head {i}</h1><p>One <b>story</b> {i}.</p><p>Give us money</p>"
    "<form><input placeholder='Your mail'><button>Send</button></form>"
)


@pytest.fixture
def pages(page_of: Callable[..., Blocks]) -> list[Blocks]:
    return [page_of(f"page-{i}", BODY.format(i=i), f"http://site{i}.example/a") for i in range(5)]


def there(project: Project) -> Counter[str]:
    return Counter(row["data"]["external_id"] for row in project.tasks("id,data"))


def shown(project: Project) -> dict[str, list[tuple[str, list[str | None]]]]:
    """Page -> its predictions: version and labels."""
    found: dict[str, list[tuple[str, list[str | None]]]] = {}
    for row in project.tasks("id,data,predictions"):
        n = len(row["data"]["blocks"])
        found[row["data"]["external_id"]] = [
            (p["model_version"], tasks.labels_of(p["result"], n)[0]) for p in row["predictions"]
        ]
    return found


def test_many_ids_are_asked_for_in_several_addresses() -> None:
    ids = [f"https://site{i}.example/a b/{'é' * i}" for i in range(60)] + ["x" * 5000, "last"]
    asked = [listed["value"] for listed in _filters(ids)]
    assert [id for some in asked for id in some] == ids
    assert len(asked) > 2
    assert all(len(some) == 1 or len(quote(json.dumps(some))) < 1.1 * ASKED for some in asked)
    assert list(_filters([])) == []


def test_a_project_is_made_once_and_knows_its_scheme(client: Client, project: Project) -> None:
    scheme = Scheme.default()
    assert ensure_project(client, project.title, scheme) == project == find_project(client, project.title)
    settings = project.settings()
    assert settings["label_config"] == scheme.label_studio_config().strip()
    assert settings["expert_instruction"] == scheme.instructions()
    assert settings["show_collab_predictions"] is True
    assert (project.scheme, list(project.names)) == (scheme.id, scheme.names)
    fewer = scheme.model_copy(update={"labels": scheme.labels[:3]})
    with pytest.raises(PageblocksError, match="has the labels article.*give another title"):
        ensure_project(client, project.title, fewer)
    with pytest.raises(PageblocksError, match="3 to 50"):
        ensure_project(client, "x", scheme)


def test_a_number_names_a_project_where_two_have_one_title(client: Client, project: Project) -> None:
    twin = client.request("POST", "api/projects", body={"title": project.title, "label_config": "<View/>"})["id"]
    try:
        with pytest.raises(PageblocksError, match=f"2 projects called .*give a number .*{project.id}"):
            find_project(client, project.title)
        assert find_project(client, str(project.id)) == project
        assert ensure_project(client, str(project.id), Scheme.default()) == project
        other = find_project(client, str(twin))
        assert other is not None
        assert (other.id, other.title) == (twin, project.title)
        client.request("PATCH", f"api/projects/{twin}", body={"title": "30999"})
        named = find_project(client, "30999")  # no project has this number: it is a title
        assert named is not None
        assert named.id == twin
    finally:
        client.request("DELETE", f"api/projects/{twin}")
    assert find_project(client, "30999") is None
    with pytest.raises(PageblocksError, match="no project with the number 30999"):
        ensure_project(client, "30999", Scheme.default())


def test_pushing_twice_sends_once(project: Project, pages: list[Blocks]) -> None:
    labels = [["article", "article", "appeal", "form", "form"]] * len(pages)
    assert [len(page) for page in pages] == [5] * len(pages)
    dry = push(project, pages, labels, model_version="m1", dry_run=True)
    assert (dry.sent, there(project)) == (5, Counter())
    first = push(project, pages, labels, scores=[[0.9] * 5] * 5, model_version="m1")
    second = push(project, [*pages, pages[0]], labels + labels[:1], scores=[[0.9] * 5] * 6, model_version="m1")
    assert (first.sent, first.present, first.problems) == (5, 0, [])
    assert (second.sent, second.present, second.refreshed, second.problems) == (0, 5, 0, [])
    assert first.task_ids == second.task_ids
    assert there(project) == Counter(page.page.id for page in pages)
    assert shown(project) == {page.page.id: [("m1", labels[0])] for page in pages}


def test_two_pushes_at_once_leave_one_task_a_page(
    client: Client, project: Project, page_of: Callable[..., Blocks]
) -> None:
    many = [page_of(f"page-{i}", BODY.format(i=i)) for i in range(60)]

    def run(_: int) -> None:
        with connect(client.url, client.sdk._client_wrapper._tokens_client.api_key) as own:
            push(Project(own, project.id, project.title, project.scheme, project.names), many, model_version="m1")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))
    assert there(project) == Counter(page.page.id for page in many)


def test_a_copy_that_another_push_deletes_first_stops_nothing(
    project: Project, pages: list[Blocks], monkeypatch: pytest.MonkeyPatch
) -> None:
    item = tasks.task(pages[0], None, None, model_version="m1", default="sidebar")
    project.client.request("POST", f"api/projects/{project.id}/import", body=[item, item])
    assert there(project) == {"page-0": 2}
    real, deleted = Client.raw, []

    def raw(self: Client, method: str, path: str, **rest: Any) -> bytes:
        answer = real(self, method, path, **rest)
        if method == "DELETE" and not deleted:
            deleted.append(path)
            raise StudioGone("Task matching query does not exist.")  # as the second of two who delete it is told
        return answer

    monkeypatch.setattr(Client, "raw", raw)
    report = push(project, pages[:1], model_version="m1")
    assert (len(deleted), report.removed, report.problems) == (1, 1, [])
    assert there(project) == {"page-0": 1}


def test_newer_suggestions_replace_the_old_and_touch_no_annotation(
    project: Project, pages: list[Blocks], tmp_path: Path
) -> None:
    push(project, pages, [["sidebar"] * 5] * 5, model_version="m1")
    answer = detach(pages[0], ["article", "article", "appeal", "form", "form"], "anna", scheme=project.scheme)
    annotate(project, [answer])
    part = push(project, pages[:2], [["article"] * 5] * 2, model_version="m2")
    assert part.refreshed == 2
    assert part.problems == ["3 pages have suggestions of another model, which are not shown; push again with m2"]
    rest = push(project, pages, [["article"] * 5] * 5, model_version="m2")
    assert (rest.sent, rest.refreshed, rest.problems) == (0, 3, [])
    assert shown(project) == {page.page.id: [("m2", ["article"] * 5)] for page in pages}
    assert project.settings()["model_version"] == "m2"
    assert attach(pages[0], pull(project, tmp_path).annotations[0]) == ["article", "article", "appeal", "form", "form"]


def test_what_cannot_be_pushed(project: Project, pages: list[Blocks], page_of: Callable[..., Blocks]) -> None:
    empty = Blocks(Page("empty", "empty.html", b""))
    report = push(project, [empty, pages[0]])
    assert (report.sent, report.empty, report.problems) == (1, ["empty"], ["skipped 1 page without text: empty"])
    with pytest.raises(PageblocksError, match="page-0: no label advert in the project"):
        push(project, pages[:1], [["advert"] * 5])
    with pytest.raises(PageblocksError, match="two different pages are called 'page-0'"):
        push(project, [pages[0], page_of("page-0", "other")])
    with pytest.raises(PageblocksError, match="page-1: 4 labels and 5 scores for 5 blocks"):
        push(project, pages[1:2], [["form"] * 4])
    with pytest.raises(PageblocksError, match="another number of pages"):
        push(project, pages, [["form"] * 5])
    with pytest.raises(PageblocksError, match="not a name for a model's version"):
        push(project, pages, model_version="a,b")
    changed = push(project, [page_of("page-0", "<p>all is new")], model_version="m9")
    assert "page-0: the page itself changed since the push; the project keeps the old version" in changed.problems
    assert there(project) == {"page-0": 1}


def test_annotators_answers_go_in_once_and_come_back_as_they_were(
    project: Project, pages: list[Blocks], tmp_path: Path
) -> None:
    push(project, pages)
    by_anna = [
        detach(page, ["article", "caption", "appeal", "form", "form"], "anna", scheme=project.scheme) for page in pages
    ]
    by_bela = [
        detach(page, ["article", "article", "sidebar", "form", "form"], "bela", scheme=project.scheme)
        for page in pages[:3]
    ]
    by_bela[2].state, by_bela[2].labels = "skipped", []
    first = annotate(project, [*by_anna, *by_bela])
    assert (first.sent, first.present, first.problems) == (8, 0, [])
    second = annotate(project, [*by_anna, *by_bela])
    assert (second.sent, second.present) == (0, 8)
    report = pull(project, tmp_path)
    assert report.problems == []
    assert (report.tasks, report.fetched, report.skipped, report.drafts) == (5, 5, 1, 0)

    def core(a: Any) -> Any:
        return (
            a.page,
            a.sha256,
            a.url,
            a.annotator,
            a.labels,
            a.scheme,
            a.state,
        )

    assert sorted(map(core, report.annotations)) == sorted(map(core, [*by_anna, *by_bela]))
    assert {who: len(found) for who, found in report.by_annotator.items()} == {"anna": 5, "bela": 3}


def test_pull_keeps_what_came_and_asks_only_for_what_changed(
    project: Project, pages: list[Blocks], tmp_path: Path
) -> None:
    push(project, pages)
    annotate(project, [detach(page, ["article"] * 5, "anna") for page in pages[:3]])
    first = pull(project, tmp_path)
    raw = sorted((tmp_path / "raw").iterdir())
    assert (first.fetched, len(raw)) == (3, 1)
    again = pull(project, tmp_path)
    assert (again.fetched, again.annotations) == (0, first.annotations)
    assert sorted((tmp_path / "raw").iterdir()) == raw
    annotate(project, [detach(pages[3], ["form"] * 5, "bela")])
    third = pull(project, tmp_path)
    assert (third.fetched, len(third.annotations)) == (1, 4)
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(PageblocksError, match=r"cannot use .*state\.json"):
        pull(project, tmp_path)
    (tmp_path / "state.json").unlink()
    assert pull(project, tmp_path).annotations == third.annotations


def test_a_deleted_user_keeps_the_name(client: Client, project: Project, pages: list[Blocks], tmp_path: Path) -> None:
    push(project, pages)
    annotate(project, [detach(pages[i], ["article"] * 5, "zoe") for i in range(2)])
    before = pull(project, tmp_path).annotations
    client.request("DELETE", f"api/users/{add_annotator(client, 'zoe')}")
    assert pull(project, tmp_path, full=True).annotations == before
    assert {a.annotator for a in pull(project, tmp_path / "fresh").annotations} == {"deleted-user"}
    row = next(row for row in project.tasks("id,data,annotations") if row["data"]["external_id"] == "page-0")
    client.request("DELETE", f"api/annotations/{row['annotations'][0]['id']}")
    after = pull(project, tmp_path)
    assert [a.page for a in after.annotations] == ["page-1"]
    assert after.problems == [f"1 task has no answers on the server any more; the last ones are in {tmp_path / 'raw'}"]


def test_drafts_are_counted_and_gaps_take_the_suggestion(
    client: Client, project: Project, pages: list[Blocks], tmp_path: Path
) -> None:
    ids = push(project, pages[:2], [["sidebar"] * 5] * 2, model_version="m1").task_ids
    one = tasks.regions(pages[0].text, [None, "article", None, None, None])
    client.request("POST", f"api/tasks/{ids['page-0']}/annotations/", body={"result": one})
    client.request("POST", f"api/tasks/{ids['page-1']}/drafts", body={"result": one, "lead_time": 1})
    report = pull(project, tmp_path)
    assert report.drafts == 1
    assert [a.page for a in report.annotations] == ["page-0"]
    assert attach(pages[0], report.annotations[0]) == ["sidebar", "article", "sidebar", "sidebar", "sidebar"]
    assert report.problems == ["page-0 (admin): blocks 0, 2, 3, 4 had no region; the suggestion that was shown counts"]


def test_a_folder_serves_one_project(client: Client, project: Project, tmp_path: Path) -> None:
    pull(project, tmp_path)
    (tmp_path / "state.json").write_text(json.dumps({"source": "https://elsewhere.example#1"}))
    with pytest.raises(PageblocksError, match=r"keeps the answers of https://elsewhere\.example#1"):
        pull(project, tmp_path)


def test_kill_9_in_a_push_leaves_no_copy_and_no_gap(own_studio: server.Server, page_of: Callable[..., Blocks]) -> None:
    body = "".join(f"<p>Paragraph {k} of a longer story.</p>" for k in range(150))
    many = [page_of(f"page-{i}", f"<h1>{i}</h1>{body}") for i in range(200)]
    folder = own_studio.folder
    port = int(own_studio.url.rsplit(":", 1)[1])
    with connect(folder=folder) as line:
        project = ensure_project(line, "Killed", Scheme.default())

    def kill_when(count: int, running: Any) -> None:
        with connect(folder=folder) as line:
            watched = find_project(line, "Killed")
            assert watched is not None
            while sum(there(watched).values()) < count and not running.done():
                time.sleep(0.05)
        current = server.status(folder)
        assert current is not None
        os.kill(current.pid, signal.SIGKILL)
        while server.status(folder) is not None:
            time.sleep(0.02)

    with ThreadPoolExecutor(1) as pool, connect(folder=folder) as line:
        project = Project(line, project.id, project.title, project.scheme, project.names)
        # The first push gives up at once; the second, which finds the server killed again, waits until it is back.
        running = pool.submit(push, project, many, model_version="m1", patience=0)
        kill_when(1, running)
        with pytest.raises(StudioGone, match="Label Studio"):
            running.result()
        server.start(folder, port=port, timeout=300, quiet=True)
        arrived = sum(there(project).values())
        assert 0 < arrived < 200
        running = pool.submit(push, project, many, model_version="m1", patience=300)
        kill_when(arrived + 1, running)
        server.start(folder, port=port, timeout=300, quiet=True)
        running.result()
        assert there(project) == Counter(page.page.id for page in many)
        assert {len(found) for found in shown(project).values()} == {1}

"""A project as a file, and from it on another server: the same pages, answers, people and times."""

from __future__ import annotations

import json
import os
import shutil
import signal
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from toolkit.errors import PageblocksError, StudioGone
from toolkit.page import Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import detach
from toolkit.studio import restore as restore_module
from toolkit.studio import server, tasks
from toolkit.studio.answers import pull
from toolkit.studio.archive import backup, read_backup
from toolkit.studio.client import Client, connect
from toolkit.studio.overlap import ensure_overlap
from toolkit.studio.people import add_annotator, annotate
from toolkit.studio.projects import Project, ensure_project, find_project
from toolkit.studio.restore import restore
from toolkit.studio.sync import push

pytestmark = pytest.mark.studio
SCHEME = Scheme.default()
HOSTILE = (
    "<h1>&lt;script&gt;alert(1)&lt;/script&gt; \u202e&amp;lt; \x07</h1><p>]]&gt; ' \" {{x}}</p><p>\ud83d\ude00</p>"
)
BODY = "<h1>Head {i}</h1><p>Story</p><p>Give</p>"
SAID = ["article", "sidebar", "appeal"]


def filled(client: Client, title: str) -> Project:
    """Five pages: a hostile one by two people, one by somebody who left, a skipped one, one begun by two, one with
    gaps.
    """
    project = ensure_project(client, title, SCHEME)
    bodies = [HOSTILE, *(BODY.format(i=i) for i in range(1, 5))]
    raw = [body.encode("utf-8", "surrogatepass") for body in bodies]
    pages = [segment(Page(f"p{i}", "", html, url=f"http://s{i}.example/?a=1&b=<b>")) for i, html in enumerate(raw)]
    ids = push(
        project,
        pages,
        [["sidebar", "article", "appeal"]] * 5,
        scores=[[0.25, 0.5, 0.75]] * 5,
        model_version="m1",
        quiet=True,
    ).task_ids
    push(
        project, pages[:1], [["form"] * 3], scores=None, model_version="m2", quiet=True
    )  # two versions of suggestions on p0
    one = detach(pages[0], SAID, "Ada.O'Neil@example.net", scheme=SCHEME.id)
    two = detach(pages[1], SAID, f"gone-{project.id}", scheme=SCHEME.id)
    skip = replace(two, page="p2", annotator="ben", sha256=pages[2].page.sha256, labels=[], state="skipped")
    annotate(project, [one, replace(one, annotator="ben"), two, skip], quiet=True)
    client.request("DELETE", f"api/users/{add_annotator(client, two.annotator)}")
    part = tasks.regions(["Head"], ["article"])
    client.request("POST", f"api/tasks/{ids['p3']}/drafts", body={"result": part, "lead_time": 7})
    client.request("POST", f"api/tasks/{ids['p4']}/annotations/", body={"result": part, "lead_time": 2.5})
    ensure_overlap(project, ids, 0.4)
    return project


def content(project: Project) -> list[Any]:
    """What is in the project, without numbers of the server."""
    found = []
    for row in project.tasks("id,data,overlap,predictions,total_annotations,cancelled_annotations,draft_exists"):
        shown = sorted((p["model_version"], p["score"], json.dumps(p["result"])) for p in row["predictions"])
        figures = [row["overlap"], row["total_annotations"], row["cancelled_annotations"], row["draft_exists"]]
        found.append((row["data"], shown, figures))
    settings = project.settings()
    keys = (
        "label_config",
        "expert_instruction",
        "model_version",
        "maximum_annotations",
        "sampling",
        "show_skip_button",
    )
    return [*found, {key: settings[key] for key in keys}]


def answers(project: Project, folder: Path) -> list[Any]:
    return [vars(annotation) for annotation in pull(project, folder, quiet=True).annotations]


def test_a_project_moves_to_another_server(
    client: Client, own_studio: server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = filled(client, "Moves")
    saved = backup(project, tmp_path / "moves.zip", quiet=True)
    assert saved.counts == {"tasks": 5, "annotations": 5, "skipped": 1, "predictions": 6, "drafts": 1}
    emails = {person["email"] for person in saved.people}
    assert emails == {"admin@example.com", "ada.o-neil@example.net", "ben@example.org"}
    folder, port = own_studio.folder, int(own_studio.url.rsplit(":", 1)[1])
    send, imports = Client.request, 0

    def request(self: Client, method: str, path: str, **more: Any) -> Any:
        nonlocal imports
        imports += path.endswith("/import")
        if imports == 3:
            os.kill(own_studio.pid, signal.SIGKILL)
        return send(self, method, path, **more)

    with connect(folder=folder) as there:
        assert restore(there, saved, dry_run=True).sent == 5
        assert find_project(there, "Moves") is None
        monkeypatch.setattr(restore_module, "BATCH", 1)
        monkeypatch.setattr(Client, "request", request)
        with pytest.raises(StudioGone):
            restore(there, saved, quiet=True)
        monkeypatch.undo()
    server.start(folder, port=port, timeout=300, quiet=True)
    with connect(folder=folder) as there:
        done = restore(there, saved, quiet=True)
        assert (done.present, done.sent, done.problems) == (2, 3, [])
        twin = find_project(there, "Moves")
        assert twin is not None
        assert twin.scheme == SCHEME.id
        assert content(twin) == content(project)
        expected = answers(project, tmp_path / "here")
        assert answers(twin, tmp_path / "there") == expected
        assert {a["annotator"] for a in expected} == {"ada.o-neil", "ben", "admin", "deleted-user"}
        (draft,) = [d for row in twin.tasks("id") for d in there.get(f"api/tasks/{row['id']}/drafts")]
        assert (draft["lead_time"], tasks.labels_of(draft["result"], 3)[0]) == (7, ["article", None, None])
        again = restore(there, saved, quiet=True)
        assert (again.sent, again.present) == (0, 5)
        assert content(twin) == content(project)
        # A backup of the copy is the same again, but for the numbers that the server gives.
        copy = backup(twin, tmp_path / "copy.zip", quiet=True)
        assert [[a["at"] for a in row["annotations"]] for row in copy.tasks()] == [
            [a["at"] for a in row["annotations"]] for row in saved.tasks()
        ]
        # Whoever answers anew answers now.
        (row,) = [row for row in twin.tasks("id,data,annotations") if row["data"]["external_id"] == "p4"]
        new = tasks.regions(["Head", "Story", "Give"], ["form"] * 3)
        there.request("PATCH", f"api/annotations/{row['annotations'][0]['id']}", body={"result": new})
        (changed,) = [a for a in pull(twin, tmp_path / "there", quiet=True).annotations if a.page == "p4"]
        assert [run.label for run in changed.labels] == ["form"] * 3
        assert changed.created_at >= max(a["created_at"] for a in expected)


def test_a_backup_is_one_private_file_without_secrets(client: Client, studio: Any, tmp_path: Path) -> None:
    project = filled(client, "Private")
    path = tmp_path / "deep" / "private.zip"
    backup(project, path, quiet=True)
    assert [p.name for p in path.parent.iterdir()] == ["private.zip"]
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["people.jsonl", "project.json", "tasks.jsonl"]
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (studio.token, studio.password, "task_data_password"):
        assert secret.encode() not in everything
    with pytest.raises(PageblocksError, match="--force overwrites"):
        backup(project, path)
    before = path.read_bytes()
    assert backup(project, path, force=True, quiet=True).counts["tasks"] == 5
    client.request("DELETE", f"api/projects/{project.id}")
    with pytest.raises(PageblocksError, match="no such thing"):
        backup(project, path, force=True, quiet=True)
    assert len(path.read_bytes()) == len(before)
    assert [p.name for p in path.parent.iterdir()] == ["private.zip"]
    with pytest.raises(PageblocksError, match="is a folder"):
        backup(project, tmp_path / "deep", force=True)


def test_another_project_of_that_title_stays_as_it_is(client: Client, tmp_path: Path) -> None:
    project = filled(client, "Twice")
    saved = backup(project, tmp_path / "b.zip", quiet=True)
    before = content(project)
    with pytest.raises(PageblocksError, match="a project 'Twice' that is not of this backup"):
        restore(client, saved)
    assert content(project) == before
    with pytest.raises(PageblocksError, match="3 to 50"):
        restore(client, saved, "x")
    copy = restore(client, saved, "Twice, a copy", quiet=True).project
    assert copy is not None
    assert content(copy) == before


def rewritten(path: Path, name: str, change: Any) -> Path:
    """The backup with another member `name`."""
    out = path.with_name(f"changed-{len(list(path.parent.iterdir()))}.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            made = change(data) if member == name else data
            if made is not None:
                new.writestr(member, made)
        new.writestr("../../outside.txt", "never written")
    return out


def test_bad_backups_are_refused_in_one_line(client: Client, project: Project, tmp_path: Path) -> None:
    push(project, [segment(Page("p0", "", b"<p>One</p>"))], quiet=True)
    whole = backup(project, tmp_path / "in" / "whole.zip", quiet=True).path
    shutil.copyfile(whole, tmp_path / "cut.zip")
    os.truncate(tmp_path / "cut.zip", 200)
    later = rewritten(whole, "project.json", lambda data: data.replace(b'"format": 1', b'"format": 2'))
    for path, says in (
        (tmp_path / "none.zip", "cannot read"),
        (tmp_path / "cut.zip", "no backup, or a damaged one"),
        (rewritten(whole, "tasks.jsonl", lambda _: None), "it has no tasks.jsonl"),
        (rewritten(whole, "project.json", lambda _: b"[]"), "project.json is damaged"),
        (rewritten(whole, "project.json", lambda data: data + b" " * (1 << 24)), "larger than any"),
        (later, "made by a newer pageblocks"),
        (rewritten(whole, "people.jsonl", lambda _: b"7\n"), "line 1 of people.jsonl is not an object"),
    ):
        with pytest.raises(PageblocksError, match=says):
            read_backup(path)
    for change, says in (
        (lambda data: data.replace(b"<p data-t", b"<img src=x onerror=alert(1)><p data-t"), "other markup"),
        (lambda data: data.replace(b'data-t=\\"0 p\\"', b'data-t=\\"0 p\\" onclick=\\"x\\"'), "other markup"),
        (lambda data: data.replace(b'"predictions"', b'"predicted"'), "task 1 is not whole"),
        (lambda data: data[:-9], "line 1 of tasks.jsonl is damaged"),
        (lambda data: b'{"data": {"x": 1}}\n', "holds no page"),
    ):
        with pytest.raises(PageblocksError, match=says):
            restore(client, read_backup(rewritten(whole, "tasks.jsonl", change)), "Never made")
    assert find_project(client, "Never made") is None
    assert not list(tmp_path.rglob("outside.txt"))
    assert not (tmp_path.parent / "outside.txt").exists()

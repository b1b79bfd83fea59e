"""The sync over a line that resets, hangs and halves, from servers that are killed, onto disks that are full."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from toolkit.errors import PageblocksError, StudioGone
from toolkit.page import Blocks
from toolkit.scheme import Scheme
from toolkit.standoff import detach
from toolkit.studio import answers, client, server
from toolkit.studio.answers import pull
from toolkit.studio.client import connect
from toolkit.studio.people import annotate
from toolkit.studio.projects import Project, ensure_project, find_project
from toolkit.studio.sync import push

from ..faults import fill, small_disk
from .line import Line

pytestmark = pytest.mark.studio
PAGES = 12


@pytest.fixture
def pages(page_of: Callable[..., Blocks]) -> list[Blocks]:
    return [page_of(f"page-{i}", f"<h1>Head {i}</h1><p>One story {i}.</p><button>Send</button>") for i in range(PAGES)]


@pytest.fixture
def line(studio: server.Server) -> Iterator[Line]:
    one = Line(urlsplit(studio.url).port or 0)
    yield one
    one.close()


@pytest.fixture
def over(line: Line, studio: server.Server, project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The project, seen over the line; who does not answer is given up soon, though not while a busy machine is only
    slow.
    """
    monkeypatch.setattr(client, "TIMEOUT", 10.0)
    monkeypatch.setattr(answers, "BATCH", 5)
    with connect(line.url, studio.token) as connection:
        yield replace(project, client=connection)


def there(project: Project) -> Counter[str]:
    return Counter(row["data"]["external_id"] for row in project.tasks("id,data"))


def label(project: Project, pages: list[Blocks]) -> None:
    push(project, pages, model_version="m1")
    annotate(project, [detach(page, ["article", "article", "form"], "anna", scheme=project.scheme) for page in pages])


def once(kind: str, *words: str) -> Callable[[str], str]:
    """The fault `kind`, at the first request with these words in its line."""
    left = [kind]
    return lambda request: left.pop() if left and all(word in request for word in words) else ""


FAULTS = ["refuse", "lose", "halve", "hang"]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("at", [("POST", "/import?"), ("GET", "/api/tasks")], ids=["import", "list"])
def test_push_over_a_bad_line(
    line: Line, over: Project, project: Project, pages: list[Blocks], kind: str, at: Any
) -> None:
    line.fault = once(kind, *at)
    with pytest.raises(StudioGone, match=r"repeat|start it with"):
        push(over, pages, model_version="m1", patience=0)
    line.fault = once(kind, *at)
    report = push(over, pages, model_version="m1", patience=300)  # it waits, and does no more than is missing
    assert there(project) == Counter(page.page.id for page in pages)
    assert sorted(report.task_ids) == sorted(page.page.id for page in pages)
    assert [row["predictions_model_versions"] for row in project.tasks("predictions_model_versions")] == ["m1"] * PAGES


@pytest.mark.parametrize("kind", FAULTS)
def test_pull_over_a_bad_line(
    line: Line, over: Project, studio: server.Server, project: Project, pages: list[Blocks], tmp_path: Path, kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    label(project, pages)
    exports = 0

    def fault(request: str) -> str:
        nonlocal exports
        exports += "/export" in request
        return kind if exports == 2 and "/export" in request else ""

    line.fault = fault
    with pytest.raises(StudioGone, match="repeat"):
        pull(over, tmp_path)
    assert len(list((tmp_path / "raw").iterdir())) == 1
    monkeypatch.undo()
    with connect(line.url, studio.token) as connection:
        report = pull(replace(over, client=connection), tmp_path)
    assert (report.fetched, report.problems) == (PAGES - 5, [])  # what came before the fault is not asked for again
    assert Counter(a.page for a in report.annotations) == Counter(page.page.id for page in pages)


def test_a_disk_that_is_full_when_exports_come(
    over: Project, project: Project, pages: list[Blocks], tmp_path: Path
) -> None:
    label(project, pages)
    with small_disk(tmp_path / "disk", 256) as disk:
        pull(over, disk / "studio")
        annotate(project, [detach(page, ["form"] * 3, "bela", scheme=project.scheme) for page in pages])
        before = {path.name: path.read_bytes() for path in (disk / "studio").rglob("*") if path.is_file()}
        filler = fill(disk)
        with pytest.raises(PageblocksError, match="No space left.*what was there is untouched"):
            pull(over, disk / "studio")
        assert {path.name: path.read_bytes() for path in (disk / "studio").rglob("*") if path.is_file()} == before
        filler.unlink()
        report = pull(over, disk / "studio")
        assert {who: len(found) for who, found in report.by_annotator.items()} == {"anna": PAGES, "bela": PAGES}


def test_kill_9_in_a_pull_loses_nothing(
    own_studio: server.Server, pages: list[Blocks], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(answers, "BATCH", 5)
    port = urlsplit(own_studio.url).port or 0
    with connect(folder=own_studio.folder) as own:
        project = ensure_project(own, "Killed", Scheme.default())
        label(project, pages)
        expected = pull(project, tmp_path / "whole").annotations
    line = Line(port)

    def kill(request: str) -> str:
        if "/export" not in request or not list((tmp_path / "out/raw").glob("*")):
            return ""
        os.kill(own_studio.pid, signal.SIGKILL)
        while server.status(own_studio.folder) is not None:
            time.sleep(0.02)
        return "lose"

    line.fault = kill
    with connect(line.url, own_studio.token) as own:
        with pytest.raises(StudioGone, match="repeat"):
            pull(replace(project, client=own), tmp_path / "out")
        line.fault = lambda request: ""
        server.start(own_studio.folder, port=port, timeout=300, quiet=True)
        found = find_project(own, "Killed")
        assert found is not None
        report = pull(found, tmp_path / "out")
    line.close()
    assert (report.fetched, report.annotations) == (PAGES - 5, expected)

"""Live suggestions against a real Label Studio: a backend of its own process, annotations, refits, kills."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="FastAPI is not installed; pip install 'pageblocks[serve]'")


from toolkit.corpus.folder import Corpus, create
from toolkit.errors import PageblocksError
from toolkit.labelling import sync
from toolkit.labelling.live.app import make_app
from toolkit.labelling.live.register import register
from toolkit.labelling.live.run import plan, run_backend, serving
from toolkit.labelling.live.suggest import Suggester
from toolkit.model import BlockClassifier
from toolkit.segment import segment
from toolkit.studio import tasks
from toolkit.studio.client import Client
from toolkit.studio.projects import Project, find_project

from .ferries import LABELS, LOCK, SCHEME, asked, environment, page, until

pytestmark = pytest.mark.studio


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def call(address: str, path: str, body: Any = None, lock: tuple[str, str] = LOCK) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, raw)
    request.add_header("Authorization", "Basic " + base64.b64encode(":".join(lock).encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """start(words...) -> the process of `pageblocks studio backend` and its address, once it is registered."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "toolkit.cli", "studio", "backend", *words, "--port", str(free_port())]
        with open(tmp_path / f"backend-{len(started)}.log", "w") as log:
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=tmp_path,
                env=environment(),
                start_new_session=True,
            )
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith("http://127.0.0.1:"), (tmp_path / f"backend-{len(started) - 1}.log").read_text()
        return process, line

    yield run
    for process in started:
        process.kill()
        process.communicate()


def next_task(project: Project) -> tuple[dict[str, Any], set[str]]:
    """What Label All Tasks opens, and the versions of the suggestions in it."""
    task = project.client.get(f"api/projects/{project.id}/next")
    return task, {found["model_version"] for found in task["predictions"]}


def stored(project: Project) -> list[set[str]]:
    """The versions of the suggestions of each page that nobody labelled."""
    listed = project.tasks("id,predictions_model_versions,total_annotations")
    return [set(row["predictions_model_versions"].split(",")) for row in listed if not row["total_annotations"]]


def annotate_next(project: Project) -> None:
    task, _ = next_task(project)
    result = tasks.regions(tasks.texts_of(task["data"]), LABELS)
    project.client.request("POST", f"api/tasks/{task['id']}/annotations/", body={"result": result, "lead_time": 1})


def entries(project: Project) -> tuple[list[str], list[str]]:
    models = project.client.get("api/ml", project=project.id)
    hooks = project.client.get("api/webhooks/", project=project.id)
    return [row["url"] for row in models], [row["url"].removesuffix("/webhook") for row in hooks]


def test_suggestions_come_and_learn_while_people_annotate(
    client: Client, studio: Any, corpus: Corpus, poor: BlockClassifier, tmp_path: Path,
    start: Callable[..., tuple[subprocess.Popen[str], str]],
) -> None:  # fmt: skip
    poor.save(tmp_path / "poor")
    title = "Live suggestions"
    sync.push_corpus(client, corpus, title, scheme=SCHEME, model=None, limit=8, quiet=True)
    project = find_project(client, title)
    assert project is not None
    words = [
        "--corpus",
        str(corpus.folder),
        "--project",
        title,
        "--model",
        str(tmp_path / "poor"),
        "--refit-after",
        "3",
    ]
    words += ["--folder", str(studio.folder)]
    process, address = start(*words)

    def health() -> dict[str, Any]:
        return dict(call(address, "/health")[1])

    # One entry, one hook; pages have the backend's suggestions, and Label Studio asks nobody when one is opened.
    assert entries(project) == ([address], [address])
    assert health()["model_version"] == poor.version == project.settings()["model_version"]
    task, versions = next_task(project)
    assert versions == {poor.version}
    assert len(task["predictions"][0]["result"]) == len(LABELS)

    # A push beside it does not turn them off, and new pages get them, too.
    sync.push_corpus(client, corpus, title, scheme=SCHEME, model=None, quiet=True)
    assert project.settings()["model_version"] == poor.version
    until(lambda: all(found == {"none", poor.version} for found in stored(project)))

    # Strangers and garbage.
    assert call(address, "/predict", asked(task), ("label-studio", "wrong"))[0] == 401
    assert call(address, "/webhook", {"action": "START_TRAINING"}, ("label-studio", "wrong"))[0] == 401
    assert call(address, "/predict", b"\x00garbage")[0] == 422
    assert health()["pending"] == 0

    # Three annotations start a refit; meanwhile the old model answers.
    for _ in range(3):
        annotate_next(project)
    until(lambda: health()["refitting"])
    assert call(address, "/predict", asked(task))[1]["model_version"] == poor.version
    until(lambda: health()["last_refit"])
    now = health()
    assert (now["refits"], now["pending"]) == (1, 0), now
    version = now["model_version"]
    assert version != poor.version
    assert "trained on 3 pages" in now["last_refit"]
    until(lambda: project.settings()["model_version"] == version)
    task, versions = next_task(project)
    assert versions == {version}
    labels, _ = tasks.labels_of(task["predictions"][0]["result"], len(LABELS))
    assert sum(a == b for a, b in zip(labels, LABELS, strict=True)) > len(LABELS) / 2
    assert (corpus.folder / "models" / "live").resolve().name == version

    # A refit that is killed changes nothing, nor do models that vanish from the disk.
    until(lambda: not health()["refitting"])
    for _ in range(3):
        annotate_next(project)
    os.kill(until(lambda: health()["refitting"]), signal.SIGKILL)
    until(lambda: "killed" in health()["last_refit"])
    assert (health()["model_version"], health()["refits"], health()["pending"]) == (version, 1, 3)
    shutil.rmtree(corpus.folder / "models")
    assert call(address, "/predict", asked(task))[1]["model_version"] == version

    # One that hangs or was killed changes nothing on the page, and the lead is told.
    process.send_signal(signal.SIGSTOP)
    assert next_task(project)[1] == {version}
    process.kill()
    process.wait()
    assert next_task(project)[1] == {version}
    told = sync.pull_corpus(client, title, corpus.folder, quiet=True).problems
    assert [line for line in told if line.startswith(f"the live model at {address} does not answer")]

    # It is taken over; one that is asked to stop cleans up, and its suggestions stay.
    process, address = start(*words)
    assert entries(project) == ([address], [address])
    assert next_task(project)[1] == {poor.version}
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0
    assert entries(project) == ([], [])
    assert next_task(project)[1] == {poor.version}
    talk = "".join(path.read_text() for path in sorted(tmp_path.glob("backend-*.log")))
    assert "Traceback" not in talk
    assert LOCK[1] not in talk
    assert studio.token not in talk


def test_one_project_has_one_backend(
    client: Client, studio: Any, project: Project, corpus: Corpus, poor: BlockClassifier, tmp_path: Path
) -> None:
    poor.save(tmp_path / "poor")
    given: dict[str, Any] = {"model": str(tmp_path / "poor"), "folder": studio.folder, "log": lambda line: None}
    with run_backend(corpus.folder, project.id, port=free_port(), **given) as first:
        with (
            pytest.raises(PageblocksError, match=f"another `pageblocks studio backend` serves .* at {first.address}"),
            run_backend(corpus.folder, project.id, port=free_port(), **given),
        ):
            raise AssertionError("never reached")
        register(project, first.address, first.password)  # once more: the same entry
        assert entries(project) == ([first.address], [first.address])
    assert entries(project) == ([], [])

    with serving(make_app(Suggester(corpus, poor), "x"), "127.0.0.1", free_port()) as port:
        body = {
            "project": project.id,
            "url": f"http://127.0.0.1:{port}",
            "title": "Somebody's",
            "auth_method": "BASIC_AUTH",
        }
        lock = {"basic_auth_user": "label-studio", "basic_auth_pass": "x"}
        client.request("POST", "api/ml", body=body | lock)
        with (
            pytest.raises(PageblocksError, match='has a model of its own already, "Somebody\'s"'),
            run_backend(corpus.folder, project.id, port=free_port(), **given),
        ):
            raise AssertionError("never reached")
    with (
        pytest.raises(PageblocksError, match="has no project 'Nowhere'"),
        run_backend(corpus.folder, "Nowhere", **given),
    ):
        raise AssertionError("never reached")


def test_a_model_or_corpus_of_other_labels_or_pages_is_refused(
    client: Client, studio: Any, project: Project, corpus: Corpus, poor: BlockClassifier, tmp_path: Path
) -> None:
    sync.push_corpus(client, corpus, project.title, scheme=SCHEME, limit=1, quiet=True)
    strange = BlockClassifier(folds=2, members=1, dumps=0, epochs=1)
    strange.fit([segment(page(i)) for i in range(2)], [["story", "frame"] * 4] * 2).save(tmp_path / "strange")
    poor.save(tmp_path / "poor")
    other = create(tmp_path / "other", [(page(77), {})])
    for folder, model, message in (
        (corpus.folder, "strange", "suggests frame, story, the project .* has the labels article, caption"),
        (other.folder, "poor", "has none of the 1 page of the project .*, such as 'page-0'"),
    ):
        given: dict[str, Any] = {"model": str(tmp_path / model), "folder": studio.folder, "log": lambda line: None}
        with pytest.raises(PageblocksError, match=message):
            plan(folder, project.id, **given)
        with pytest.raises(PageblocksError, match=message), run_backend(folder, project.id, **given):
            raise AssertionError("never reached")
    assert entries(project) == ([], [])


def test_the_server_asks_nobody_else_that_is_not_public(client: Client, project: Project) -> None:
    for url in (
        "http://192.168.1.1:9090",
        "http://169.254.169.254",
        "http://10.0.0.1",
        "http://0.0.0.0:9090",
        "http://172.17.0.1",
    ):
        with pytest.raises(PageblocksError, match="reserved network address"):
            client.request("POST", "api/ml", body={"project": project.id, "url": url, "title": "x"})
        with pytest.raises(PageblocksError, match="reserved network address"):
            client.request("POST", "api/webhooks/", body={"project": project.id, "url": url})

"""Live suggestions: the protocol by itself, refits and their failures. No Label Studio is asked."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="FastAPI is not installed; pip install 'pageblocks[serve]'")

from fastapi.testclient import TestClient

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import PageblocksError
from toolkit.labelling import sync
from toolkit.labelling.live import job
from toolkit.labelling.live.app import make_app
from toolkit.labelling.live.refit import Refitter
from toolkit.labelling.live.run import starting_model
from toolkit.labelling.live.suggest import Suggester
from toolkit.model import BlockClassifier
from toolkit.page import Blocks, Page
from toolkit.segment import segment
from toolkit.standoff import detach, write_annotations
from toolkit.studio import tasks

from .ferries import LABELS, LOCK, NAMES, asked, environment, page, until


@pytest.fixture
def app(corpus: Corpus, poor: BlockClassifier) -> Iterator[TestClient]:
    refitter = Refitter(Suggester(corpus, poor), job.Task("", 1, "", ""), 100)
    with TestClient(make_app(refitter.suggester, LOCK[1], refitter, largest=200_000)) as client:
        client.auth = LOCK
        yield client


def task_of(blocks: Blocks) -> dict[str, Any]:
    return {"id": 7, **tasks.task(blocks, default="sidebar")}


def test_predictions_are_those_that_a_push_would_send(app: TestClient, poor: BlockClassifier) -> None:
    pages = [segment(page(i)) for i in range(2)]
    answer = app.post("/predict", json=asked(*map(task_of, pages))).json()
    labels, scores, version = sync.suggest(poor, pages)
    assert labels is not None
    assert scores is not None
    pushed = [[tasks.prediction(p, a, s, model_version=version)] for p, a, s in zip(pages, labels, scores, strict=True)]
    assert answer == {"results": pushed, "model_version": poor.version}


def test_a_page_that_the_corpus_does_not_have_is_labelled_by_its_text(
    app: TestClient, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    formats: list[str] = []
    ask = BlockClassifier.predict_proba

    def recorded(model: BlockClassifier, pages: Sequence[Blocks]) -> Any:
        formats.extend(blocks.page.format for blocks in pages)
        return ask(model, pages)

    monkeypatch.setattr(BlockClassifier, "predict_proba", recorded)
    other, changed = segment(page(77)), task_of(segment(page(3)))
    changed["data"]["sha256"] = "0" * 64  # another version of the page was pushed than lies here now
    answer = app.post("/predict", json=asked(task_of(other), changed)).json()
    for (found,), blocks in zip(answer["results"], (other, segment(page(3))), strict=True):
        labels, problems = tasks.labels_of(found["result"], len(blocks), names=NAMES)
        assert (None in labels, problems) == (False, [])
        assert [r["value"]["text"] for r in found["result"]] == [tasks.clean(text) for text in blocks.text]
    assert formats == ["text", "text"]
    create(corpus.folder, ((page(i), {}) for i in (3, 77)))  # imported while the backend runs: now read as it came
    again = app.post("/predict", json=asked(task_of(other))).json()
    assert again["results"] == app.post("/predict", json=asked(task_of(segment(page(77))))).json()["results"]
    assert formats[2:] == ["html", "html"]


def test_hostile_text_comes_back_as_text_that_was_shown(app: TestClient) -> None:
    html = "<p>\u202e<script>alert(1)</script>&lt;img src=x onerror=alert(1)&gt; \ud83d\ude00 &#x1F600;</p><p>two</p>"
    blocks = segment(Page("evil", "evil", html.encode("utf-8", "surrogatepass")))
    ((found,),) = app.post("/predict", json=asked(task_of(blocks))).json()["results"]
    assert [r["value"]["text"] for r in found["result"]] == tasks.texts_of(task_of(blocks)["data"])


def test_a_strange_task_costs_the_others_nothing(app: TestClient) -> None:
    good = task_of(segment(page(1)))
    fewer = {"data": good["data"] | {"blocks": good["data"]["blocks"][:-1]}}
    endless = {"data": good["data"] | {"blocks": [[float("inf"), 2, "x"]] * len(LABELS)}}
    strange: list[Any] = [None, 3, {}, {"data": []}, {"data": {"text": "imported by hand"}}, fewer, endless]
    answer = app.post("/predict", content=json.dumps(asked(*strange, good))).json()
    assert [len(found) for found in answer["results"]] == [0, 0, 0, 0, 0, 0, 0, 1]


def test_only_labels_of_the_project_are_suggested(app: TestClient) -> None:
    item = task_of(segment(page(1)))
    two = (
        "<View><HyperTextLabels name='label' toName='page'><Label value='form'/><Label "
        "value='caption'/></HyperTextLabels></View>"
    )
    ((found,),) = app.post("/predict", json=asked(item, config=two)).json()["results"]
    ((whole,),) = app.post("/predict", json=asked(item)).json()["results"]
    said = [r["value"]["hypertextlabels"] for r in whole["result"]]
    assert [r["value"]["hypertextlabels"] for r in found["result"]] == [
        label if label[0] in ("form", "caption") else [] for label in said
    ]
    none = "<View><Labels name='label' toName='page'><Label value='story'/></Labels></View>"
    assert app.post("/predict", json=asked(item, config=none)).json()["results"] == [[]]


@pytest.mark.parametrize("path", ["/setup", "/predict", "/webhook", "/versions"])
@pytest.mark.parametrize(
    "lock", [None, ("label-studio", "wrong"), ("admin", LOCK[1]), ("", ""), ("label-studio", "geheim-\udcfc")]
)
def test_without_the_password_nothing_is_taken(app: TestClient, path: str, lock: tuple[str, str] | None) -> None:
    app.auth = None
    headers = {}
    if lock is not None:
        pair = ":".join(lock).encode("utf-8", "surrogateescape")
        headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
    answer = app.request("GET" if path == "/versions" else "POST", path, headers=headers)
    assert answer.status_code == 401
    assert app.get("/health").json()["pending"] == 0


BAD = {
    "empty": b"",
    "no JSON": b"{",
    "no object": b"[]",
    "no tasks": b'{"label_config": "<View/>"}',
    "tasks are no list": b'{"tasks": {"a": 1}, "label_config": "<View/>"}',
    "no configuration": b'{"tasks": []}',
    "configuration is no XML": b'{"tasks": [], "label_config": "<View>"}',
    "bytes": b"\xff\xfe\x00",
    "half a surrogate pair": b'{"tasks": [], "label_config": "\\ud800"}',
    "deep": b'{"tasks": ' + b"[" * 50_000 + b"]" * 50_000 + b', "label_config": "<View/>"}',
    "entities": json.dumps(
        {"tasks": [], "label_config": "<!DOCTYPE v [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
            f"<!ENTITY {b} '{('&' + a + ';') * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ) + "]><View><Label value='&i;'/></View>"}
    ).encode(),
}  # fmt: skip


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD.keys())
def test_garbage_is_refused_in_one_line(app: TestClient, raw: bytes) -> None:
    answer = app.post("/predict", content=raw)
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert detail
    assert "\n" not in detail
    assert len(detail) < 400


def test_too_much_is_refused(app: TestClient) -> None:
    assert app.post("/predict", content=b" " * 200_001).status_code == 413
    assert app.post("/webhook", content=(b" " * 50_000 for _ in range(5))).status_code == 413  # no length told
    assert app.post("/webhook", content=b"{}", headers={"Content-Length": "9" * 400}).status_code in (400, 413, 422)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "data", "html", "blocks", "x"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=st.lists(_JSON, max_size=3),
    action=st.sampled_from(["ANNOTATION_CREATED", "ANNOTATIONS_DELETED", "x"]),
    what=_JSON,
)
def test_no_payload_breaks_it(app: TestClient, items: list[Any], action: str, what: Any) -> None:
    answer = app.post("/predict", content=json.dumps(asked(*items)))
    assert answer.status_code == 422 or answer.json()["results"] == [[]] * len(items)
    event = app.post("/webhook", content=json.dumps({"action": action, "annotation": what, "annotations": what}))
    assert event.status_code in (200, 422)


def test_each_changed_annotation_counts_once(app: TestClient) -> None:
    assert app.post("/setup", json={"project": "1.1", "access_token": "x"}).json() == {
        "model_version": app.get("/health").json()["model_version"]
    }
    for action, what in [
        ("ANNOTATION_CREATED", {"annotation": {"id": 5, "result": []}}),
        ("ANNOTATION_UPDATED", {"annotation": {"id": 5}}),
        ("ANNOTATIONS_DELETED", {"annotations": [{"id": 6}, {"id": 7}]}),
        ("TASKS_CREATED", {"tasks": [{"id": 9}]}),
        ("PROJECT_UPDATED", {}),
    ]:
        assert app.post("/webhook", json={"action": action, **what}).json() == {"status": "ok"}
    health = app.get("/health").json()
    assert (health["status"], health["pending"], health["refits"], health["refit_after"]) == ("UP", 3, 0, 100)


def test_newer_annotations_count_more_than_gold(corpus: Corpus) -> None:
    def says(i: int, label: str, who: str, day: int) -> Any:
        return detach(segment(page(i)), [label] * len(LABELS), who, created_at=f"2026-01-{day:02}T00:00:00+00:00")

    save_gold(
        corpus.folder, [says(0, "article", "gold", 5), says(1, "article", "gold", 5), says(2, "article", "gold", 5)]
    )
    mine = [says(0, "form", "ada", 4), says(1, "form", "ada", 6), says(3, "form", "ada", 7), says(50, "form", "ada", 9)]
    write_annotations(corpus.folder / "annotations" / "ada.jsonl", mine)
    pages, labels, fresh, until = job.collect_refit_pages(corpus)
    found = {p.page.id: answers[0] for p, answers in zip(pages, labels, strict=True)}
    assert found == {"page-0": "article", "page-1": "form", "page-2": "article", "page-3": "form"}
    assert sorted(pages[i].page.id for i in fresh) == ["page-1", "page-3"]
    assert [pages[i].page.id for i in job.collect_refit_pages(corpus, "2026-01-06T00:00:00+00:00")[2]] == ["page-3"]
    assert until == "2026-01-07T00:00:00+00:00"  # page 50 is not in the corpus: once it is, its labels are new


def test_a_worse_model_is_told_from_a_better_one(poor: BlockClassifier) -> None:
    pages = [segment(page(i)) for i in range(6)]
    said = {i: poor.predict([pages[i]])[0] for i in (1, 4)}
    model, result = job.improve(pages, [LABELS] * 6, [1, 4], shown=said, running=poor)
    assert model is not None
    assert (result.old, result.lost, result.fresh) == (0, 0, 2)  # what people corrected was wrong
    assert result.new > 0.5
    assert model.facts_["init"] == poor.version
    blind = job.improve(pages, [LABELS] * 6, [1, 4], shown={}, running=poor)[1]
    assert blind.told == 2 * len(LABELS)
    assert blind.old == sum(a == b for a, b in zip(said[1] + said[4], LABELS * 2, strict=True)) / blind.told
    right, same = job.improve(pages, [LABELS] * 6, [1, 4], shown=dict.fromkeys((1, 4), LABELS), running=model)
    assert (right, same.told, same.old) == (None, 0, -1)  # people kept everything: nothing says that it is better
    assert job.improve(pages[:1], [LABELS], [0], shown={}, running=poor)[1].new == -1  # nothing to hold out


def test_models_are_saved_whole_and_few_are_kept(tmp_path: Path, poor: BlockClassifier) -> None:
    out = tmp_path / "models"
    for k in range(4):
        old = out / f"blocks-0000000{k}"
        old.mkdir(parents=True)
        os.utime(old, (k, k))
    (out / "mine").mkdir()
    path = job.save_live_model(poor, out, {"until": "2026"})
    assert path == job.save_live_model(poor, out, {"until": "2026"})  # the same weights again
    assert sorted(p.name for p in out.iterdir()) == sorted(["blocks-00000003", path.name, "live", "mine"])
    found, model = starting_model("", out)
    assert (found, model.version, model.facts_["until"]) == (path.resolve(), poor.version, "2026")
    (path / "weights.npz").write_bytes(b"broken")
    said: list[str] = []
    assert starting_model("", out, said.append)[1].version != poor.version
    assert len(said) == 1
    assert "damaged" in said[0]
    (out / "live").unlink()
    (out / "live").mkdir()
    with pytest.raises(PageblocksError, match="live is not a link that"):
        job.save_live_model(poor, out, {})


def test_a_refit_that_fails_leaves_the_model(corpus: Corpus, poor: BlockClassifier, tmp_path: Path) -> None:
    said: list[str] = []
    task = job.Task(str(corpus.folder), 1, "", str(tmp_path / "out"), folder=str(tmp_path / "none"))
    refitter = Refitter(Suggester(corpus, poor), task, 2, log=said.append)
    refitter.note({"1"})
    assert refitter.state()["refitting"] is None
    refitter.note({"2"})
    until(lambda: said)
    line = str(said[0])
    assert line.startswith("the refit failed, the old model stays: no Label Studio runs in ")
    assert "\n" not in line
    until(lambda: refitter.state()["last_refit"] == line)
    assert (refitter.state()["refits"], refitter.state()["pending"]) == (0, 2)
    assert refitter.suggester.model is poor
    refitter.note({"3"})  # not at once again: the next try comes after as many new ones
    assert refitter.state()["refitting"] is None
    refitter.close()
    assert refitter.start() is False


def test_the_extra_is_asked_for(tmp_path: Path) -> None:
    code = (
        "import sys\nclass No:\n    def find_spec(self, name, *_):\n"
        "        if name in ('fastapi', 'uvicorn'): raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, No())\nimport importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name in ('fastapi', 'uvicorn') else find(name, *a)\n"
        "from toolkit.cli import main; sys.argv = ['pageblocks', 'studio', 'backend', '--corpus', 'x']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "pageblocks: fastapi is not installed; pip install 'pageblocks[studio,serve]'"

"""What the service answers, in this process."""

from __future__ import annotations

import base64
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from toolkit import BlockClassifier
from toolkit.page import Page
from toolkit.segment import segment


def error(answer: Any) -> str:
    """The error of an answer: one line of JSON with one key."""
    assert answer.headers["content-type"] == "application/json"
    assert "\n" not in answer.text.strip()
    given = answer.json()
    assert list(given) == ["error"]
    assert given["error"] == " ".join(given["error"].split()) != ""
    return str(given["error"])


def test_html_gives_what_the_command_gives(client: Any, page: str, model: BlockClassifier) -> None:
    answer = client.post("/classify", content=page, headers={"content-type": "text/html"})
    assert answer.status_code == 200
    assert answer.json() == model.classify(page).to_dict()


@pytest.mark.parametrize("kind", ["", "text/html", "application/octet-stream", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(
    "pack", [str.encode, lambda text: gzip.compress(text.encode()), lambda text: text.encode("utf-16")]
)
def test_bodies_in_many_forms(client: Any, page: str, kind: str, pack: Any) -> None:
    content = pack(page)
    if kind == "text/html" and content[:2] == b"\xff\xfe":
        kind = "text/html; charset=utf-16"
    answer = client.post("/classify", content=content, headers={"content-type": kind} if kind else {})
    assert answer.json()["title"] == "Ferry timetable", answer.text


def test_charset_of_the_transport(client: Any) -> None:
    answer = client.post(
        "/classify", content="<p>Øya".encode("cp1252"), headers={"content-type": "text/html; charset=windows-1252"}
    )
    assert [block["text"] for block in answer.json()["blocks"]] == ["Øya"]


@pytest.mark.parametrize("given", [{"html": "<p>one</p><p>two"}, {"text": "one\n\ntwo"}])
def test_json(client: Any, given: dict[str, str]) -> None:
    answer = client.post("/classify", json={**given, "id": "mine", "url": "https://ferry.example/"}).json()
    assert (answer["id"], [block["text"] for block in answer["blocks"]]) == ("mine", ["one", "two"])
    assert all(block["id"].startswith("mine:") for block in answer["blocks"])


def test_plain_text_is_no_html(client: Any) -> None:
    answer = client.post("/classify", content="<p>not a tag", headers={"content-type": "text/plain"})
    assert answer.json()["blocks"][0]["text"] == "<p>not a tag"


def test_half_a_surrogate_pair_stops_nothing(client: Any) -> None:
    answer = client.post(
        "/classify", content=b'{"html": "<p>The \\ud83d ferry"}', headers={"content-type": "application/json"}
    )
    assert "ferry" in answer.json()["blocks"][0]["text"]


BAD = [
    ("{", 400, "not JSON"),
    ('"' + "x" * 10, 400, "not JSON"),
    ("[" * 100_000, 400, "not JSON"),
    (b"\xff\xfe\xff", 400, "not JSON"),
    ("[]", 422, "a list"),
    ("{}", 422, "give html, text, or the url"),
    ('{"html": 3}', 422, "html is text, not a number"),
    ('{"html": "<p>x", "text": "x"}', 422, "not both"),
    ('{"html": ""}', 422, "empty"),
    ('{"html": "<p></p>"}', 422, "no text"),
    ('{"html": "<p>x", "id": ""}', 422, "id has"),
    ('{"html": "<p>x", "keep": ["article"]}', 422, "unknown key 'keep'"),
    ('{"url": "file:///etc/passwd"}', 422, "not an http"),
    ('{"url": "http://[::1"}', 422, "not an http"),
    ('{"url": "http://127.0.0.1:1/"}', 422, "leads to a private network; the service's operator may allow that"),
    ('{"url": "http://[::ffff:169.254.169.254]/latest/meta-data"}', 422, "private network"),
    ('{"url": "http://localhost:8000/"}', 422, "private network"),
]


@pytest.mark.parametrize(("content", "status", "why"), BAD, ids=[str(case[0])[:40] for case in BAD])
def test_what_is_wrong_is_said_in_one_line(client: Any, content: Any, status: int, why: str) -> None:
    answer = client.post("/classify", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, why in error(answer)) == (status, True), answer.text


def test_other_content_types_paths_and_methods(client: Any) -> None:
    assert client.post("/classify", content="x", headers={"content-type": "image/png"}).status_code == 415
    assert client.post("/classify/batch", content="x", headers={"content-type": "text/html"}).status_code == 415
    assert client.post("/classify", content="x", headers={"content-encoding": "br"}).status_code == 415
    assert (error(client.get("/none")), error(client.get("/classify"))) == ("Not Found", "Method Not Allowed")
    assert "url" in error(client.post("/classify", content="x", params={"url": "x" * 3000}))


def test_a_body_that_is_too_large(client: Any) -> None:
    sent = 0

    def endless() -> Any:
        nonlocal sent
        while sent < 50_000_000:
            sent += 100_000
            yield b"x" * 100_000

    for content in (b"x" * 1_000_001, endless()):
        answer = client.post("/classify", content=content)
        assert (answer.status_code, "more than 1,000,000 bytes" in error(answer)) == (413, True)
    bomb = gzip.compress(bytes(2_000_000))
    assert "larger than" in error(client.post("/classify", content=bomb))


def test_batch_in_order_with_bad_pages_in_their_places(client: Any, page: str, model: BlockClassifier) -> None:
    pages: list[Any] = [{"html": page, "id": f"p{k}"} for k in range(18)]
    pages[3], pages[11] = {"html": "", "id": "empty"}, {"url": "http://127.0.0.1/"}
    answers = client.post("/classify/batch", json={"pages": [*pages, 7]}).json()["pages"]
    assert [answer["id"] for answer in answers[:3]] == ["p0", "p1", "p2"]
    assert [k for k, answer in enumerate(answers) if "error" in answer] == [3, 11, 18]
    assert answers[3] == {"id": "empty", "error": "page: the page is empty; leave it out"}
    alone = model.classify(page).to_dict()
    assert [block["label"] for block in answers[17]["blocks"]] == [block["label"] for block in alone["blocks"]]


@pytest.mark.parametrize(
    "given", [{}, {"pages": []}, {"pages": [{"text": "x"}] * 21}, {"pages": {}}, {"pages": [3], "more": 1}]
)
def test_what_is_no_batch(client: Any, given: Any) -> None:
    answer = client.post("/classify/batch", json=given)
    assert (answer.status_code, bool(error(answer))) == (422, True)


def test_extract(client: Any, page: str, model: BlockClassifier) -> None:
    wanted = model.extract(page)
    assert "After two winters" in wanted
    assert client.post("/extract", content=page).json() == {
        "id": "page",
        "source": "page",
        "title": "Ferry timetable",
        "note": "",
        "text": wanted,
    }
    assert client.post("/extract", content=page, headers={"accept": "text/plain"}).text == wanted + "\n"
    keep = ["form", "sidebar"]
    both = model.extract(page, keep=keep)
    assert client.post("/extract", json={"html": page, "keep": keep}).json()["text"] == both
    assert client.post("/extract", content=page, params={"keep": keep}).json()["text"] == both
    markdown = model.extract(page, keep=keep, format="markdown", visible=True)
    wish = {"keep": keep, "format": "markdown", "visible": True}
    assert client.post("/extract", json={"html": page, **wish}).json()["text"] == markdown
    assert client.post("/extract", content=page, params=wish).json()["text"] == markdown
    sure = model.extract(page, keep=keep, min_probability=0.93)
    assert sure != both
    for least in (0.93, {"form": 0.93, "sidebar": 0.93}):
        wish = {"keep": keep, "min_probability": least}
        assert client.post("/extract", json={"html": page, **wish}).json()["text"] == sure
    assert client.post("/extract", content=page, params={"keep": keep, "min_probability": 0.93}).json()["text"] == sure
    for wish in ({"min_probability": 0.9}, {"keep": keep, "min_probability": {"form": 2}}):
        assert "min_probability" in error(client.post("/extract", json={"html": page, **wish}))
    assert "not a string" in error(client.post("/extract", json={"html": page, "keep": keep, "min_probability": "1"}))
    assert "text or markdown" in error(client.post("/extract", json={"html": page, "format": "rtf"}))
    assert "format" in error(client.post("/extract", content=page, params={"format": "rtf"}))
    assert "true or false" in error(client.post("/extract", json={"html": page, "visible": "yes"}))
    assert "unknown key 'format'" in error(client.post("/classify", json={"html": page, "format": "text"}))
    assert "no label 'advert'" in error(client.post("/extract", json={"html": page, "keep": ["advert"]}))
    assert "keep once for each" in error(client.post("/extract", content=page, params={"keep": "article,caption"}))


def test_health_and_headers(client: Any, model: BlockClassifier) -> None:
    answer = client.get("/health")
    health = answer.json()
    assert (health["status"], health["model"], health["labels"]) == ("ok", model.version, list(model.classes_))
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


def figures(client: Any) -> dict[str, float]:
    lines = [line for line in client.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_count(client: Any, page: str) -> None:
    before = figures(client)
    blocks = client.post("/classify", content=page).json()["blocks"]
    client.post("/classify", json={"html": ""})
    client.get("/no/such/path")
    after = figures(client)

    def grew(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grew("pageblocks_pages_total") == 1
    assert grew("pageblocks_page_errors_total") == 1
    assert grew('pageblocks_requests_total{path="/classify",status="200"}') == 1
    assert grew('pageblocks_requests_total{path="other",status="404"}') == 1
    assert grew('pageblocks_request_seconds_count{path="/classify"}') == 2
    assert sum(grew(name) for name in after if name.startswith("pageblocks_blocks_total")) == len(blocks)


def test_more_than_the_queue_holds_is_sent_away_and_health_answers(client: Any, page: str) -> None:
    slow = json.dumps({"pages": [{"html": page * 20}] * 20})
    headers = {"content-type": "application/json"}
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(client.post, "/classify/batch", content=slow, headers=headers) for _ in range(8)]
        assert client.get("/health").status_code == 200
        answers = [one.result() for one in asked]
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    away = next(answer for answer in answers if answer.status_code == 503)
    assert int(away.headers["retry-after"]) >= 1
    assert "try again" in error(away)
    assert client.get("/health").json()["requests"] == 0


def test_openapi_and_docs(client: Any) -> None:
    described = client.get("/openapi.json").json()
    assert {"/classify", "/classify/batch", "/extract", "/health", "/metrics"} == set(described["paths"])
    assert "413" in described["paths"]["/classify"]["post"]["responses"]
    docs = client.get("/docs")
    assert docs.status_code == 200
    assert "/classify/batch" in docs.text
    assert "src=" not in docs.text
    assert "curl --data-binary @page.html http://testserver/classify\n" in docs.text
    asked = client.get("/docs", headers={"host": "pages.example:8017"}).text
    assert "http://pages.example:8017/extract" in asked
    assert "127.0.0.1" not in asked


def test_unknown_parameters_and_forms_are_refused(client: Any) -> None:
    for path, name in (("/classify", "format"), ("/classify/batch", "url"), ("/extract", "Keep")):
        answer = client.post(f"{path}?{name}=x", content="<p>one")
        assert answer.status_code == 422
        assert f"unknown query parameter '{name}'" in error(answer)
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/classify", content="html=%3Cp%3Ehello&url=", headers=form)
    assert answer.status_code == 415
    assert "the body is a form" in error(answer)
    assert client.post("/classify", content="<p>a=b", headers=form).status_code == 200  # as curl --data-binary sends it


def test_a_page_to_annotate_comes_with_its_bytes_and_places(client: Any, page: str) -> None:
    plain = client.post("/classify", json={"html": page}).json()
    answer = client.post("/classify", json={"html": page, "annotate": True}).json()
    assert gzip.decompress(base64.b64decode(answer["content"])) == page.encode()
    blocks = segment(Page("page", "page", page.encode(), encoding="utf-8"))
    assert answer["sha256"] == blocks.page.sha256
    assert [tuple(block.pop("place"))[:3] for block in answer["blocks"]] == list(
        zip(blocks.start, blocks.end, blocks.hashes, strict=True)
    )
    assert [block.pop("main") for block in answer["blocks"]].count(True) >= 1
    assert {key: answer[key] for key in plain} == plain
    again = client.post("/classify?annotate=true", content=base64.b64decode(answer["content"]))
    assert again.json()["sha256"] == answer["sha256"]
    assert "annotate is true or false" in error(client.post("/classify", json={"html": page, "annotate": 1}))

"""The service as a process: signals, a death in the middle, workers that hang."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from toolkit.errors import PageblocksError

ROOT = Path(__file__).parents[2]


def post(url: str, given: Any, path: str = "/classify") -> tuple[int, Any]:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)) as line:
        line.request("POST", path, json.dumps(given), {"content-type": "application/json"})
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())


def health(url: str) -> Any:
    with urllib.request.urlopen(url + "/health", timeout=60) as answer:
        return json.load(answer)


def when(ready: Callable[[], bool]) -> None:
    while not ready():
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether a process runs; one that is dead and waits for its parent to ask after it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def workers(pid: int) -> list[int]:
    """The processes that have the server's fork server as their parent."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = Path(f"/proc/{name}/stat").read_text()
            except OSError:
                continue
            found.append((int(name), int(stat.rpartition(")")[2].split()[1])))
    inner = {child for child, parent in found if parent == pid}
    return [child for child, parent in found if parent in inner]


def many(page: str) -> dict[str, Any]:
    return {"pages": [{"html": page * 20}] * 60}


def test_sigterm_finishes_what_it_has(service: Any, page: str) -> None:
    one = service()
    answers: list[tuple[int, Any]] = []
    asking = threading.Thread(target=lambda: answers.append(post(one.url, many(page), "/classify/batch")))
    asking.start()
    when(lambda: health(one.url)["requests"] == 1)  # it answers while it works
    assert one.stop(signal.SIGTERM) == 0
    asking.join()
    ((status, answer),) = answers
    assert (status, len(answer["pages"])) == (200, 60)
    assert all("blocks" in page for page in answer["pages"])
    assert "Traceback" not in one.said


def test_killed_and_started_again_in_the_same_place(service: Any, page: str) -> None:
    one = service()
    left = workers(one.process.pid)
    assert left

    def ask() -> None:
        with suppress(OSError, http.client.HTTPException):  # it may be answered before the kill
            post(one.url, many(page), "/classify/batch")

    asking = threading.Thread(target=ask)
    asking.start()
    assert one.stop(signal.SIGKILL) == -signal.SIGKILL
    asking.join()
    when(lambda: not any(map(lives, left)))  # nobody is left behind
    again = service("--port", one.url.rpartition(":")[2])
    assert again.url == one.url
    assert post(again.url, {"html": page})[0] == 200
    assert again.stop(signal.SIGINT) == 130
    assert "Traceback" not in again.said


def test_a_worker_that_dies_or_hangs_is_replaced(service: Any, page: str) -> None:
    one = service("--time-limit", "0.2")
    (worker,) = workers(one.process.pid)
    os.kill(worker, signal.SIGKILL)
    when(lambda: workers(one.process.pid) != [worker])
    assert post(one.url, {"html": page})[0] == 200
    (worker,) = workers(one.process.pid)
    os.kill(worker, signal.SIGSTOP)
    status, answer = post(one.url, {"html": page})
    assert (status, "took too long" in answer["error"]) == (422, True)
    assert post(one.url, {"html": page})[0] == 200
    with urllib.request.urlopen(one.url + "/metrics") as figures:
        assert b"pageblocks_worker_restarts_total 2.0" in figures.read()


def test_a_page_that_takes_too_long_is_cut_off(service: Any, page: str) -> None:
    one = service("--time-limit", "0.3")
    heavy = "<p>" + "one two <b>three</b> " * 400_000
    status, answer = post(one.url, {"pages": [{"html": page}, {"html": heavy}, {"html": page}]}, "/classify/batch")
    assert status == 200
    assert ["blocks" in page for page in answer["pages"]] == [True, False, True]
    assert "longer than 0.3 seconds" in answer["pages"][1]["error"]


def test_only_its_own_names_and_only_http(service: Any) -> None:
    one = service("--allow-host", "blocks.example")
    port = urlsplit(one.url).port
    for host, status in (("evil.example", 421), (f"blocks.example:{port}", 200), ("localhost", 200), ("[::1]:80", 200)):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
            line.putrequest("GET", "/health", skip_host=True)
            line.putheader("Host", host)
            line.endheaders()
            assert line.getresponse().status == status, host
    with socket.create_connection(("127.0.0.1", port or 0), 60) as raw:
        raw.sendall(b"\x16\x03\x01\x00nonsense\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
    with socket.create_connection(("127.0.0.1", port or 0), 60) as raw:  # half a request
        raw.sendall(b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n<p>half")
        when(lambda: health(one.url)["requests"] == 1)
    when(lambda: health(one.url)["requests"] == 0)
    assert health(one.url)["status"] == "ok"
    assert "Traceback" not in one.said


def serve(*arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "toolkit.cli", "serve", *arguments],
        cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert ran.stderr.count("\n") == 1
    return ran.stderr


def test_what_cannot_start_says_so_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "another --port" in serve("--port", str(taken.getsockname()[1]))
    assert "no such model" in serve("--port", "0", "--model", str(tmp_path / "none"))


def test_without_the_extra_there_is_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    from toolkit.serve import serve as run

    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(PageblocksError, match=r"uvicorn is not installed; pip install 'pageblocks\[serve\]'"):
        run()


DOCS = (ROOT / "docs/serve.md").read_text("utf-8")
CURLS = re.findall(r"^curl .*$", DOCS, re.M)


def test_there_are_curl_examples() -> None:
    assert len(CURLS) >= 4


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on the PATH")
@pytest.mark.parametrize("line", CURLS)
def test_curl_examples_of_the_docs_work(url: str, tmp_path: Path, page: str, line: str) -> None:
    (tmp_path / "page.html").write_text(page, "utf-8")
    words = shlex.split(line.replace("http://127.0.0.1:8000", url))
    if "--json" in words:  # for curl before 7.82
        words[words.index("--json")] = "--data"
        words += ["-H", "Content-Type: application/json"]
    ran = subprocess.run([*words, "--silent", "--show-error", "--fail"], capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    wanted = "After two winters" if "page.html" in line else '"text"' if "/extract" in line else '"label"'
    assert wanted in ran.stdout

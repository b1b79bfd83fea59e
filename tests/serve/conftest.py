"""A service in this process, a service of its own, pages."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="FastAPI is not installed; pip install 'pageblocks[serve]'")

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html><title>Ferry timetable</title><nav><a href=/>Home</a> <a href=/news>News</a></nav>
<main><h1>The night ferry sails again</h1><p>After two winters at the quay the night ferry left the harbour on Monday
with four
hundred people on board, a brass band and the mayor, who had promised as much in spring.</p></main>
<p>Support our reporting: become a member</p><form><label>E-mail</label><button>Sign up</button></form>"""


@pytest.fixture(scope="session")
def page() -> str:
    return PAGE


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """A service with small limits."""
    from starlette.testclient import TestClient

    from toolkit.serve import Settings
    from toolkit.serve.app import create_app

    app = create_app(Settings(max_bytes=1_000_000, max_pages=20, workers=1, queue=2, time_limit=5))
    with TestClient(app) as client:
        yield client


class Service:
    """`pageblocks serve` as a process."""

    def __init__(self, *arguments: str) -> None:
        self._talk = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "toolkit.cli", "serve", "--port", "0", "--workers", "1", *arguments],
            cwd=ROOT,
            stderr=self._talk,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        while not (found := re.search(r"Listening at (http://\S+)", self.said)):
            assert self.process.poll() is None, self.said
            time.sleep(0.05)
        self.url = found[1]

    @property
    def said(self) -> str:
        return os.pread(self._talk.fileno(), 100_000, 0).decode()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._talk.close()


@pytest.fixture
def service() -> Iterator[Callable[..., Service]]:
    started: list[Service] = []

    def start(*arguments: str) -> Service:
        started.append(Service(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where a service that the tests of a file share answers."""
    one = Service()
    yield one.url
    one.end()

"""A small public corpus as upstream lays it out, and a server that serves its archive."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGES = {
    "0001": ("https://ferry.example/news", "<title>Ferry</title><p>The night ferry sails again after two winters.</p>"),
    "0002": ("https://oven.example/bread", "<title>Oven</title><p>Bread wants steam for the first ten minutes.</p>"),
}
ENTRY = """
name = "small"
title = "A small corpus"
license = "mit"
credit = "Nobody"
homepage = "https://small.example"
commit = "abc1234"
archive = "{url}/small/archive/{{commit}}.tar.gz"
reader = "wcxb"
folder = "dev"
use = "{use}"
"""


def archive(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def upstream(folder: str = "dev") -> dict[str, bytes]:
    files = {"small-abc1234/README.md": b"read me", "small-abc1234/test/html/0003.html.gz": b"not ours"}
    for id, (url, page) in PAGES.items():
        truth = {"title": id, "main_content": f"Main {id}", "with": ["ferry"], "without": ["menu"]}
        row = {"url": url, "_internal": {"page_type": {"primary": "article"}}, "ground_truth": truth}
        files[f"small-abc1234/{folder}/ground-truth/{id}.json"] = json.dumps(row).encode()
        files[f"small-abc1234/{folder}/html/{id}.html.gz"] = gzip.compress(page.encode())
    return files


class Server:
    """Serves what it is given, by path; notes what was asked for."""

    def __init__(self) -> None:
        outer = self
        self.files: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.cut: set[str] = set()
        self.asked: list[str] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                if self.path in outer.moved:
                    self.send_response(302)
                    self.send_header("Location", outer.moved[self.path])
                    self.end_headers()
                    return
                content = outer.files.get(self.path)
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if self.path in outer.cut else content)

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    thread = threading.Thread(target=one.http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield one
    one.http.shutdown()
    thread.join()
    one.http.server_close()


@pytest.fixture
def entry(server: Server, tmp_path: Path) -> Path:
    """The recipe of the small corpus, whose archive lies on the server."""
    server.files["/small/archive/abc1234.tar.gz"] = archive(upstream())
    path = tmp_path / "recipes/small.toml"
    path.parent.mkdir()
    path.write_text(ENTRY.format(url=server.url, use="train"))
    return path

"""Pipes, FIFOs and files under any name: told apart by their first bytes, and read whole."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toolkit.page import Page
from toolkit.readers import read_pages, read_stream

from .test_warc import PAGES, record

ROOT = Path(__file__).parents[2]
ROWS = b'{"id": "a", "html": "<p>The quay"}\n{"id": "b", "html": "<p>The mole"}\n'
MAIL = b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>One page in one file.</p>"


def parquet() -> bytes:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{"id": "a", "html": "<p>The quay"}, {"id": "b", "html": "<p>The mole"}]), out)
    return out.getvalue()


KINDS: dict[str, tuple[Callable[[], bytes], int]] = {
    "archive": (lambda: b"".join(PAGES), 6),
    "archive of members": (lambda: b"".join(map(gzip.compress, PAGES)), 6),
    "wet": (lambda: record(1, b"En linje\n", "conversion", "text/plain"), 1),
    "rows": (lambda: ROWS, 2),
    "rows with a mark": (lambda: b"\xef\xbb\xbf" + ROWS, 2),
    "parquet": (parquet, 2),
    "page": (lambda: b"<!doctype html><p>One page", 1),
    "mail": (lambda: MAIL, 1),
}


class Pipe(io.RawIOBase):
    """A pipe whose writer is slow: it gives a few bytes at a time, and can neither be sought nor told."""

    def __init__(self, content: bytes, step: int) -> None:
        self._inner, self._step = io.BytesIO(content), step

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._inner.read(min(len(buffer), self._step))
        buffer[: len(part)] = part
        return len(part)

    def tell(self) -> int:
        raise io.UnsupportedOperation("tell")


def pages_of(stream: Any) -> list[Page]:
    return list(read_stream(stream, "-"))


@pytest.mark.parametrize("step", [1, 7, 100_000])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_pipe_gives_all(kind: str, packed: bool, step: int) -> None:
    make, number = KINDS[kind]
    content = gzip.compress(make()) if packed else make()
    assert len(pages_of(io.BufferedReader(Pipe(content, step)))) == number


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["28", "crawl.data", "rows.json", "page.bin", "x.saved"])
@pytest.mark.parametrize("kind", KINDS)
def test_files_are_told_apart_by_their_first_bytes(tmp_path: Path, kind: str, name: str, packed: bool) -> None:
    make, number = KINDS[kind]
    path = tmp_path / name
    path.write_bytes(gzip.compress(make()) if packed else make())
    assert len(list(read_pages([path]))) == number


@pytest.mark.parametrize("name", ["crawl.html", "crawl.txt", "crawl.jsonl", "crawl.parquet"])
def test_an_archive_is_one_whatever_its_name_says(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"".join(PAGES))
    (tmp_path / "other.html").write_bytes(b"<p>x")
    assert len(list(read_pages([tmp_path / name]))) == 6
    ids = [page.id for page in read_pages([tmp_path])]
    assert len(set(ids)) == 7


def test_a_folder_has_archives_and_mails_without_endings(tmp_path: Path) -> None:
    (tmp_path / "crawl").write_bytes(b"".join(PAGES))
    (tmp_path / "packed").write_bytes(gzip.compress(b"".join(PAGES)))
    (tmp_path / "saved").write_bytes(MAIL)
    (tmp_path / "rows.json").write_bytes(ROWS)
    (tmp_path / "LICENSE").write_bytes(b"Do as you like.")
    found = list(read_pages([tmp_path]))
    assert len(found) == 13
    assert found[-1].id == "saved"


@pytest.mark.parametrize("text", ['[{"html": "<p>x"}]', '[\n  {"id": 1, "html": "<p>x"}\n]', '{\n "text": "x"\n}'])
def test_json_that_is_not_in_lines_is_refused_with_the_mend(tmp_path: Path, text: str) -> None:
    (tmp_path / "pages.json").write_text(text)
    errors: list[str] = []
    assert list(read_pages([tmp_path / "pages.json"], lambda error: errors.append(str(error)))) == []
    assert [("jq -c" in error, "\n" in error) for error in errors] == [(True, False)]


def test_a_row_is_given_before_the_next_one_comes() -> None:
    """Who writes rows one by one sees pages one by one."""
    ours, theirs = os.pipe()
    with open(ours, "rb") as stream, open(theirs, "wb", buffering=0) as writer:
        writer.write(ROWS.splitlines(keepends=True)[0])
        pages = read_stream(stream, "-")
        assert next(pages).id == "a"
        writer.write(ROWS.splitlines(keepends=True)[1])
        assert next(pages).id == "b"
        writer.close()
        assert list(pages) == []


@pytest.mark.parametrize("name", ["x.warc.gz", "x", "x.html"])
def test_a_named_pipe(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    os.mkfifo(path)
    content = b"".join(map(gzip.compress, PAGES)) * 50
    writer = threading.Thread(target=lambda: path.write_bytes(content))
    writer.start()
    assert len(list(read_pages([path]))) == 300
    writer.join()


def test_the_command_reads_what_a_shell_pipes(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"".join(map(gzip.compress, PAGES)))
    command = f"'{sys.executable}' -m toolkit.cli"
    for line in (
        f"cat {tmp_path}/a.warc.gz | {command} segment - --format jsonl",
        f"zcat {tmp_path}/a.warc.gz | {command} segment - --format jsonl",
        f"{command} segment <(zcat {tmp_path}/a.warc.gz) --format jsonl",
        f"cat {tmp_path}/a.warc.gz | {command} segment /dev/stdin --format jsonl",
    ):
        done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert len([json.loads(row) for row in done.stdout.splitlines()]) == 6

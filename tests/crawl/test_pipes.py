"""Crawls of what can be read only once, and of archives with odd records: nothing is lost, and skipped records are
counted.
"""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from toolkit import PageblocksError
from toolkit.crawl import Progress, classify_crawl

from ..readers.test_warc import PAGES, archive, record

ROOT = Path(__file__).parents[2]
PAGES_OF_STDIN = 150
ROWS = [
    f'{{"id": "p{k}", "html": "<h1>Head {k}</h1><p>Some words of page {k}."}}\n'.encode() for k in range(PAGES_OF_STDIN)
]


def ids(out: Path) -> list[str]:
    return [
        id for path in sorted(out.glob("*.parquet")) for id in pq.read_table(path, columns=["id"])["id"].to_pylist()
    ]


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    with ExitStack() as opened:

        def put(content: bytes) -> None:
            ours, theirs = os.pipe()
            os.write(theirs, content)  # less than a pipe holds
            os.close(theirs)
            monkeypatch.setattr(sys, "stdin", opened.enter_context(open(ours, encoding="utf-8")))

        yield put


def kill_a_worker(folder: Path) -> bool:
    """The processes whose shards stand in the folder's unfinished ones are workers."""
    for path in (folder / ".unfinished").glob("*-*.*"):
        if (name := path.name.partition("-")[0]).isdigit():
            os.kill(int(name), signal.SIGKILL)
            return True
    return False


def test_a_worker_that_dies_costs_no_page_of_a_pipe(tmp_path: Path, stdin: Callable[[bytes], None]) -> None:
    stdin(b"".join(ROWS))
    killed: list[Progress] = []

    def harm(now: Progress) -> None:
        if not killed and now.pages >= 64 and kill_a_worker(tmp_path / "out"):
            killed.append(now)

    done = classify_crawl(["-"], tmp_path / "out", jobs=1, on_progress=harm)
    assert killed
    assert (done.pages, done.errors) == (PAGES_OF_STDIN, 0)
    assert sorted(ids(tmp_path / "out")) == sorted(f"p{k}" for k in range(PAGES_OF_STDIN))
    assert not (tmp_path / "out/.unfinished").exists()  # with what was kept of the pipe


def test_a_named_pipe_and_process_substitution(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.warc.gz", PAGES)
    for k, line in enumerate(
        (
            f"classify <(cat {path}) --out {tmp_path}/out-0/",
            f"classify /dev/stdin --out {tmp_path}/out-1/ < <(cat {path})",
        )
    ):
        done = subprocess.run(
            ["bash", "-c", f"'{sys.executable}' -m toolkit.cli {line} --jobs 1"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, len(ids(tmp_path / f"out-{k}"))) == (0, 6), done.stderr


def test_another_stream_is_not_taken_for_the_first(tmp_path: Path, stdin: Callable[[bytes], None]) -> None:
    stdin(b"".join(ROWS[:3]))
    assert classify_crawl(["-"], tmp_path / "out", jobs=1).pages == 3
    stdin(b"".join(ROWS[:3]))
    again = classify_crawl(["-"], tmp_path / "out", jobs=1)
    assert (again.pages, again.new_pages) == (3, 0)
    stdin(b"".join(ROWS[3:6]))
    with pytest.raises(PageblocksError, match="another stream"):
        classify_crawl(["-"], tmp_path / "out", jobs=1)


ODD = [
    record(7, b"<p>plain under chunked", more="Transfer-Encoding: chunked\r\n"),
    record(7, gzip.compress(os.urandom(3000).hex().encode())[:-900], more="Content-Encoding: gzip\r\n"),
    record(7, b"<p>LF").replace(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n   "
    ),
]


@pytest.mark.parametrize("place", [0, 3, 6])
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
@pytest.mark.parametrize("odd", ODD, ids=["dechunked", "cut", "LF"])
def test_segment_reads_all_that_follows_an_odd_record(tmp_path: Path, odd: bytes, name: str, place: int) -> None:
    path = archive(tmp_path / name, [*PAGES[:place], odd, *PAGES[place:]])
    done = command("segment", str(path), "--format", "jsonl")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 7)


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_classify_and_crawls_read_all_that_follows_odd_records(tmp_path: Path, name: str) -> None:
    path = archive(
        tmp_path / name, [ODD[0], *PAGES[:3], ODD[1], *PAGES[3:], ODD[2], record(8, b"GIF", content_type="image/gif")]
    )
    done = command("classify", str(path), "--format", "jsonl")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 9)
    said = "skipped 1 record: 1 of another type (image/gif 1); 1 page is truncated and read as far as possible"
    assert done.stderr.strip() == f"note: {path}: {said}"
    done = command("classify", str(path), "--out", f"{tmp_path}/out/", "--jobs", "1")
    assert (done.returncode, len(ids(tmp_path / "out"))) == (0, 9)
    assert "note: skipped 1 record (1 of another type)" in done.stderr
    assert "note: 1 page is truncated" in done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out/_skipped.jsonl").read_text().splitlines()]
    assert rows == [{"file": name, "type": {"image/gif": 1}, "cut": 1}]


def test_what_is_passed_over_is_counted_once_however_often_a_run_goes_on(tmp_path: Path) -> None:
    paths = [
        archive(tmp_path / f"{k}.warc", [PAGES[k], *[record(9, b"", status="404 Gone")] * (k + 1)]) for k in range(3)
    ]
    out = tmp_path / "out"
    assert classify_crawl([str(paths[0])], out, jobs=1).skipped == {"status": 1}
    with open(out / "_skipped.jsonl", "ab") as f:
        f.write(b'{"file": "1.wa')  # killed in the middle of a line
    assert classify_crawl([str(path) for path in paths], out, jobs=1).skipped == {"status": 6}
    done = classify_crawl([str(path) for path in paths], out, jobs=1)
    assert (done.skipped, done.new_pages, done.pages) == ({"status": 6}, 0, 3)
    assert classify_crawl([str(paths[1])], out, jobs=1, force=True).skipped == {"status": 2}


def test_a_crawl_of_which_nothing_is_read_fails(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.warc.gz", [record(1, b"GIF8", "resource", "image/gif")])
    done = command("classify", str(path), "--out", f"{tmp_path}/out/", "--jobs", "1")
    assert done.returncode == 1
    (error,) = [json.loads(line)["error"] for line in (tmp_path / "out/_errors.jsonl").read_text().splitlines()]
    assert "no page in it, only 1 of another type (image/gif 1)" in error


def command(*words: str) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "toolkit.cli", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("harm", ["cut", "damaged", "nothing in it"])
def test_a_crawl_that_loses_a_part_of_an_archive_fails(tmp_path: Path, harm: str) -> None:
    """A page that cannot be used is named and the crawl is done; where nobody knows how many are lost, it is not."""
    good, path = archive(tmp_path / "good.warc.gz", PAGES[:2]), archive(tmp_path / "a.warc.gz", PAGES)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    elif harm == "damaged":
        path.write_bytes(b"".join(gzip.compress(page) + b"rubbish" * (k == 2) for k, page in enumerate(PAGES)))
    else:
        archive(path, [record(1, b"GIF8", "resource", "image/gif")])
    line = ["classify", str(good), str(path), "--out", f"{tmp_path}/out/", "--jobs", "1"]
    for done in (command(*line), command(*line)):  # the folder has the same hole when the command is run again
        assert done.returncode == 1
        assert "pageblocks: 1 source could not be read to the end" in done.stderr
        assert "bad page" not in done.stderr
    (error,) = [json.loads(line) for line in (tmp_path / "out/_errors.jsonl").read_text().splitlines()]
    assert (error["file"], error["broken"]) == ("a.warc.gz", True)
    assert error["error"].startswith("a.warc.gz: ")


def test_a_page_that_cannot_be_used_is_no_broken_source(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.warc.gz", [*PAGES[:2], record(7, b"<p> </p>")])
    done = command("classify", str(path), "--out", f"{tmp_path}/out/", "--jobs", "1")
    assert (done.returncode, "1 bad page" in done.stderr) == (0, True)

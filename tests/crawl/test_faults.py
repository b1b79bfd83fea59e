"""Runs into a folder where the machine fails: full and read-only disks, two at once, signals, a clock that jumps."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from toolkit import PageblocksError
from toolkit.crawl import Progress, classify_crawl

from ..faults import fill, read_only, small_disk

ROOT = Path(__file__).parents[2]
PAGES = 200


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages with ids of their own, and text that does not pack well."""
    path = tmp_path_factory.mktemp("crawl") / "crawl.jsonl"
    with open(path, "w") as f:
        for k in range(PAGES):
            text = "".join(f"<p>{os.urandom(30).hex()}</p>" for _ in range(8))
            f.write(
                json.dumps({"id": f"page-{k}", "url": f"https://s{k}.example/", "html": f"<h1>Page {k}</h1>{text}"})
                + "\n"
            )
    return path


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 4000) as folder:
        yield folder


def whole(out: Path) -> None:
    """Every page once, and every file in the manifest."""
    found = [id for path in out.glob("*.parquet") for id in pq.read_table(path, columns=["id"])["id"].to_pylist()]
    assert sorted(found) == sorted(f"page-{k}" for k in range(PAGES))
    lines = [json.loads(line) for line in (out / "_manifest.jsonl").read_text().splitlines()]
    named = {name for line in lines for name in line["files"]}
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there == named | {"_run.json", "_manifest.jsonl", "_errors.jsonl", ".huggingface.yaml", ".lock"}


def manifest(out: Path) -> bytes:
    path = out / "_manifest.jsonl"
    return path.read_bytes() if path.exists() else b""


def command(crawl: Path, out: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "toolkit.cli",
        "classify",
        str(crawl),
        "--out",
        f"{out}/",
        "--shard-pages",
        "64",
        "--jobs",
        "1",
    ]


def start(crawl: Path, out: Path, *before: str) -> subprocess.Popen[str]:
    words = [*before, *command(crawl, out)]
    return subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.mark.parametrize("format", ["parquet", "jsonl"])
def test_a_disk_that_fills_up_in_the_middle(crawl: Path, disk: Path, format: str) -> None:
    out = disk / "out"

    def harm(now: Progress) -> None:
        if manifest(out) and not (disk / "filler").exists():
            fill(disk)

    with pytest.raises(PageblocksError, match=r"No space left.*run the same command again"):
        classify_crawl([str(crawl)], out, format=format, jobs=1, shard_pages=64, on_progress=harm)
    before = manifest(out)
    assert before.endswith(b"\n")
    with pytest.raises(PageblocksError, match="No space left"):  # as long as it is full
        classify_crawl([str(crawl)], out, format=format, jobs=1, shard_pages=64)
    (disk / "filler").unlink()
    done = classify_crawl([str(crawl)], out, format=format, jobs=1, shard_pages=64)
    assert (done.pages, manifest(out).startswith(before)) == (PAGES, True)
    assert 0 < done.new_pages < PAGES
    if format == "parquet":
        whole(out)


def test_a_manifest_that_takes_half_a_line(crawl: Path, disk: Path) -> None:
    """The last room of the disk goes to the shard: the manifest's line does not fit."""
    from toolkit.crawl.folder import RunFolder

    folder = RunFolder(disk / "out", {"output": "parquet"}, {})
    many = [{"error": "x" * 2000} for _ in range(50)]  # more than a block of the disk
    folder.commit({}, [("a", 0, 1, False)], 1, blocks=1, errors=many)
    before = manifest(disk / "out")
    filler = fill(disk)
    with open(filler, "r+b") as f:
        f.truncate(filler.stat().st_size - 8192)
    with pytest.raises(PageblocksError, match="No space left"):
        folder.commit({}, [("a", 1, 2, False)], 1, blocks=1, errors=many)
    assert manifest(disk / "out") == before
    filler.unlink()
    folder.commit({}, [("a", 1, 2, True)], 1, blocks=1, errors=many)
    folder.close()
    again = RunFolder(disk / "out", {"output": "parquet"}, {})
    assert (again.pages, again.done["a"].complete) == (2, True)
    again.close()


def test_a_disk_that_takes_nothing(crawl: Path, disk: Path) -> None:
    out = disk / "out"
    with read_only(disk):
        ran = subprocess.run(command(crawl, out), cwd=ROOT, capture_output=True, text=True)
        assert (ran.returncode, ran.stderr.count("\n"), "Read-only file system" in ran.stderr) == (1, 1, True)
    assert not out.exists()
    assert classify_crawl([str(crawl)], out, jobs=1, shard_pages=64).pages == PAGES
    before = manifest(out)
    with read_only(disk), pytest.raises(PageblocksError, match="Read-only file system"):
        classify_crawl([str(crawl)], out, jobs=1)
    assert manifest(out) == before
    whole(out)


def test_two_at_once_in_one_folder(crawl: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    both = [start(crawl, out) for _ in range(2)]
    said = [process.communicate()[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    (refused,) = (talk for process, talk in zip(both, said, strict=True) if process.returncode)
    assert refused.count("\n") == 1
    assert "another process is writing in" in refused
    whole(out)


def test_sigterm_and_again(crawl: Path, tmp_path: Path) -> None:
    """What a batch system sends, to the main process alone: after the first shard, and before anything was done."""
    out = tmp_path / "out"
    for had in (1, 0):
        process = start(crawl, out)
        while process.poll() is None and manifest(out).count(b"\n") < had:
            time.sleep(0.01)
        while not had and process.poll() is None and not (out / ".unfinished").exists():
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGTERM)
        _, said = process.communicate()
        assert "Traceback" not in said
        assert process.returncode in (130, -signal.SIGTERM), said
        assert manifest(out)
    done = classify_crawl([str(crawl)], out, jobs=1)
    assert 0 < done.new_pages < PAGES
    whole(out)


def test_a_clock_that_jumps(crawl: Path, tmp_path: Path) -> None:
    """A day back, a year on: no page is cut off for it. The kernel's own clock stays, so it is the one that limits go
    by.
    """
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not installed; on Debian and Ubuntu: apt-get install faketime")
    (tmp_path / "clock").write_text("+0d\n")
    found = subprocess.run(["faketime", "now", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=True)
    env = os.environ | {"LD_PRELOAD": found.stdout.strip(), "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "clock")}
    env |= {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    out = tmp_path / "out"
    process = subprocess.Popen(command(crawl, out), cwd=ROOT, stderr=subprocess.PIPE, text=True, env=env)
    for had, jump in enumerate(("-1d", "+365d", "-40y")):
        while process.poll() is None and manifest(out).count(b"\n") <= had:
            time.sleep(0.01)
        (tmp_path / "clock.new").write_text(jump + "\n")
        (tmp_path / "clock.new").rename(tmp_path / "clock")
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert "bad page" not in said
    whole(out)


def test_nothing_is_measured_by_the_clock_on_the_wall() -> None:
    """`time.time` is for dates in file names and reports; limits and waits that went by it would break when it
    jumps.
    """
    found = []
    for path in (ROOT / "toolkit").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("time.time", "time.time_ns"):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                found += [f"{path}:{node.lineno}" for name in node.names if name.name.startswith("time")]
    assert found == []

"""Run one crawl, and print what it cost as JSON: crawls.py ARCHIVE FOLDER [--jobs 2] [--format parquet]

It is `pageblocks classify ARCHIVE --out FOLDER`, in a process that does nothing else. Speed and processor time exclude
the start: they are taken from the first pages that are done to the last. The memory is the peak of the main process
and of its workers, sampled twice a second (Linux).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from measured_pages import bytes_of

TICK = os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--format", default="parquet")
    options = parser.parse_args()
    print(json.dumps(crawl(options.archive, options.folder, options.jobs, options.format)))
    return 0


def on_cores(files: list[Path], count: int, rounds: int) -> list[dict[str, Any]]:
    """Crawl the same archive with one worker and with two, in turn; medians over the rounds."""
    found: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "pages.warc.gz"
        archive(files, count, warc)
        for k in range(rounds):
            for jobs, rows in found.items():
                rows.append(_alone(warc, Path(folder) / f"{k}-{jobs}", jobs))
    return [{key: statistics.median(row[key] for row in rows) for key in rows[0]} for rows in found.values()]


def of_lengths(files: list[Path], counts: list[int]) -> list[dict[str, Any]]:
    """Crawl archives of these lengths, one after the other, with two workers."""
    found = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            warc = Path(folder) / "pages.warc.gz"
            archive(files, count, warc)
            found.append(_alone(warc, Path(folder) / "out", 2))
    return found


def _alone(warc: Path, folder: Path, jobs: int) -> dict[str, Any]:
    """A crawl in a process of its own, so that the memory is that of a crawl."""
    command = [sys.executable, __file__, str(warc), str(folder), "--jobs", str(jobs)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def archive(files: list[Path], count: int, path: Path) -> None:
    """Write a WARC of `count` pages by repeating these. Each record is compressed once."""
    packed = []
    for k, content in enumerate(bytes_of(files)):
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(content) + content
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://site{k}.example/\r\n"
            f"WARC-Date: 2025-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{k:012d}>\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        packed.append(gzip.compress(head.encode() + http + b"\r\n\r\n", 6, mtime=0))
    with open(path, "wb") as out:
        for n in range(count):
            out.write(packed[n % len(packed)])


class Watch(threading.Thread):
    """Samples the memory and the processor time of this process and of all below it (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.samples: list[tuple[int, list[int]]] = []  # MB of this process, MB of each below it
        self.cpu: dict[int, float] = {}  # seconds of processor time of each process below, as last seen
        self.end = threading.Event()
        self.cost = 0.0  # what the watch itself takes

    def run(self) -> None:
        while not self.end.wait(0.5):
            self.look()
            here, *below = (_megabytes(pid) for pid in (os.getpid(), *self.cpu))
            self.samples.append((here, below))
            self.cost = time.thread_time()

    def look(self) -> float:
        """Seconds of processor time of all processes below this one, so far."""
        for pid in _below(os.getpid()):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                self.cpu[pid] = (int(fields[11]) + int(fields[12])) / TICK
            except (OSError, ValueError, IndexError):
                continue  # it has just ended
        return sum(self.cpu.values())


def _below(pid: int) -> list[int]:
    found, todo = [], [pid]
    while todo:
        for path in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            try:
                more = [int(child) for child in path.read_text().split()]
            except OSError:
                continue
            found += more
            todo += more
    return found


def _megabytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
    except (OSError, IndexError):
        return 0


def crawl(warc: Path, folder: Path, jobs: int, format: str) -> dict[str, Any]:
    from toolkit.crawl import classify_crawl

    seen: list[tuple[int, float, float, float]] = []  # pages; the clock, and processor time here and below
    watch = Watch()
    watch.start()
    began, used = time.monotonic(), time.process_time()

    def look(now: Any) -> None:
        if not seen or now.pages > seen[-1][0]:
            own = time.process_time() - used - watch.cost
            seen.append((now.pages, time.monotonic() - began, own, watch.look()))

    summary = classify_crawl([str(warc)], folder, format=format, jobs=jobs, keep=["article"], on_progress=look)
    whole = (summary.new_pages, time.monotonic() - began, time.process_time() - used - watch.cost, watch.look())
    watch.end.set()
    watch.join()
    first, last = next((row for row in seen if row[0]), whole), seen[-1]
    if last[0] <= first[0]:  # one batch: all of it
        first, last = (0, 0.0, 0.0, 0.0), whole
    pages = max(1, last[0] - first[0])
    samples = watch.samples or [(_megabytes(os.getpid()), [0])]
    return {
        "pages": summary.new_pages, "errors": summary.errors, "jobs": jobs, "seconds": whole[1],
        "pages_per_second": pages / max(last[1] - first[1], 1e-9),
        "main_ms_a_page": (last[2] - first[2]) / pages * 1e3,
        "workers_ms_a_page": (last[3] - first[3]) / pages * 1e3,
        "main_mb": max(here for here, _ in samples),
        "worker_mb": max(max(below, default=0) for _, below in samples),
        "all_mb": max(here + sum(below) for here, below in samples),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

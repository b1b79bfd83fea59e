"""Measure whole processes: start-up and peak memory of each tool, a crawl on one core and on all, a long crawl."""

from __future__ import annotations

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

from speed import OURS, bytes_of

HERE = Path(__file__).resolve().parent
_ALONE = """
import json, resource, sys, time
sys.path[:0] = json.loads(sys.argv[3])
from pathlib import Path
from speed import OURS, bytes_of, timed
pages = bytes_of([Path(p) for p in json.loads(sys.argv[2])])
texts = [p.decode("utf-8", "replace") for p in pages]
def peak():
    try:  # getrusage may give the peak of the parent process
        return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
floor = peak()
began = time.perf_counter()
if sys.argv[1] == OURS:
    import toolkit
    model = toolkit.load()
    ready = time.perf_counter()
    run = lambda k: model.classify(pages[k]).text()
else:
    from toolkit.benchmark.peers import peer
    extract = peer(sys.argv[1])
    ready = time.perf_counter()
    run = lambda k: extract(texts[k], "")
timed(lambda: run(0))
first = time.perf_counter()
if sys.argv[1] == OURS:
    list(model.classify_many(iter(pages), batch=64))
else:
    for k in range(1, len(pages)): timed(lambda: run(k))
print(json.dumps({"ready_s": ready - began, "first_s": first - ready, "peak_mb": (peak() - floor) / 1024}))
"""


def alone(name: str, files: list[Path], rounds: int) -> dict[str, float]:
    """Run a tool in its own process; return seconds to ready and to the first page, and memory beyond the pages."""
    paths = json.dumps([str(HERE), str(HERE.parents[1])])
    found = []
    for _ in range(rounds):
        command = [sys.executable, "-c", _ALONE, name, json.dumps([str(file) for file in files]), paths]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return {key: statistics.median(row[key] for row in found) for key in found[0]}


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
    """Sample the memory of this process and all its descendants every half second (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.samples: list[tuple[float, int, list[int]]] = []  # seconds, MB of this process, MB of each descendant
        self.cpu: dict[int, float] = {}  # seconds of processor time of each process, as last seen
        self.end = threading.Event()

    def run(self) -> None:
        began = time.monotonic()
        while not self.end.wait(0.5):
            below = []
            for pid in _below(os.getpid()):
                try:
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    self.cpu[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                    below.append(_megabytes(pid))
                except (OSError, ValueError, IndexError):
                    continue  # it has just exited
            self.samples.append((time.monotonic() - began, _megabytes(os.getpid()), below))


def _below(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():
        try:
            if entry.isdigit():
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry))
        except (OSError, IndexError):
            continue
    found, todo = [], [pid]
    while todo:
        more = parents.get(todo.pop(), [])
        found += more
        todo += more
    return found


def _megabytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def crawl(warc: Path, jobs: int, folder: Path, format: str = "parquet") -> dict[str, Any]:
    """Run `pageblocks classify WARC --out FOLDER`. The speed excludes the start: from the first pages to the last."""
    from toolkit.crawl import classify_crawl

    seen: list[tuple[float, int]] = []
    watch = Watch()
    watch.start()
    began, used = time.monotonic(), time.process_time()
    summary = classify_crawl(
        [str(warc)], folder, format=format, jobs=jobs, keep=["article"],
        on_progress=lambda now: seen.append((time.monotonic() - began, now.pages)),
    )  # fmt: skip
    whole, used = time.monotonic() - began, time.process_time() - used
    watch.end.set()
    watch.join()
    first = next(((at, pages) for at, pages in seen if pages), (0.0, 0))
    last = next((at, pages) for at, pages in seen if pages == seen[-1][1])
    steady = (last[1] - first[1]) / (last[0] - first[0]) if last[0] > first[0] else summary.new_pages / whole
    samples = watch.samples[len(watch.samples) // 10 :] or [(0.0, _megabytes(os.getpid()), [])]
    return {
        "pages": summary.new_pages, "errors": summary.errors, "jobs": jobs, "seconds": whole,
        "pages_per_second": steady,
        "cpu_ms_a_page": (used + sum(watch.cpu.values())) / max(1, summary.new_pages) * 1e3,
        "main_mb": max(here for _, here, _ in samples),
        "worker_mb": max(max(below, default=0) for _, _, below in samples),
        "worker_mb_half": max((max(below, default=0) for _, _, below in samples[: len(samples) // 2]), default=0),
        "all_mb": max(here + sum(below) for _, here, below in samples),
    }  # fmt: skip


def on_cores(files: list[Path], count: int, cores: int, rounds: int) -> list[dict[str, Any]]:
    """Run the same archive with one worker and with one per core, in turn; medians over the rounds."""
    found: dict[int, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        warc = Path(folder) / "pages.warc.gz"
        archive(files, count, warc)
        for k in range(rounds):
            for jobs in sorted({1, cores}):
                found.setdefault(jobs, []).append(crawl(warc, jobs, Path(folder) / f"{k}-{jobs}"))
    return [{key: statistics.median(row[key] for row in rows) for key in rows[0]} for rows in found.values()]


def memory(files: list[Path], counts: list[int], jobs: int) -> list[dict[str, Any]]:
    """Run one crawl of each length; return the peak memory of each process."""
    found = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            warc = Path(folder) / "pages.warc.gz"
            archive(files, count, warc)
            found.append(crawl(warc, jobs, Path(folder) / "out"))
            print(f"{count:,} pages: {found[-1]}", file=sys.stderr)
    return found


__all__ = ["OURS", "alone", "memory", "on_cores"]

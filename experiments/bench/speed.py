"""Measure one core: pages per second, time per page and per stage, compared with other extractors."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CHUNK = 32  # pages before the next tool has its turn
SLOW = ("trafilatura", "justext", "readability-lxml")  # these get every nth chunk, and are compared on it only
OURS = "pageblocks"
_ELSEWHERE = """
import sys, json, time
from trafipy import extract
for line in sys.stdin:
    html, began = json.loads(line), time.process_time()
    try: extract(html, include_comments=False).text
    except Exception: pass
    print(time.process_time() - began, flush=True)
"""
Tool = Callable[[list[bytes], list[str]], float]  # pages as bytes and as text -> seconds of processor time


def load(folder: Path, count: int) -> list[Path]:
    """Return readable pages with text from a folder or a mirror, always in the same order."""
    from toolkit.errors import PageblocksError
    from toolkit.readers import read_pages
    from toolkit.segment import segment

    inside = folder / "wcxb-dev" / "html"
    where = inside if inside.is_dir() else folder
    files = (
        sorted(p for p in where.glob("*") if p.name.endswith((".html", ".html.gz", ".htm"))) if where.is_dir() else []
    )
    random.Random(0).shuffle(files)
    found: list[Path] = []
    for file in files:
        with contextlib.suppress(PageblocksError):
            for page in read_pages([file]):
                segment(page)
                found.append(file)
        if len(found) >= count:
            break
    return found


def bytes_of(files: list[Path]) -> list[bytes]:
    return [gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw for raw in (file.read_bytes() for file in files)]


def timed(run: Callable[[], Any]) -> float:
    began = time.process_time()
    with contextlib.suppress(Exception):  # other tools fail on some pages; that time counts too
        run()
    return time.process_time() - began


def ours() -> Tool:
    """Label pages from bytes to labels, probabilities and main text."""
    from toolkit.model import load
    from toolkit.page import Page

    model = load()
    pages = lambda some: [Page(str(k), "page", content) for k, content in enumerate(some)]  # noqa: E731
    return lambda some, _: timed(lambda: [page.text() for page in model.classify_many(pages(some), batch=64)])


@contextlib.contextmanager
def tools(python: str | None) -> Iterator[dict[str, Tool]]:
    """Run rs-trafilatura (trafipy) in another interpreter, `python`, which measures its own time."""
    from toolkit.benchmark.peers import installed, peer

    found: dict[str, Tool] = {OURS: ours()}
    for name in installed():
        extract = peer(name)
        found[name] = lambda _, texts, extract=extract: sum(timed(lambda t=t: extract(t, "")) for t in texts)  # type: ignore[misc]
    if not python or "rs-trafilatura" in found:
        yield found
        return
    other = subprocess.Popen([python, "-c", _ELSEWHERE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(_: list[bytes], texts: list[str]) -> float:
        total = 0.0
        for text in texts:
            assert other.stdin
            assert other.stdout
            other.stdin.write(json.dumps(text) + "\n")
            other.stdin.flush()
            total += float(other.stdout.readline())
        return total

    found["rs-trafilatura"] = ask
    try:
        yield found
    finally:
        other.kill()
        other.wait()


def beside(files: list[Path], rounds: int, slow: int, python: str | None) -> dict[str, dict[str, float]]:
    """Return the pages per second of each tool and its ratio to pageblocks on the same pages, as medians."""
    from toolkit.segment.decode import decode

    pages = bytes_of(files)
    texts = [decode(content) for content in pages]
    speeds: dict[str, list[float]] = defaultdict(list)
    ratios: dict[str, list[float]] = defaultdict(list)
    with tools(python) as found:
        for run in found.values():
            run(pages[:2], texts[:2])  # one-time work happens here
        for _ in range(rounds):
            spent: dict[str, float] = defaultdict(float)
            mine: dict[str, float] = defaultdict(float)
            count: dict[str, int] = defaultdict(int)
            for number, at in enumerate(range(0, len(pages), CHUNK)):
                here = slice(at, at + CHUNK)
                seconds = {
                    name: run(pages[here], texts[here])
                    for name, run in found.items()
                    if number % slow == 0 or name not in SLOW
                }
                for name, value in seconds.items():
                    spent[name] += value
                    mine[name] += seconds[OURS]
                    count[name] += len(pages[here])
            for name in spent:
                speeds[name].append(count[name] / max(spent[name], 1e-9))
                ratios[name].append(spent[name] / mine[name])
    return {
        name: {"pages_per_second": statistics.median(speeds[name]), "ours_is_times": statistics.median(ratios[name])}
        for name in speeds
    }


def latency(files: list[Path], rounds: int) -> dict[str, float]:
    """Return percentiles of milliseconds from a page's bytes to its labels, best of the rounds for each page."""
    from toolkit.model import load

    model = load()
    pages = bytes_of(files)
    model.classify(pages[0])
    wall, cpu = [], []
    for content in pages:
        walls, cpus = [], []
        for _ in range(rounds):
            began, used = time.perf_counter(), time.process_time()
            model.classify(content)
            walls.append(time.perf_counter() - began)
            cpus.append(time.process_time() - used)
        wall.append(min(walls) * 1e3)
        cpu.append(min(cpus) * 1e3)
    return {"p50": _percentile(wall, 50), "p99": _percentile(wall, 99), "cpu_p50": _percentile(cpu, 50),
            "cpu_p99": _percentile(cpu, 99)}  # fmt: skip


def _percentile(values: list[float], part: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * part // 100)]


def stages(files: list[Path], rounds: int) -> dict[str, float]:
    """Return the milliseconds per page of each stage of `pageblocks classify --out`, as medians over the rounds."""
    from toolkit.classify.result import Classified
    from toolkit.crawl.shards import Row, open_shard
    from toolkit.features.build import extract
    from toolkit.model import load
    from toolkit.readers import read_pages
    from toolkit.segment import segment
    from toolkit.segment.decode import utf8
    from toolkit.segment.parser import parse

    model = load()
    classes = [str(name) for name in model.classes_]
    found: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            spent: dict[str, float] = defaultdict(float)
            for format in ("parquet", "jsonl"):
                shard = open_shard(format, Path(folder), format, classes=classes, keep=("article",))
                for at in range(0, len(files), CHUNK):
                    clock = _Clock(spent)
                    pages = list(read_pages(files[at : at + CHUNK]))
                    clock("read")
                    if format == "parquet":  # the rest is the same for both
                        for page in pages:
                            parse(utf8(page.content, page.encoding, page.source))
                        clock("parse")
                    blocks = [segment(page) for page in pages]
                    clock("segment" if format == "parquet" else "")
                    features = extract(blocks)
                    clock("features" if format == "parquet" else "")
                    chances, _ = model.families_["html"].probabilities(features)
                    clock("predict" if format == "parquet" else "")
                    bounds = features.batch.bounds
                    rows = []
                    for k, one in enumerate(blocks):
                        mine = chances[bounds[k] : bounds[k + 1]]
                        labels = [classes[i] for i in mine.argmax(axis=1)]
                        rows.append(Row("f", at + k, Classified(one, labels, mine, classes)))
                    shard.write(rows)
                    clock(f"write {format}")
                clock = _Clock(spent)
                shard.close()
                clock(f"write {format}")
            for name, seconds in spent.items():
                found[name].append(seconds / len(files) * 1e3)
    ms = {name: statistics.median(values) for name, values in found.items() if name}
    ms["read"] /= 2
    ms["walk"] = ms.pop("segment") - ms["parse"]
    return {name: ms[name] for name in ("read", "parse", "walk", "features", "predict", "write parquet", "write jsonl")}


class _Clock:
    def __init__(self, spent: dict[str, float]) -> None:
        self.spent, self.began = spent, time.process_time()

    def __call__(self, name: str) -> None:
        now = time.process_time()
        self.spent[name] += now - self.began
        self.began = now

"""Measure one core: pages per second beside other extractors, one page at a time, each stage, and start-up."""

from __future__ import annotations

import contextlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from measured_pages import ROOT, bytes_of
from tool import BATCH, OURS

HERE = Path(__file__).resolve().parent


class Tool:
    """An extractor in a process of its own (tool.py)."""

    def __init__(self, python: str, name: str, folder: Path) -> None:
        command = [python, str(HERE / "tool.py"), name, str(folder)]
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.facts: dict[str, Any] = self._answer()

    def run(self, first: int, end: int) -> dict[str, float]:
        assert self.process.stdin
        self.process.stdin.write(f"{first} {end}\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with status {self.process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found


@contextlib.contextmanager
def tools(files: list[Path], python: str) -> Iterator[list[Tool]]:
    """pageblocks in this Python, and the peers that are installed in `python`, one after the other."""
    from toolkit.segment.decode import decode

    ask = "from toolkit.benchmark.peers import installed; print(*installed())"
    found = subprocess.run([python, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        for k, content in enumerate(bytes_of(files)):
            (Path(folder) / f"{k}.html").write_bytes(content)
            (Path(folder) / f"{k}.txt").write_bytes(decode(content).encode("utf-8", "surrogatepass"))
        made = [Tool(sys.executable, OURS, Path(folder))]
        stack.callback(made[0].close)
        for name in found:
            made.append(Tool(python, name, Path(folder)))
            stack.callback(made[-1].close)
        yield made


def beside(files: list[Path], rounds: int, python: str) -> dict[str, dict[str, Any]]:
    """Return what each tool takes over the same pages, in turn: one figure of pages/s a round, and one ratio."""
    found: dict[str, dict[str, Any]] = {}
    with tools(files, python) as made:
        for tool in made:
            first = tool.run(0, 1)
            tool.run(0, min(len(files), 4))  # one-time work happens here
            found[tool.name] = tool.facts | {"first_s": first["wall_s"], "pages_per_second": [], "ours_is_times": []}
        for number in range(rounds):
            spent: dict[str, float] = defaultdict(float)
            failed: dict[str, float] = defaultdict(float)
            turn = made[number % len(made) :] + made[: number % len(made)]
            for at in range(0, len(files), BATCH):
                for tool in turn:
                    answer = tool.run(at, min(at + BATCH, len(files)))
                    spent[tool.name] += answer["cpu_s"]
                    failed[tool.name] += answer["failed"]
                    found[tool.name]["peak_mb"] = answer["peak_mb"]
            for name, seconds in spent.items():
                found[name]["pages_per_second"].append(len(files) / max(seconds, 1e-9))
                found[name]["ours_is_times"].append(seconds / max(spent[OURS], 1e-9))
                found[name]["failed"] = failed[name]
    return found


def start(page: Path, runs: int) -> dict[str, dict[str, list[float]]]:
    """Seconds of new processes, by the clock and of processor time: the command line with one page, and the import."""
    ready = "import pageblocks; pageblocks.load()"
    commands = {
        "pageblocks classify page.html": [sys.executable, "-m", "toolkit.cli", "classify", str(page)],
        "import pageblocks; load()": [sys.executable, "-c", ready],
    }
    found: dict[str, dict[str, list[float]]] = {name: {"wall": [], "cpu": []} for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            began, used = time.perf_counter(), _of_children()
            subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
            if number:  # the first run fills the caches of the disk
                found[name]["wall"].append(time.perf_counter() - began)
                found[name]["cpu"].append(_of_children() - used)
    return found


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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


def _percentile(values: Sequence[float], part: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * part // 100)]


def stages(files: list[Path], rounds: int) -> dict[str, float]:
    """Return the milliseconds per page of each stage of `pageblocks classify --out`, as medians over the rounds."""
    from toolkit.classify.result import Classified
    from toolkit.crawl.shards import Clean, Row, open_shard
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
                shard = open_shard(format, Path(folder), format, classes=classes, clean=Clean(("article",)))
                for at in range(0, len(files), BATCH):
                    clock = _Clock(spent)
                    pages = list(read_pages(files[at : at + BATCH]))
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

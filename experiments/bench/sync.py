"""Measure a push of 1,000 pages to Label Studio and a pull: sync.py [--pages 1000] [--blocks 40] [--changed 50] [--json
FILE]

Starts Label Studio on SQLite in a temporary folder and pushes generated pages with suggestions. The same pages, each
with one person's answer, are imported into a second project and pulled three times: everything, nothing new, and after
a second person answered some. Prints wall-clock time, and CPU time on both sides. Other load on the machine affects
both.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

WORDS = "the old ferry leaves its quay at nine and comes back by noon with mail and bread for both islands".split()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--blocks", type=int, default=40)
    parser.add_argument("--changed", type=int, default=50, help="pages with new answers before the last pull")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--folder", type=Path, help="keep the server's database in this folder (default: a temporary one)"
    )
    options = parser.parse_args()

    from toolkit.page import Page
    from toolkit.scheme import Scheme
    from toolkit.segment import segment
    from toolkit.standoff import detach
    from toolkit.studio import add_annotator, annotate, connect, ensure_project, pull, push, start, stop, tasks

    draw, scheme = random.Random(0), Scheme.default()

    def blocks(k: int) -> Any:
        texts = (
            f"<p>{k} {i} {' '.join(draw.choices(WORDS, k=draw.randint(3, 40)))}</p>" for i in range(options.blocks)
        )
        return segment(Page(f"page-{k}", "", "".join(texts).encode(), url=f"https://bench.example/{k}"))

    pages = [blocks(k) for k in range(options.pages)]
    labels = [draw.choices(scheme.names, k=len(page)) for page in pages]
    figures: dict[str, tuple[float, float, float]] = {}

    @contextmanager
    def timed(what: str) -> Iterator[None]:
        wall, cpu, theirs = time.perf_counter(), time.process_time(), used(server.pid)
        yield
        figures[what] = (time.perf_counter() - wall, time.process_time() - cpu, used(server.pid) - theirs)
        print(f"{what}: {figures[what][0]:.1f} s", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary) / "studio"
        server = start(folder, port=8950, timeout=600)
        try:
            with connect(folder=folder) as client:
                project = ensure_project(client, f"Sync {time.time():.0f}", scheme, overlap=2)
                with timed("push"):
                    push(
                        project,
                        pages,
                        labels,
                        scores=[[0.9] * len(page) for page in pages],
                        model_version="bench",
                        quiet=True,
                    )
                with timed("push again"):
                    push(
                        project,
                        pages,
                        labels,
                        scores=[[0.9] * len(page) for page in pages],
                        model_version="bench",
                        quiet=True,
                    )
                answers = [
                    detach(page, found, "anna", scheme=scheme.id) for page, found in zip(pages, labels, strict=True)
                ]
                project = ensure_project(client, f"Answered {time.time():.0f}", scheme, overlap=2)
                anna = add_annotator(client, "anna")
                items = [tasks.task(page, found) for page, found in zip(pages, labels, strict=True)]
                for item in items:
                    item["annotations"] = [{"result": item["predictions"][0]["result"], "completed_by": anna}]
                for k in range(0, len(items), 50):
                    client.request("POST", f"api/projects/{project.id}/import", body=items[k : k + 50])
                kept = Path(temporary) / "answers"
                with timed("pull"):
                    report = pull(project, kept, quiet=True)
                good = [a.labels for a in sorted(report.annotations, key=lambda a: a.page)]
                if report.problems or good != [a.labels for a in sorted(answers, key=lambda a: a.page)]:
                    raise SystemExit(f"what came back is not what was sent: {report.problems[:3]}")
                with timed("pull, nothing new"):
                    pull(project, kept, quiet=True)
                second = [
                    detach(page, found, "bela", scheme=scheme.id)
                    for page, found in zip(pages[: options.changed], labels, strict=False)
                ]
                annotate(project, second, quiet=True)
                with timed(f"pull, {options.changed} changed"):
                    report = pull(project, kept, quiet=True)
                if (report.fetched, len(report.annotations)) != (len(second), len(pages) + len(second)):
                    raise SystemExit(f"{report.fetched} tasks came, {len(report.annotations)} annotations stand")
        finally:
            stop(folder)
    print(f"{options.pages:,} pages of {options.blocks} blocks\n")
    print("| what | seconds | CPU, client | CPU, server |\n|---|---:|---:|---:|")
    for what, row in figures.items():
        print(f"| {what} | {' | '.join(f'{value:.1f}' for value in row)} |")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def used(pid: int) -> float:
    """Return the CPU seconds that a process has used so far; 0 if /proc does not have them."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())

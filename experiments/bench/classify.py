"""Measure speed and memory of all of pageblocks: classify.py [FOLDER] [--pages 128] [--rounds 3] [--long] [--json FILE]

FOLDER contains HTML pages, gzipped or not, or is a mirror of corpora (made by `pageblocks corpus fetch`) with
wcxb-dev. The default is the corpora beside the project, or else the sample corpus. Prints a Markdown table. One core
is measured in processor time, with all tools in turn over the same pages, so compare ratios if the machine is busy.
`--long` uses more pages and takes many minutes. `--memory 1000 10000` runs crawls of these lengths over small pages
and prints the memory of each process. `--rs-python` names a Python with trafipy (rs-trafilatura), if this one lacks
it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]
os.environ.setdefault("OMP_NUM_THREADS", "1")  # set before numpy is imported, so that one core means one core
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

DEFAULT = ROOT.parent / "shared" / "corpora"
SAMPLE = ROOT / "corpora" / "sample" / "pages"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--mirror", type=Path, help="the same as FOLDER")
    parser.add_argument("--pages", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow", type=int, default=4, help="the slowest tools get every nth part of the pages")
    parser.add_argument("--crawl", type=int, default=768, help="pages of the crawl on one core and on all; 0 skips it")
    parser.add_argument(
        "--long", action="store_true", help="512 pages, 5 rounds, a crawl of 4,000, slow tools get all pages"
    )
    parser.add_argument(
        "--memory", type=int, nargs="+", default=[], metavar="PAGES", help="only crawls of these numbers of pages"
    )
    parser.add_argument(
        "--jobs", type=int, default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    )
    parser.add_argument("--rs-python", help="an interpreter with trafipy (rs-trafilatura)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    if options.long:
        options.pages, options.rounds, options.crawl, options.slow = 512, 5, 4000, 1
    import speed
    import whole

    from toolkit.benchmark.peers import installed

    folder = options.folder or options.mirror or (DEFAULT if DEFAULT.is_dir() else SAMPLE)
    small = options.memory and not (options.folder or options.mirror)
    files = speed.load(SAMPLE if small else folder, options.pages)
    if not files:
        print(f"{folder}: no pages to measure; name a folder of HTML pages or a mirror of corpora", file=sys.stderr)
        return 1
    jobs = options.jobs or os.cpu_count() or 1
    figures: dict[str, Any] = {
        "machine": machine(),
        "pages": len(files),
        "kilobytes": mean_kilobytes(speed.bytes_of(files)),
    }
    if options.memory:
        figures["memory"] = whole.memory(files, options.memory, jobs)
    else:
        say("speed on one core")
        figures["tools"] = speed.beside(files, options.rounds, options.slow, options.rs_python)
        say("one page at a time")
        figures["latency"] = speed.latency(files, options.rounds)
        say("where the time goes")
        figures["stages"] = speed.stages(files, options.rounds)
        say("start-up and memory")
        few = files[: max(1, len(files) // 2)]
        here = [name for name in figures["tools"] if name in (speed.OURS, *installed())]
        figures["alone"] = {name: whole.alone(name, few, 1) for name in here}
        if options.crawl:
            say("a crawl, one core and all")
            figures["crawl"] = whole.on_cores(files, options.crawl, jobs, max(1, options.rounds - 1))
    figures["machine"]["load_after"] = load()
    print(markdown(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr)


def machine() -> dict[str, Any]:
    name = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].partition(":")[2].strip() if lines else name
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": name, "cores": cores, "python": platform.python_version(), "load_before": load()}


def load() -> float:
    return round(os.getloadavg()[0], 1)


def mean_kilobytes(pages: list[bytes]) -> int:
    return round(sum(map(len, pages)) / len(pages) / 1000)


def markdown(figures: dict[str, Any]) -> str:
    m = figures["machine"]
    out = [
        f"{figures['pages']} pages of {figures['kilobytes']} kB on {m['cores']} cores ({m['processor']}), Python "
        f"{m['python']}, "
        f"load {m['load_before']} before and {m['load_after']} after.", "",
    ]  # fmt: skip
    if "tools" in figures:
        out += [
            "| one core | pages/s | pageblocks is | ready after | first page | memory |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for name, row in figures["tools"].items():
            a = figures["alone"].get(name)
            rest = f"{a['ready_s']:.2f} s | {a['first_s'] * 1e3:,.0f} ms | {a['peak_mb']:,.0f} MB" if a else " | | "
            out.append(f"| {name} | {row['pages_per_second']:,.0f} | {row['ours_is_times']:.1f} x | {rest} |")
        one = figures["latency"]
        out += ["", f"One page alone: p50 {one['p50']:.1f} ms, p99 {one['p99']:.1f} ms by the clock; "
                f"{one['cpu_p50']:.1f} and {one['cpu_p99']:.1f} ms of processor time.", ""]  # fmt: skip
        total = sum(value for name, value in figures["stages"].items() if name != "write jsonl")
        out += ["| stage | ms per page | share |", "|---|---:|---:|"]
        for name, value in figures["stages"].items():
            share = "instead" if name == "write jsonl" else f"{value / total:.0%}"
            out.append(f"| {name} | {value:.2f} | {share} |")
        out.append(f"| all | {total:.2f} | {1e3 / total:,.0f} pages/s |")
    rows = figures.get("crawl", []) + figures.get("memory", [])
    if rows:
        out += ["", "| crawl | workers | pages/s | x first | processor time per page | main process | one worker "
                "| all |",
                "|---|---:|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
        for row in rows:
            out.append(
                f"| {row['pages']:,.0f} pages | {row['jobs']:.0f} | {row['pages_per_second']:,.0f} | "
                f"{row['pages_per_second'] / rows[0]['pages_per_second']:.2f} | {row['cpu_ms_a_page']:.1f} ms | "
                f"{row['main_mb']:,.0f} MB | {row['worker_mb']:,.0f} MB | {row['all_mb']:,.0f} MB |"
            )
    return "\n".join(out)


if __name__ == "__main__":
    sys.exit(main())

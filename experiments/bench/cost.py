"""Measure the speed, memory and cost of pageblocks beside other extractors: cost.py [FOLDER] [--peers PYTHON] [--json
FILE]

FOLDER contains HTML pages, gzipped or not, or is a mirror of corpora (made by `pageblocks corpus fetch`) with
wcxb-dev. The default is the corpora beside the project, or else the sample corpus. Prints the tables of docs/cost.md.
`--json experiments/bench/cost.json` keeps the figures, from which `python experiments/figures.py` fills docs/cost.md.

One core is measured in processor time, with all tools in turn over the same pages, so trust the ratios if the machine
is busy. `--peers` names a Python in which the other extractors are installed (`make bench` makes one from peers.txt).
It takes about five minutes on two quiet cores; `--long` measures more, which takes half an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # set before numpy is imported, so that one core means one core
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import crawls
import growth
import measured_pages
import speed
import tables
from machine import about, load


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--crawl", type=int, default=768, help="length of the crawl with one worker and with two")
    parser.add_argument(
        "--lengths", type=int, nargs="*", default=[1000, 10_000], metavar="PAGES", help="crawls of small pages"
    )
    parser.add_argument("--largest", type=int, default=growth.SIZES[-1], help="bytes of the largest page that is made")
    parser.add_argument("--long", action="store_true", help="512 pages, crawls of 4,000 and of 100,000")
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="a Python with the other extractors")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    if options.long:
        options.pages, options.crawl, options.lengths = 512, 4000, [1000, 10_000, 100_000]
    folder = options.folder or measured_pages.default_folder()
    files = measured_pages.load(folder, options.pages)
    if not files:
        print(f"{folder}: no pages to measure; name a folder of HTML pages or a mirror of corpora", file=sys.stderr)
        return 1
    size = measured_pages.mean_kilobytes(measured_pages.bytes_of(files))
    found: dict[str, Any] = {"run": about() | {"pages": len(files), "kilobytes": size, "rounds": options.rounds}}
    say("speed on one core")
    found["tools"] = speed.beside(files, options.rounds, options.peers)
    say("one page at a time")
    found["latency"] = speed.latency(files, options.rounds)
    say("where the time goes")
    found["stages"] = speed.stages(files, options.rounds)
    say("start-up")
    found["start"] = speed.start(files[0], options.rounds)
    say("small and large pages")
    found["growth"] = growth.growth(files, options.rounds, options.largest)
    say("crawls with one worker and with two")
    found["crawl"] = crawls.on_cores(files, options.crawl, min(3, options.rounds))
    say("short and long crawls")
    found["lengths"] = crawls.of_lengths(measured_pages.load(measured_pages.SAMPLE, 1000), options.lengths)
    found["run"]["load_after"] = load()
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(tables.cost(found))
    return 0


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

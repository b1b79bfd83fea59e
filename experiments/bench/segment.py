"""Measure segmentation beside its lower bounds: segment.py [FOLDER] [--pages 300] [--json FILE]

FOLDER is as for cost.py. Everything runs in one process on one core, page by page and step by step, so that other load
affects all alike: compare the ratios, not the speeds. cost.py measures the whole of pageblocks, and other extractors.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import measured_pages


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    folder = options.folder or measured_pages.default_folder()
    pages = measured_pages.bytes_of(measured_pages.load(folder, options.pages))
    if not pages:
        print(f"{folder}: no pages to measure; name a folder of HTML pages or a mirror of corpora", file=sys.stderr)
        return 1
    figures = {"pages": len(pages), "kilobytes": measured_pages.mean_kilobytes(pages), "steps": measure(pages)}
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


def cut(content: bytes) -> Any:
    from toolkit.page import Page
    from toolkit.segment import segment

    return segment(Page("p", "p.html", content))


def steps() -> dict[str, Callable[[bytes, str], Any]]:
    """Return for each step a function of a page as bytes and as text."""
    from selectolax.lexbor import LexborHTMLParser

    from toolkit.segment.cost import refuse_costly
    from toolkit.segment.decode import utf8
    from toolkit.segment.language import language_of

    out: dict[str, Callable[[bytes, str], Any]] = {
        "parse only (lexbor)": lambda content, text: LexborHTMLParser(text),
        "parse only (lexbor, bytes)": lambda content, text: LexborHTMLParser(content),
        "segment": lambda content, text: cut(content),
        "of it: decode": lambda content, text: utf8(content),
        "of it: bounds": lambda content, text: refuse_costly(content, "p"),
        "of it: language": lambda content, text: language_of("", text[:20000].split("\n")),
    }
    with contextlib.suppress(ImportError):
        from resiliparse.parse.html import HTMLTree

        out["parse only (resiliparse)"] = lambda content, text: HTMLTree.parse(text)
    return out


def measure(pages: list[bytes]) -> dict[str, float]:
    """Milliseconds of processor time a page for each step."""
    from toolkit.segment.decode import decode

    spent: dict[str, float] = defaultdict(float)
    everything = steps()
    for content in pages:
        text = decode(content)
        for name, run in everything.items():
            started = time.process_time()
            run(content, text)
            spent[name] += time.process_time() - started
        gc.collect(0)
    return {name: seconds / len(pages) * 1e3 for name, seconds in spent.items()}


def show(figures: dict[str, Any]) -> None:
    print(f"{figures['pages']} pages of {figures['kilobytes']:,} kB\n")
    print("| step | ms per page | of segment |\n|---|---:|---:|")
    for name, ms in figures["steps"].items():
        print(f"| {name} | {ms:.2f} | {ms / figures['steps']['segment']:.0%} |")


if __name__ == "__main__":
    sys.exit(main())

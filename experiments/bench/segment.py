"""Measure the speed of segmentation, compared with its lower bounds: segment.py [FOLDER] [--pages 300] [--json FILE]

FOLDER contains HTML pages, gzipped or not (default: the WCXB pages beside the project). Everything runs in one process
on one core, page by page and tool by tool, so that other load affects all tools alike: compare the ratios, not the
speeds. Tools that are not installed are skipped. Memory is the process's peak after segmentation, before the other
tools load.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
DEFAULT = ROOT.parent / "shared" / "corpora" / "wcxb-dev" / "html"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--slow", type=int, default=10, help="trafilatura and justext get every nth page")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    pages = load(options.folder, options.pages)
    if not pages:
        print(f"{options.folder}: no pages to measure; name a folder of HTML pages", file=sys.stderr)
        return 0 if options.folder == DEFAULT else 1
    figures = {"pages": len(pages), "bytes": round(sum(map(len, pages)) / len(pages))}
    figures["peak_mb"] = peak(pages)
    figures["tools"] = measure(pages, options.slow)
    figures["growth"] = growth(pages)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def load(folder: Path, count: int) -> list[bytes]:
    from toolkit.errors import PageblocksError
    from toolkit.readers import read_pages
    from toolkit.segment import segment

    files = sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []
    random.Random(0).shuffle(files)
    pages: list[bytes] = []
    for page in read_pages(files, lambda error: print(error, file=sys.stderr)):
        with contextlib.suppress(PageblocksError):  # pages without text measure nothing
            segment(page)
            pages.append(page.content)
        if len(pages) == count:
            break
    return pages


def peak(pages: list[bytes]) -> int:
    for content in pages:
        cut(content)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def cut(content: bytes) -> Any:
    from toolkit.page import Page
    from toolkit.segment import segment

    return segment(Page("p", "p.html", content))


def tools() -> dict[str, Callable[[bytes, str], Any]]:
    """Return for each tool name a function of a page as bytes and as text."""
    from selectolax.lexbor import LexborHTMLParser

    from toolkit.segment.cost import refuse_costly
    from toolkit.segment.decode import utf8
    from toolkit.segment.language import language_of

    out: dict[str, Callable[[bytes, str], Any]] = {
        "parse only (lexbor)": lambda content, text: LexborHTMLParser(text),
        "parse only (lexbor, bytes)": lambda content, text: LexborHTMLParser(content),
        "segment": lambda content, text: cut(content),
        "  of it: decode": lambda content, text: utf8(content),
        "  of it: bounds": lambda content, text: refuse_costly(content, "p"),
        "  of it: language": lambda content, text: language_of("", text[:20000].split("\n")),
    }
    with contextlib.suppress(ImportError):
        from resiliparse.extract.html2text import extract_plain_text
        from resiliparse.parse.html import HTMLTree

        out["parse only (resiliparse)"] = lambda content, text: HTMLTree.parse(text)
        out["resiliparse main content"] = lambda content, text: extract_plain_text(text, main_content=True)
    with contextlib.suppress(ImportError):
        import justext

        words = justext.get_stoplist("English")
        out["justext"] = lambda content, text: justext.justext(text.encode(), words)
    with contextlib.suppress(ImportError):
        import trafilatura

        out["trafilatura"] = lambda content, text: trafilatura.extract(text)
    return out


def measure(pages: list[bytes], slow: int) -> dict[str, dict[str, float]]:
    from toolkit.segment.decode import decode

    spent: dict[str, float] = defaultdict(float)
    # Ratios are of the same pages only, because a slow tool gets few of them.
    parse: dict[str, float] = defaultdict(float)
    mine: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    everything = tools()
    for number, content in enumerate(pages):
        text = decode(content)
        here: dict[str, float] = {}
        for name, run in everything.items():
            if name in ("justext", "trafilatura") and number % slow:
                continue
            started = time.process_time()
            with contextlib.suppress(Exception):  # other tools fail on some pages; that time counts too
                run(content, text)
            here[name] = time.process_time() - started
        gc.collect(0)
        for name, seconds in here.items():
            spent[name] += seconds
            parse[name] += here["parse only (lexbor)"]
            mine[name] += here["segment"]
            count[name] += 1
    return {
        name: {
            "pages_per_second": count[name] / spent[name],
            "of_parse": parse[name] / spent[name],
            "segment_is_times": spent[name] / mine[name],
        }
        for name in spent
    }


def growth(pages: list[bytes]) -> list[dict[str, float]]:
    """Return the time by size, of one generated page of each size that repeats the same piece."""
    piece = "".join(
        f"<div class='card c{i}'><h3><a href='/{i}'>Headline number {i}</a></h3><p>Some <b>text</b> of teaser "
        f"{i}.</p></div>"
        for i in range(7)
    )
    rows = []
    for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        content = ("<!doctype html><body>" + piece * max(1, size // len(piece)))[:size].encode()
        runs = max(1, 300_000 // size)
        started = time.process_time()
        for _ in range(runs):
            cut(content)
        seconds = (time.process_time() - started) / runs
        rows.append({"bytes": size, "ms": seconds * 1e3, "ns_per_byte": seconds / size * 1e9})
    return rows


def show(figures: dict[str, Any]) -> None:
    print(
        f"{figures['pages']} pages of {figures['bytes'] / 1000:,.0f} kB; peak memory of segmentation "
        f"{figures['peak_mb']} MB\n"
    )
    print(f"{'':28}{'pages/s':>10}{'x parse speed':>16}{'segment is':>14}")
    for name, row in figures["tools"].items():
        print(f"{name:28}{row['pages_per_second']:10,.0f}{row['of_parse']:16.2f}{row['segment_is_times']:12.1f} x")
    print(f"\n{'page':>12}{'ms':>12}{'ns/byte':>12}")
    for row in figures["growth"]:
        print(f"{row['bytes']:12,}{row['ms']:12.2f}{row['ns_per_byte']:12.1f}")


if __name__ == "__main__":
    sys.exit(main())

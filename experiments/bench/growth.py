"""Measure how the cost of a page grows with its size: pages of 1 kB to 10 MB, made from the bodies of real pages."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measured_pages import bytes_of

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
HEAD, END = b"<!doctype html><html><head><title>Page</title></head><body>", b"</body></html>"
_BODY = re.compile(rb"<body[^>]*>(.*?)(?:</body\s*>|\Z)", re.I | re.S)


def growth(files: list[Path], rounds: int, largest: int = SIZES[-1], most: int = 4) -> list[dict[str, Any]]:
    """Return milliseconds of processor time from bytes to labels, by size; the same few pages in each size.

    Each row has the mean over the pages, of medians over the rounds. A small page is measured several times in a row,
    since the clock is too coarse for one.
    """
    from toolkit.model import load

    model = load()
    sizes = [size for size in SIZES if size <= largest]
    chosen = _made(bytes_of(files), sizes, most)
    spent: dict[int, list[list[float]]] = {size: [[] for _ in chosen] for size in sizes}
    for number in range(rounds + 1):
        for size in sizes:
            for k, made in enumerate(chosen):
                times = min(10, max(1, 100_000 // size))
                began = time.process_time()
                for _ in range(times):
                    model.classify(made[size])
                if number:  # the first round fills the caches
                    spent[size][k].append((time.process_time() - began) / times * 1e3)
    rows: list[dict[str, Any]] = []
    for size, of_pages in spent.items():
        ms = statistics.fmean(map(statistics.median, of_pages))
        length = statistics.fmean(len(made[size]) for made in chosen)
        rows.append({"bytes": size, "ms": ms, "ms_per_100_kb": ms / length * 1e5})
    return rows


def _made(pages: Sequence[bytes], sizes: Sequence[int], most: int) -> list[dict[int, bytes]]:
    """Pages of all sizes, each set from another body, so that all sizes have much the same in them."""
    from toolkit.errors import PageblocksError
    from toolkit.page import Page
    from toolkit.segment import segment

    bodies = [match[1] for match in map(_BODY.search, pages) if match]
    # From the first paragraph on, since the first kilobyte of many pages shows nothing.
    bodies = [body[max(0, body.find(b"<p")) :] for body in bodies if body]
    found: list[dict[int, bytes]] = []
    for body in bodies:
        made = {size: sized(body, size) for size in sizes}
        try:
            for content in made.values():
                segment(Page("p", "p", content))
        except PageblocksError:  # a small one without text, or a large one that is nested too deep
            continue
        found.append(made)
        if len(found) == most:
            return found
    if not found:
        raise SystemExit("none of the pages can be made larger and smaller; name other pages")
    return found


def sized(body: bytes, size: int) -> bytes:
    """A page of about so many bytes: this body as often as it takes, cut before a tag."""
    room = size - len(HEAD) - len(END)
    long = (body * (room // len(body) + 1))[:room]
    cut = long.rfind(b"<")
    return HEAD + (long[:cut] if cut > room // 2 else long) + END

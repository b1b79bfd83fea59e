"""Fuzz the segmentation: python tests/fuzz/segment.py [--seconds 600] [--seed 0]

Every page must give blocks whose characters are the page's, or one line that says why not. What it finds is printed
with the seed that makes it again; keep it in tests/test_segment_words.py. Run it at low priority: nice -n 19 python
tests/fuzz/segment.py
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from pages import random_bytes  # noqa: E402
from words import block_characters, page_views  # noqa: E402

from toolkit.errors import PageblocksError  # noqa: E402
from toolkit.page import Page  # noqa: E402
from toolkit.segment import segment  # noqa: E402
from toolkit.segment.decode import decode  # noqa: E402
from toolkit.standoff import attach, detach  # noqa: E402


def check(content: bytes, format: str) -> str:
    """What became of one page; AssertionError or any other exception is a find."""
    page = Page("f", "f", content, format=format)  # type: ignore[arg-type]
    try:
        blocks = segment(page)
    except PageblocksError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return "refused"
    assert all(blocks.text), "an empty block"
    columns = (
        blocks.tag,
        blocks.path,
        blocks.names,
        blocks.href,
        blocks.flags,
        blocks.link_density,
        blocks.depth,
        blocks.heading,
    )
    assert {len(column) for column in columns} == {len(blocks)}, "columns of different lengths"
    assert all(0 <= number < len(blocks.above) for number in blocks.parent), "a parent that is none"
    assert all(0 <= d <= 1 for d in blocks.link_density), "a share that is none"
    "".join(blocks.text).encode()
    if format == "html":
        assert block_characters(blocks) in page_views(decode(content)), "words lost or doubled"
    labels: list[str | None] = [str(i) for i in range(len(blocks))]
    assert attach(blocks, detach(blocks, labels, "f")) == labels or len(set(blocks.ids)) == len(blocks), "labels moved"
    return "segmented"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    end, number, counts = time.monotonic() + options.seconds, options.seed, Counter[str]()
    while time.monotonic() < end and counts["found"] < 20:
        content = random_bytes(random.Random(number))
        for format in ("html", "text"):
            try:
                counts[check(content, format)] += 1
            except Exception as error:
                counts["found"] += 1
                print(f"seed {number} {format}: {type(error).__name__}: {error}\n  {content[:300]!r}", flush=True)
        number += 1
    print(
        f"{number - options.seed:,} pages, each as HTML and as text: "
        + ", ".join(f"{n:,} {what}" for what, n in counts.items())
    )
    return 1 if counts["found"] else 0


if __name__ == "__main__":
    sys.exit(main())

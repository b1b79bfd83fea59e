"""What the fuzzers share: bytes changed at random, and a loop that counts what became of them."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]


def mutated(chance: random.Random, content: bytes) -> bytes:
    """Some bytes changed, cut out, doubled or moved; or the end missing."""
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        if not out:
            break
        at, what = chance.randrange(len(out)), chance.random()
        if what < 0.35:
            out[at] = chance.randrange(256)
        elif what < 0.5:
            out[at] ^= 1 << chance.randrange(8)
        elif what < 0.65:
            del out[at : at + chance.choice((1, 4, 100))]
        elif what < 0.8:
            out[at:at] = out[chance.randrange(len(out)) :][: chance.choice((1, 8, 200))]
        elif what < 0.95:
            out[at : at + 4] = chance.choice(
                (b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"9999")
            )
        else:
            del out[at:]
    return bytes(out)


def run(doc: str, check: Callable[[random.Random], str]) -> int:
    """`check` gets a source of chance and says what became of its input; any exception is a find. The exit status."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    end, number, counts = time.monotonic() + options.seconds, options.seed, Counter[str]()
    while time.monotonic() < end and counts["found"] < 10:
        try:
            counts[check(random.Random(number))] += 1
        except Exception as error:
            counts["found"] += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            print(f"seed {number}: {type(error).__name__}: {error} ({where.filename}:{where.lineno})", flush=True)
        number += 1
    became = ", ".join(f"{n:,} {what}" for what, n in sorted(counts.items()))
    print(f"{number - options.seed:,} inputs from seed {options.seed}: {became}")
    return 1 if counts["found"] else 0


def one_line(error: Exception) -> str:
    assert "\n" not in str(error), "more than one line"
    return "refused"

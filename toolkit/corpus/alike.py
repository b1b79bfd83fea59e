"""Pages that are nearly the same, or share a template: a model trained on one has in effect seen the other.

MinHash (Broder 1997): the smallest of many hashes of a page's parts agree as often as the pages share parts. Bands of
them find the pairs that are worth a look without comparing all with all.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ..page import Blocks

Signature = npt.NDArray[np.uint32]
HASHES = 126
TEXT = 0.5  # share of common text from which two pages are one
TEMPLATE = 0.5  # share of common shapes from which two pages are drawn alike
_BAND = 3  # hashes per band: two pages with half of their parts in common meet in one of the 42 bands with 99.6 %
_RUN = 5  # words per part of the text
_LONG = 8  # words from which a block's text is specific to its page
_FEWEST_RUNS = 40
_FEWEST_SHAPES = 20
_PRIME = np.uint64((1 << 31) - 1)


@dataclass(frozen=True)
class Pair:
    """Two pages that are alike.

    Parameters
    ----------
    a, b : int
        Indices of the pages, `a` below `b`.
    why : {"text", "template"}
        What the pages have in common: runs of five words, or tag paths with their class names.
    share : float
        The common part as a share of what the two pages have together, from 0.5 to 1.
    """

    a: int
    b: int
    why: Literal["text", "template"]
    share: float


def find_alike(pages: Sequence[Blocks], apart: Sequence[str]) -> list[Pair]:
    """Find pairs of pages that are alike and lie in different groups.

    A page with few words or few different tag paths is like no other.

    Parameters
    ----------
    pages : sequence of Blocks
        The pages.
    apart : sequence of str
        The group of each page. Pages of one group are not compared.

    Returns
    -------
    list of Pair
        Pairs of pages with at least half of their text or template in common, the most alike first. Of many similar
        pages in one group, one may stand for the rest.
    """
    kinds: tuple[tuple[Literal["text", "template"], Callable[[Blocks], set[int]], int, float], ...] = (
        ("text", _runs, _FEWEST_RUNS, TEXT),
        ("template", _shapes, _FEWEST_SHAPES, TEMPLATE),
    )
    found: list[Pair] = []
    for why, parts_of, fewest, least in kinds:
        parts = [parts_of(page) for page in pages]
        chosen = [i for i, own in enumerate(parts) if len(own) >= fewest]
        signatures = [signature(parts[i]) for i in chosen]
        for x, y in _candidates(signatures, [apart[i] for i in chosen]):
            # The signature only guesses; the few that meet are counted.
            a, b = parts[chosen[x]], parts[chosen[y]]
            share = len(a & b) / len(a | b)
            if share >= least:
                found.append(Pair(chosen[x], chosen[y], why, share))
    return sorted(found, key=lambda pair: (-pair.share, pair.a, pair.b))


def signature(parts: Iterable[int]) -> Signature:
    """The smallest of each of `HASHES` hash functions over the parts: (HASHES,)."""
    values = np.fromiter(parts, np.uint64) % _PRIME
    factors, offsets = _functions()
    return np.asarray(((values[:, None] * factors + offsets) % _PRIME).min(axis=0), np.uint32)


def _functions() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    rng = np.random.default_rng(20)
    return rng.integers(1, int(_PRIME), HASHES, np.uint64), rng.integers(0, int(_PRIME), HASHES, np.uint64)


def _candidates(signatures: Sequence[Signature], apart: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs that agree in one band at least, and are of different `apart`; each once."""
    seen: set[tuple[int, int]] = set()
    for start in range(0, HASHES, _BAND):
        buckets: dict[bytes, list[int]] = {}
        for i, own in enumerate(signatures):
            buckets.setdefault(own[start : start + _BAND].tobytes(), []).append(i)
        for bucket in buckets.values():
            # Pages of one part need no comparison: with one of each, a template of a thousand pages stays a few
            # pairs.
            firsts: dict[str, int] = {}
            for i in bucket:
                firsts.setdefault(apart[i], i)
            for i in bucket:
                for name, j in firsts.items():
                    pair = (min(i, j), max(i, j))
                    if name != apart[i] and pair not in seen:
                        seen.add(pair)
                        yield pair


def _runs(page: Blocks) -> set[int]:
    """Runs of words of the longer blocks; short ones (menus, buttons) occur everywhere."""
    found = set()
    for text in page.text:
        words = text.lower().split()
        if len(words) >= _LONG:
            for i in range(len(words) - _RUN + 1):
                found.add(zlib.crc32(" ".join(words[i : i + _RUN]).encode("utf-8", "surrogatepass")))
    return found


def _shapes(page: Blocks) -> set[int]:
    """Tag paths with their class names: what one template draws."""
    if page.page.format != "html":
        return set()
    pairs = set(zip(page.path, page.names, strict=True))
    return {zlib.crc32(f"{path}\t{names}".encode("utf-8", "surrogatepass")) for path, names in pairs if names}

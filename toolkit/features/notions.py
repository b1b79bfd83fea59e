"""Counts notions in texts (subscribe, cookies, a byline and so on) by words in many languages: `data/words.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..support.files import data_path
from .codes import Floats, Index, encode
from .ngrams import Hashes, Tokens, rehash

_BITS = 20  # a table of a million masks: one look-up in 500 is a false hit
_MOST = 3  # more of a notion in a block carries no more information
_WHOLE, _STEM = 90, 91  # seeds for the hash of an entry, and for that of its stem
_STEM_LENGTH = 7  # characters; longer stems are cut, so that few lengths have to be tried
_LONGEST = 6  # tokens of an entry; scripts without spaces count each letter
_SPACED = 3
_FAR = 0x2E80  # from here on each letter is a token


@dataclass(frozen=True)
class Notions:
    """Masks of notions by hash; `stems` are the lengths of the entries that end in a star.

    `taken` says which masks are not zero: most look-ups need this smaller table only.
    """

    names: tuple[str, ...]
    table: npt.NDArray[np.uint32]
    taken: npt.NDArray[np.bool_]
    stems: tuple[int, ...]


@lru_cache(maxsize=1)
def notions() -> Notions:
    """The table of `data/words.toml`."""
    lines = tomllib.loads(data_path("words.toml").read_text(encoding="utf-8"))
    table = np.zeros(1 << _BITS, np.uint32)
    entries = [(number, entry.strip()) for number, line in enumerate(lines.values()) for entry in line.split(",")]
    texts = [entry.removesuffix("*")[: _STEM_LENGTH if entry.endswith("*") else None] for _, entry in entries]
    tokens = Tokens(*encode(texts))
    first, last = tokens.first[:-1], tokens.first[1:] - 1
    hashes = tokens.between(first, last)
    stems = set()
    for (number, entry), text, value in zip(entries, texts, hashes, strict=True):
        star = entry.endswith("*")
        if star:
            stems.add(len(text))
        table[_slot(np.array([value]), _STEM if star else _WHOLE)] |= np.uint32(1 << number)
    return Notions(tuple(lines), table, table > 0, tuple(sorted(stems)))


def counts(tokens: Tokens, head: int = 32, tail: int = 8) -> Floats:
    """How often each notion occurs in the first `head` and last `tail` tokens, at most 3: (texts, notions)."""
    known = notions()
    near = np.flatnonzero((tokens.nth < head) | (tokens.from_end < tail))
    rows, begin, end = tokens.row[near], tokens.start[near], tokens.end[near]
    before, down = tokens.prefix[begin], tokens.down[begin]
    found: list[tuple[Index, npt.NDArray[np.uint32]]] = []

    def look_up(some: Index | slice, ends: Index, seed: int) -> None:
        slots = _slot((tokens.prefix[ends] - before[some]) * down[some], seed)
        hits = np.flatnonzero(known.taken[slots])
        found.append((rows[some][hits], known.table[slots[hits]]))

    look_up(slice(None), end, _WHOLE)
    far = tokens.codes[begin] >= _FAR
    last_of_text = tokens.first[rows + 1] - 1
    for length in range(2, _LONGEST + 1):
        longer = near + (length - 1) <= last_of_text
        some = np.flatnonzero(longer if length <= _SPACED else longer & far)
        look_up(some, tokens.end[near[some] + (length - 1)], _WHOLE)
    size = end - begin
    for length in known.stems:
        some = np.flatnonzero(size >= length)
        look_up(some, begin[some] + length, _STEM)
    hit_rows = np.concatenate([row for row, _ in found])
    masks = np.concatenate([mask for _, mask in found])
    n = len(tokens.first) - 1
    hit, number = np.nonzero((masks[:, None] >> np.arange(len(known.names), dtype=np.uint32)) & np.uint32(1))
    out = np.bincount(hit_rows[hit] * len(known.names) + number, minlength=n * len(known.names))
    return np.minimum(out, _MOST).reshape(n, -1).astype(np.float32)


def _slot(hashes: Hashes, seed: int) -> Index:
    return rehash(hashes, seed, _BITS).astype(np.int64)

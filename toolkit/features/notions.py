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
    star = np.array([entry.endswith("*") for _, entry in entries])
    slots = np.where(star, rehash(hashes, _STEM, _BITS), rehash(hashes, _WHOLE, _BITS)).view(np.int64)
    np.bitwise_or.at(table, slots, np.uint32(1) << np.array([number for number, _ in entries], np.uint32))
    stems = {len(text) for text, cut in zip(texts, star.tolist(), strict=True) if cut}
    return Notions(tuple(lines), table, table > 0, tuple(sorted(stems)))


def counts(tokens: Tokens, head: int = 32, tail: int = 8) -> Floats:
    """How often each notion occurs in the first `head` and last `tail` tokens, at most 3: (texts, notions)."""
    known = notions()
    near = np.flatnonzero((tokens.nth < head) | (tokens.from_end < tail))
    words, of = tokens.words
    in_word = _in_words(tokens, words)
    noted = in_word.max(axis=1, initial=0) > 0
    some = near[noted[of[near]]]
    hit, number = np.nonzero(in_word[of[some]])
    rows, numbers, times = [tokens.row[some[hit]]], [number], [in_word[of[some[hit]], number]]
    rest = tokens.first[tokens.row[near] + 1] - near  # tokens from here to the end of the text
    far = tokens.codes[tokens.start[near]] >= _FAR
    for length in range(2, _LONGEST + 1):
        begin = near[rest >= length if length <= _SPACED else far & (rest >= length)]
        at, number = _hits(tokens.between(begin, begin + (length - 1)), _WHOLE)
        rows.append(tokens.row[begin[at]])
        numbers.append(number)
        times.append(np.ones(len(at), np.uint8))
    n, width = len(tokens.first) - 1, len(known.names)
    at = np.concatenate(rows) * width + np.concatenate(numbers)
    out = np.bincount(at, np.concatenate(times), minlength=n * width)
    return np.minimum(out, _MOST).reshape(n, -1).astype(np.float32)


def _in_words(tokens: Tokens, words: Index) -> npt.NDArray[np.uint8]:
    """How often each notion is in each of these tokens, as a whole word and by its stems: (words, notions)."""
    known = notions()
    found = np.zeros((len(words), len(known.names)), np.uint8)
    found[_hits(tokens.hash[words], _WHOLE)] = 1
    size = tokens.end[words] - tokens.start[words]
    for length in known.stems:
        long = np.flatnonzero(size >= length)
        at, number = _hits(tokens.stem(words[long], length), _STEM)
        found[long[at], number] += 1
    return found


def _hits(hashes: Hashes, seed: int) -> tuple[Index, Index]:
    """The entries among these hashes: the position of the hash, and the notion, once for each of its notions."""
    known = notions()
    slots = rehash(hashes, seed, _BITS).view(np.int64)
    at = np.flatnonzero(known.taken[slots])
    bits = np.arange(len(known.names), dtype=np.uint32)
    hit, number = np.nonzero((known.table[slots[at]][:, None] >> bits) & np.uint32(1))
    return at[hit], number

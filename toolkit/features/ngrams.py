"""Hashed word and character n-grams of many texts at once.

The hash of every run of characters comes from one prefix sum (a polynomial hash modulo 2**64), so there is no Python
work per word: tokens are found, hashed and counted in whole arrays. Hashing also keeps page text out of model files.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from .codes import DIGIT, SINGLE, WORD, Codes, Index, character_kinds

Hashes = npt.NDArray[np.uint64]
Grams = tuple[Index, Hashes]  # the number of features of each text, and the hash of each feature

_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 1 << 64)
_PAIR = np.uint64(0x9FB21C651E98DF25)


@lru_cache(maxsize=4)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    up = np.full(size, _BASE, np.uint64)
    down = np.full(size, _INVERSE, np.uint64)
    up[0] = down[0] = 1
    return np.multiply.accumulate(up), np.multiply.accumulate(down)


def powers(size: int) -> tuple[Hashes, Hashes]:
    """Powers of the base and of its inverse, for at least `size` positions."""
    return _powers(1 << max(16, (size - 1).bit_length()))


def rehash(hashes: Hashes, seed: int, bits: int) -> Hashes:
    """The upper `bits` of the hashes, well mixed; `seed` distinguishes kinds of features."""
    h = hashes >> np.uint64(29)
    h ^= hashes
    h *= _factor(seed)
    h >>= np.uint64(64 - bits)
    return h


@lru_cache(maxsize=256)
def _factor(seed: int) -> np.uint64:
    """An odd multiplier for each seed (splitmix64)."""
    h = (seed + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    h = (h ^ (h >> 27)) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return np.uint64(h ^ (h >> 31) | 1)


class Tokens:
    """The tokens of encoded texts: `start`, `end`, `row` (index of the text), `hash`; `first` is each text's first."""

    def __init__(self, codes: Codes, starts: Index) -> None:
        kind = character_kinds(codes)
        # The shape of a number matters more than its value: all digits are the same.
        self.codes = codes.copy()
        self.codes[np.flatnonzero(kind == DIGIT)] = ord("0")
        word, begin = (kind & WORD).view(bool), kind == SINGLE
        last = begin.copy()
        begin[:1] |= word[:1]
        begin[1:] |= word[1:] > word[:-1]
        last[-1:] |= word[-1:]
        last[:-1] |= word[:-1] > word[1:]
        up, self.down = powers(len(codes) + 1)
        self.prefix = np.zeros(len(codes) + 1, np.uint64)
        np.multiply(self.codes, up[: len(codes)], out=self.prefix[1:])
        np.cumsum(self.prefix, out=self.prefix)
        self.start = np.flatnonzero(begin)
        self.end = np.flatnonzero(last) + 1
        self.hash = (self.prefix[self.end] - self.prefix[self.start]) * self.down[self.start]
        self.starts = starts
        self.first = np.searchsorted(self.start, starts)
        self.row = np.repeat(np.arange(len(starts) - 1), np.diff(self.first))

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def nth(self) -> Index:
        """The number of tokens before each token in its text."""
        return np.arange(len(self.start)) - self.first[self.row]

    @cached_property
    def from_end(self) -> Index:
        """The number of tokens after each token in its text."""
        left: Index = self.first[self.row + 1] - 1 - np.arange(len(self.start))
        return left

    @cached_property
    def words(self) -> tuple[Index, Index]:
        """One token of each different word, and for each token which of them it is. A few words are there twice."""
        bits = max(10, len(self).bit_length() + 2)
        slots = rehash(self.hash, 0, bits).view(np.int64)
        latest = np.empty(1 << bits, np.int64)
        index = np.arange(len(self))
        latest[slots] = index
        same = latest[slots]
        other = np.flatnonzero(self.hash[same] != self.hash)  # words that share a slot
        same[other] = other
        different = np.flatnonzero(same == index)
        latest = np.empty(len(self), np.int64)
        latest[different] = np.arange(len(different))
        return different, latest[same]

    def grams(self, some: Index, hashes: Hashes) -> Grams:
        """Features with these hashes, each of the text of one of the tokens `some` (in ascending order)."""
        return np.bincount(self.row[some], minlength=len(self.starts) - 1), hashes

    def between(self, first: Index, last: Index) -> Hashes:
        """Hashes of the characters from the start of each token `first` to the end of `last`."""
        begin = self.start[first]
        return (self.prefix[self.end[last]] - self.prefix[begin]) * self.down[begin]

    def stem(self, token: Index, length: int) -> Hashes:
        """Hashes of the first `length` characters of tokens."""
        begin = self.start[token]
        return (self.prefix[begin + length] - self.prefix[begin]) * self.down[begin]


def word_places(tokens: Tokens, head: int, tail: int = 0) -> list[tuple[Index, Index, int]]:
    """Words, pairs of words, and the first and last words of a text: the first and last token of each, and the seed.

    Words and pairs come from the first `head` and last `tail` tokens only.
    """
    nth, rest = tokens.nth, tokens.from_end
    near = np.flatnonzero((nth < head) | (rest < tail))
    pairs = near[rest[near] > 0]
    opening, closing = np.flatnonzero(nth < 2), np.flatnonzero(rest < 1)
    return [(near, near, 1), (pairs, pairs + 1, 2), (opening, opening, 3), (closing, closing, 4)]


def word_grams(tokens: Tokens, head: int, tail: int = 0) -> list[tuple[Grams, int]]:
    """The features at `word_places`, each kind with its seed."""
    hashes = tokens.hash
    return [
        (tokens.grams(first, hashes[first] if last is first else hashes[first] * _PAIR + hashes[last]), seed)
        for first, last, seed in word_places(tokens, head, tail)
    ]


def letter_places(tokens: Tokens, size: int, head: int) -> tuple[Index, Index]:
    """The number of character n-grams of `size` in the first `head` characters of each text, and where they begin."""
    starts = tokens.starts
    counts = np.maximum(np.minimum(np.diff(starts) - 1, head) - size + 1, 0)
    at = np.repeat(starts[:-1] - (np.cumsum(counts) - counts), counts)
    at += np.arange(len(at))
    return counts, at


def letters(tokens: Tokens, size: int, head: int) -> Grams:
    """Character n-grams at `letter_places`, word boundaries included."""
    counts, at = letter_places(tokens, size, head)
    return counts, (tokens.prefix[at + size] - tokens.prefix[at]) * tokens.down[at]

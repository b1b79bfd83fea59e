"""The strings behind the hashed features of a block: which words, names and tags of the page have which column.

`lexical` hashes the strings of many pages at once and forgets them. Here they are hashed again for one block, in the
same way, each with its place in the string that it is from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..page import Blocks
from .bags import _BITS
from .codes import Index, encode, lower_case
from .lexical import _LINK, _NAMES, _OPENING, _PLACE
from .ngrams import Hashes, Tokens, letter_places, letters, rehash, word_grams, word_places

_KINDS = {1: "word", 2: "pair", 3: "opening", 4: "closing"}


@dataclass(frozen=True)
class Grams:
    """Features of one kind in a string: their hashes, and the first and the end character of each."""

    kind: str
    seed: int
    hashes: Hashes
    start: Index
    end: Index


@dataclass(frozen=True)
class Spelled:
    """A string, its words with the first and the end character of each, and its features."""

    text: str
    words: list[str]
    start: Index
    end: Index
    grams: tuple[Grams, ...]


@dataclass(frozen=True)
class Strings:
    """A string of a block's features: `part` says where it is from, `columns` has those of each of its `grams`."""

    part: str
    spelled: Spelled
    columns: list[Index]


def strings_of(page: Blocks, i: int) -> tuple[list[Strings], list[Strings]]:
    """The strings of the features `text` of a block, and those of `markup`."""

    def near(column: list[str], step: int) -> str | None:
        return column[i + step] if 0 <= i + step < len(page) else None

    texts = [
        _strings("text", page.text[i], _own_text, 0),
        _strings("text above", near(page.text, -1), _opening_text, 20),
        _strings("text below", near(page.text, 1), _opening_text, 21),
        _strings("heading", page.text[page.heading[i]] if page.heading[i] >= 0 else None, _opening_text, 25),
    ]
    markup = [
        _strings("names", page.names[i], _own_names, 30),
        _strings("names above", near(page.names, -1), _opening_names, 40),
        _strings("names below", near(page.names, 1), _opening_names, 41),
        _strings("tags", page.path[i], _own_path, 50),
        _strings("tags above", near(page.path, -1), _last_tag, 60),
        _strings("tags below", near(page.path, 1), _last_tag, 61),
        _strings("link", page.href[i], _own_link, 70),
    ]
    return [found for found in texts if found], [found for found in markup if found]


def _strings(part: str, text: str | None, spell: Callable[[str], Spelled], seed: int) -> Strings | None:
    if not text:
        return None
    spelled = spell(text)
    return Strings(part, spelled, [rehash(g.hashes, seed + g.seed, _BITS).astype(np.int64) for g in spelled.grams])


@lru_cache(maxsize=4096)
def _own_text(text: str) -> Spelled:
    tokens = _tokens(_one_line(text))
    return _spelled(tokens, *_words(tokens, 32, 8), _letters(tokens, 4, 40, 14))


@lru_cache(maxsize=4096)
def _opening_text(text: str) -> Spelled:
    tokens = _tokens(_one_line(text))
    return _spelled(tokens, _some(tokens, np.flatnonzero(tokens.nth < _OPENING)))


@lru_cache(maxsize=4096)
def _own_names(names: str) -> Spelled:
    tokens = _tokens(names[:_NAMES])
    return _spelled(tokens, *_words(tokens, 24), _letters(tokens, 5, 64, 8))


@lru_cache(maxsize=4096)
def _opening_names(names: str) -> Spelled:
    tokens = _tokens(names[:_NAMES])
    return _spelled(tokens, _some(tokens, np.flatnonzero(tokens.nth < _OPENING)))


@lru_cache(maxsize=4096)
def _own_path(path: str) -> Spelled:
    tokens = _Read(path.replace("/", " "), lower=False)
    rest = tokens.from_end
    near = np.flatnonzero(rest < 6)
    placed = tokens.hash[near] + rest[near].astype(np.uint64) * _PLACE
    return _spelled(
        tokens,
        Grams("place", 0, placed, tokens.start[near], tokens.end[near]),
        Grams("word", 1, tokens.hash, tokens.start, tokens.end),
    )


@lru_cache(maxsize=4096)
def _last_tag(path: str) -> Spelled:
    tokens = _Read(path.replace("/", " "), lower=False)
    return _spelled(tokens, _some(tokens, np.flatnonzero(tokens.from_end == 0)))


@lru_cache(maxsize=4096)
def _own_link(link: str) -> Spelled:
    tokens = _tokens(link[:_LINK])
    return _spelled(tokens, *_words(tokens, 24, 4), _letters(tokens, 5, 48, 8))


def _one_line(text: str) -> str:
    return " ".join(text.split()) if "\n" in text else text


class _Read(Tokens):
    """The tokens of one string, and the string itself: in `Tokens` all digits are the same."""

    def __init__(self, text: str, lower: bool) -> None:
        codes, starts = lower_case(*encode([text])) if lower else encode([text])
        super().__init__(codes, starts)
        self.text = codes.tobytes().decode("utf-32-le", "surrogatepass")


def _tokens(text: str, lower: bool = True) -> _Read:
    return _Read(text, lower)


def _spelled(tokens: _Read, *grams: Grams) -> Spelled:
    words = [tokens.text[a:b] for a, b in zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)]
    return Spelled(tokens.text, words, tokens.start, tokens.end, grams)


def _words(tokens: Tokens, head: int, tail: int = 0) -> list[Grams]:
    pairs = zip(word_places(tokens, head, tail), word_grams(tokens, head, tail), strict=True)
    return [
        Grams(_KINDS[seed], seed, hashes, tokens.start[first], tokens.end[last])
        for (first, last, seed), ((_, hashes), _) in pairs
    ]


def _letters(tokens: Tokens, size: int, head: int, seed: int) -> Grams:
    _, at = letter_places(tokens, size, head)
    return Grams("letters", seed, letters(tokens, size, head)[1], at, at + size)


def _some(tokens: Tokens, some: Index) -> Grams:
    return Grams("word", 0, tokens.hash[some], tokens.start[some], tokens.end[some])

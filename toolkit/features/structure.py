"""Dense features of each block: counts of characters, position, repetition. They do not depend on labels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..page import Flag
from .batch import Batch
from .codes import Floats, Index, encode, lower_case
from .lexical import Texts
from .ngrams import Tokens, rehash

_PICTURED = int(Flag.PICTURED)
_FLAGS = np.array([int(flag) for flag in Flag], np.int64)
_COUNTED = ".,!?:;|©@…»›→/()\"'“”•*"
_ENDS = '.!?…:"”'
_TAGS = (
    "p div li a span h1 h2 h3 h4 td th button label input select figcaption line section option blockquote dd dt pre "
    "body article"
).split()
_LAST = 0x2FFF  # code points above are ideographs, other letters, or emoji
_CLASSES = (
    len(_COUNTED) + 6
)  # each counted mark; upper, lower, digit, letters beyond Latin, symbols and far scripts, the rest
_TAG_NUMBER = {tag: i for i, tag in enumerate(_TAGS)}
_ONE_TAG = np.eye(len(_TAGS) + 1, len(_TAGS), dtype=np.float32)
_BITS = 16
_PAGE = np.uint64(0xD6E8FEB86659FD93)  # other than the base of the hashes, so that pages and letters differ


def structure(batch: Batch, texts: Texts) -> Floats:
    """The features of a batch, (blocks, features)."""
    chars = np.diff(texts.starts)[texts.of] - 1.0
    words = texts.words[texts.of]
    columns = [_characters(texts)[texts.of]]
    columns.append(((batch.flags[:, None] & _FLAGS[None, :]) > 0).astype(np.float32))
    columns.append(_ONE_TAG[batch.tag.hand_out([_TAG_NUMBER.get(tag, len(_TAGS)) for tag in batch.tag.values])])
    columns.append(texts.notions[texts.of])
    rest: list[npt.NDArray[np.generic]] = [batch.density, np.minimum(batch.depth, 30) / 10.0]
    rest += _places(batch, chars, words) + _repetition(batch, texts, words)
    columns.append(np.column_stack(rest).astype(np.float32))
    return np.concatenate(columns, axis=1)


def _characters(texts: Texts) -> Floats:
    """Counts and shares of kinds of characters in each distinct text."""
    codes, starts = texts.codes, texts.starts
    n = len(starts) - 1
    chars = np.diff(starts) - 1.0
    kinds = _classes().take(codes, mode="clip")
    row = np.repeat(np.arange(n) * _CLASSES, np.diff(starts))
    counts = np.bincount(row + kinds, minlength=n * _CLASSES).reshape(n, _CLASSES)
    marks = len(_COUNTED)
    share = counts[:, marks:-1] / np.maximum(chars, 1)[:, None]
    final = codes[starts[1:] - 2]
    opening = codes[starts[:-1]]
    some = [
        np.log1p(chars),
        np.log1p(texts.words),
        np.isin(final, [ord(c) for c in _ENDS]),
        final == ord(":"),
        (opening >= 65) & (opening <= 90),
        (opening >= 48) & (opening <= 57),
    ]
    parts = [np.column_stack(some), share, np.minimum(counts[:, :marks], 4)]
    return np.asarray(np.concatenate(parts, axis=1), np.float32)


@lru_cache(maxsize=1)
def _classes() -> npt.NDArray[np.int64]:
    """The class of each code point, in the order of the columns."""
    marks = len(_COUNTED)
    table = np.full(_LAST + 1, marks + 5, np.int64)
    table[65:91], table[97:123], table[48:58] = marks, marks + 1, marks + 2
    table[0x250:0x2000], table[0x2000:] = marks + 3, marks + 4
    for k, mark in enumerate(_COUNTED):
        table[ord(mark)] = k
    return table


def _places(
    batch: Batch, chars: npt.NDArray[np.float64], words: npt.NDArray[np.float64]
) -> list[npt.NDArray[np.generic]]:
    n = len(batch)
    index = np.arange(n)
    first, count = batch.first, batch.last - batch.first
    before = np.concatenate([[0.0], np.cumsum(chars)])
    total = np.maximum(before[batch.bounds[1:]] - before[batch.bounds[:-1]], 1)
    above = before[:-1] - before[first]
    h1 = batch.tag.hand_out([tag == "h1" for tag in batch.tag.values])
    seen = np.concatenate([[0], np.cumsum(h1)])
    since = index - batch.heading
    pictured = (batch.flags & _PICTURED) > 0
    picture = np.maximum.accumulate(np.where(pictured, index, -1))
    behind = np.zeros(n, bool)
    behind[:-1] = pictured[1:] & (batch.page[1:] == batch.page[:-1])
    return [
        behind,
        np.where(picture >= first, np.log1p(index - picture), 6.0),
        (index - first) / np.maximum(count - 1, 1),
        np.log1p(index - first),
        np.log1p(count - 1 - (index - first)),
        np.log(count),
        above / total[batch.page],
        np.log1p(total[batch.page]),
        (seen[:-1] - seen[first]) > 0,
        seen[batch.bounds[1:]][batch.page] - seen[:-1] > 0,
        np.where(batch.heading >= 0, np.log1p(since), 6.0),
        (chars / total[batch.page]) ** 0.5,
    ]


def _repetition(batch: Batch, texts: Texts, words: npt.NDArray[np.float64]) -> list[npt.NDArray[np.generic]]:
    """How often the container, the shape and the text of a block occur on the page: menus and feeds repeat, stories do
    not.
    """
    columns: list[npt.NDArray[np.generic]] = []
    for groups in (batch.same_parent, batch.same_shape, batch.same_text):
        size = groups.sizes[groups.of]
        columns += [np.log(size), np.log1p(groups.mean(words)), groups.position / np.maximum(size - 1, 1)]
    shared = _title_words(batch, texts) / np.maximum(words, 1)
    columns += [shared, shared * np.minimum(words, 20)]
    return columns


def _title_words(batch: Batch, texts: Texts) -> npt.NDArray[np.float64]:
    """The number of each block's words that are also in the title of its page."""
    titles = Tokens(*lower_case(*encode(batch.titles)))
    there = np.sort(_of_page(titles.hash, titles.row))
    if not len(there):
        return np.zeros(len(batch))
    # Few words are in any title, so the others are left out first.
    tokens = texts.tokens.hash
    in_titles = np.zeros(1 << _BITS, bool)
    in_titles[_slots(titles.hash)] = True
    row, token = texts.handed_out(np.flatnonzero(in_titles[_slots(tokens)]))
    here = _of_page(tokens[token], batch.page[row])
    found = (there[np.minimum(np.searchsorted(there, here), len(there) - 1)] == here).astype(np.float64)
    return np.asarray(np.bincount(row, found, minlength=len(batch)), np.float64)


def _slots(hashes: npt.NDArray[np.uint64]) -> Index:
    return rehash(hashes, 0, _BITS).view(np.int64)


def _of_page(hashes: npt.NDArray[np.uint64], page: Index) -> npt.NDArray[np.uint64]:
    return np.asarray((hashes ^ (hashes >> np.uint64(29))) + page.astype(np.uint64) * _PAGE, np.uint64)

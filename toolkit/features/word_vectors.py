"""Vectors of words in many languages, by hash: `data/word_vectors.npz`.

Words of similar meaning have similar vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..support.files import data_path
from .batch import Batch
from .codes import Floats, Index
from .ngrams import Hashes, Tokens, rehash
from .sparse import product

FILE = "word_vectors.npz"
SLOT_BITS, CHECK_BITS = 21, 16
_SLOT, _CHECK = 92, 93  # seeds of the hashes
_FIRST = 40  # tokens of a text that are looked up
_LONG = 8  # words; shorter blocks say little about what a page is about
_MOST = 60  # words of a block that count
_NEAR = 8  # blocks above and below, a power of two


@dataclass(frozen=True)
class WordVectors:
    """`vectors` (words, dimensions) are whole numbers, to be multiplied by `scale`; common words have small `weights`.

    `row` is the word of each slot, -1 for none; `check` (words,) tells other words of that slot apart.
    """

    vectors: npt.NDArray[np.int8]
    scale: float
    weights: Floats
    row: npt.NDArray[np.int32]
    check: npt.NDArray[np.uint16]


@lru_cache(maxsize=1)
def word_vectors() -> WordVectors:
    """The vectors that come with pageblocks."""
    with np.load(data_path(FILE), allow_pickle=False) as file:
        slots = np.cumsum(file["steps"], dtype=np.int64)
        row = np.full(1 << SLOT_BITS, -1, np.int32)
        row[slots] = np.arange(len(slots), dtype=np.int32)
        return WordVectors(
            file["vectors"], float(file["scale"]), file["weights"].astype(np.float32), row, file["check"]
        )


def keys(hashes: Hashes) -> tuple[Index, npt.NDArray[np.uint16]]:
    """The slot of each word, and what tells it apart from others."""
    return rehash(hashes, _SLOT, SLOT_BITS).view(np.int64), rehash(hashes, _CHECK, CHECK_BITS).astype(np.uint16)


def text_vectors(tokens: Tokens) -> Floats:
    """For each text the mean vector of its words, the share of them that is known, and the weight of the known ones.

    The mean gives common words less weight (Arora et al., 2017). Texts without known words have zeros.
    """
    known = word_vectors()
    texts = len(tokens.first) - 1
    some = np.flatnonzero(tokens.nth < _FIRST)
    words, of = tokens.words
    slots, check = keys(tokens.hash[words])
    row = known.row[slots]
    row[known.check[row] != check] = -1
    there = np.flatnonzero(row >= 0)
    vectors, weights = known.vectors[row[there]].astype(np.float32), known.weights[row[there]]
    column = np.full(len(words), -1, np.int32)
    column[there] = np.arange(len(there))
    word = column[of[some]]
    found = np.flatnonzero(word >= 0)
    word, text = word[found], tokens.row[some[found]]
    total = np.bincount(text, weights[word], minlength=texts)
    bounds = np.zeros(texts + 1, np.int32)
    np.cumsum(np.bincount(text, minlength=texts), out=bounds[1:])
    # The words are in the order of their texts, so the rows of the matrix are there already.
    sums = product(weights[word], word, bounds, dense=vectors)
    looked_up = np.bincount(tokens.row[some], minlength=texts)
    return np.column_stack(
        [
            sums * (known.scale / np.maximum(total, 1e-6))[:, None],
            np.diff(bounds) / np.maximum(looked_up, 1),
            np.log1p(total),
        ]
    ).astype(np.float32)


def similarities(batch: Batch, vectors: Floats, words: npt.NDArray[np.float64], *, story: Floats) -> Floats:
    """Cosines (blocks, 4) of each block's vector: with the story, the page, the heading above, long blocks near by.

    `vectors` (blocks, dimensions) are the means of `text_vectors`; `story` (blocks,) is how likely each block is story.
    """
    unit = _unit(vectors)
    weight = np.minimum(words, _MOST).astype(np.float32)
    long = weight * (words >= _LONG)
    about = [_cosines(unit, _page_sums(unit, weights, batch), batch.page) for weights in (long * story, weight)]
    heading = np.einsum("ij,ij->i", unit, unit.take(batch.heading, axis=0)) * (batch.heading >= 0)
    near = _near_sums(unit * long[:, None], batch)
    return np.column_stack([*about, heading, _cosines(unit, near)]).astype(np.float32)


def _page_sums(values: Floats, weights: Floats, batch: Batch) -> Floats:
    """Weighted sums over the blocks of each page, (pages, columns)."""
    return product(weights, np.arange(len(batch)), batch.bounds, dense=values)


def _near_sums(values: Floats, batch: Batch) -> Floats:
    """Sums over the `_NEAR` blocks above and below each block, without itself, on its page."""
    # Zeros between the pages, so that no sum reaches over the edge of one.
    at = np.arange(len(batch)) + (batch.page + 1) * _NEAR
    padded = np.zeros((len(batch) + (len(batch.sizes) + 2) * _NEAR, values.shape[1]), np.float32)
    padded[at] = values
    sums: npt.NDArray[Any] = padded
    length = 1
    while length < _NEAR:  # sums of 2, 4, 8 rows from each row on
        sums = sums[:-length] + sums[length:]
        length *= 2
    return np.asarray(sums.take(at - _NEAR, axis=0) + sums.take(at + 1, axis=0), np.float32)


def _cosines(unit: Floats, others: Floats, of: Index | None = None) -> Floats:
    """The cosine of each row with the row of `others` that has the same number, or the number `of` it."""
    length = np.sqrt(np.einsum("ij,ij->i", others, others))
    if of is not None:
        others, length = others.take(of, axis=0), length[of]
    return np.asarray(np.einsum("ij,ij->i", unit, others) / np.maximum(length, 1e-6), np.float32)


def _unit(vectors: Floats) -> Floats:
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, 1e-6)[:, None], np.float32)

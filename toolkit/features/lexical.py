"""Words of the text and of the markup, as bags of hashed features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .bags import Bag, bag
from .batch import Batch
from .codes import Codes, Floats, Index, encode
from .ngrams import Grams, Tokens, letters, word_grams
from .notions import counts

_NAMES, _LINK = 120, 100  # characters that are used; the names of nearer elements come first
_PLACE = np.uint64(0xD6E8FEB86659FD93)  # other than the base of the hashes, so that positions and letters differ
_OPENING = 6  # tokens of a neighbour, a heading or a name that are used


@dataclass
class Texts:
    """The distinct texts of a batch, with `words` and `notions` of each; `of` (blocks,) is the index of each block."""

    of: Index
    codes: Codes
    starts: Index
    tokens: Tokens
    words: npt.NDArray[np.float64]
    notions: Floats

    @classmethod
    def read(cls, batch: Batch) -> Texts:
        """Tokenise the texts of a batch."""
        texts = [" ".join(text.split()) if "\n" in text else text for text in batch.text.values]
        codes, starts = encode(texts)
        tokens = Tokens(*encode([text.lower() for text in texts]))
        return cls(batch.text.of, codes, starts, tokens, np.diff(tokens.first).astype(np.float64), counts(tokens))

    def handed_out(self) -> tuple[Index, Index]:
        """For each token of each block: the block, and the token's index in `tokens`."""
        sizes = np.diff(self.tokens.first)[self.of]
        block = np.repeat(np.arange(len(self.of)), sizes)
        begin = np.cumsum(sizes) - sizes
        return block, np.arange(len(block)) + (self.tokens.first[self.of] - begin)[block]


def text_bags(batch: Batch, texts: Texts) -> list[Bag]:
    """Words and characters of the text, the opening words of the neighbours and of the heading above."""
    tokens, of, count = texts.tokens, texts.of, len(texts.words)
    bags = [bag(grams, seed, count, of=of) for grams, seed in word_grams(tokens, head=32, tail=8)]
    bags.append(bag(letters(tokens, 4, 40), 14, count, of=of))
    opening = np.flatnonzero(tokens.nth() < _OPENING)
    grams = tokens.row[opening], tokens.hash[opening]
    bags += _neighbours(batch, grams, 20, count, of)
    bags.append(bag(grams, 25, count, of=np.where(batch.heading >= 0, of[batch.heading], -1)))
    return bags


def markup_bags(batch: Batch) -> list[Bag]:
    """Class and id words, tag path, and link target of the block; tags and names of its neighbours."""
    names, of = batch.names.values, batch.names.of
    tokens = Tokens(*encode([name[:_NAMES].lower() for name in names]))
    bags = [bag(grams, 30 + seed, len(names), of=of) for grams, seed in word_grams(tokens, head=24)]
    bags.append(bag(letters(tokens, 5, 64), 38, len(names), of=of))
    first = np.flatnonzero(tokens.nth() < _OPENING)
    bags += _neighbours(batch, _some(tokens, first), 40, len(names), of)

    paths, of = batch.path.values, batch.path.of
    tokens = Tokens(*encode([path.replace("/", " ") for path in paths]))
    rest = tokens.from_end()
    near, last = np.flatnonzero(rest < 6), np.flatnonzero(rest == 0)
    # The last tags of the path by their position from the end, and all tags in any position.
    placed = tokens.hash[near] + rest[near].astype(np.uint64) * _PLACE
    bags.append(bag((tokens.row[near], placed), 50, len(paths), of=of))
    bags.append(bag((tokens.row, tokens.hash), 51, len(paths), of=of))
    bags += _neighbours(batch, _some(tokens, last), 60, len(paths), of)

    links, of = batch.href.values, batch.href.of
    tokens = Tokens(*encode([link[:_LINK].lower() for link in links]))
    bags += [bag(grams, 70 + seed, len(links), of=of) for grams, seed in word_grams(tokens, head=24, tail=4)]
    bags.append(bag(letters(tokens, 5, 48), 78, len(links), of=of))
    return bags


def _some(tokens: Tokens, some: Index) -> Grams:
    return tokens.row[some], tokens.hash[some]


def _shifted(batch: Batch, of: Index, step: int) -> Index:
    """The entry of the previous (-1) or next (1) block of the page; -1 for none."""
    near = np.full(len(of), -1, np.int64)
    if step < 0:
        near[1:] = np.where(batch.page[1:] == batch.page[:-1], of[:-1], -1)
    else:
        near[:-1] = np.where(batch.page[1:] == batch.page[:-1], of[1:], -1)
    return near


def _neighbours(batch: Batch, grams: Grams, seed: int, count: int, of: Index) -> list[Bag]:
    return [bag(grams, seed, count, of=_shifted(batch, of, -1)), bag(grams, seed + 1, count, of=_shifted(batch, of, 1))]

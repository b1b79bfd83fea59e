"""Words of the text and of the markup, as bags of hashed features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .bags import Bag, bag
from .batch import Batch
from .codes import Codes, Floats, Index, encode, lower_case
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
        tokens = Tokens(*lower_case(codes, starts))
        return cls(batch.text.of, codes, starts, tokens, np.diff(tokens.first).astype(np.float64), counts(tokens))

    def handed_out(self, some: Index) -> tuple[Index, Index]:
        """For each of the tokens `some` (in ascending order), in each block: the block, and the token."""
        first = np.searchsorted(some, self.tokens.first)
        sizes = np.diff(first)[self.of]
        at = np.repeat(first[:-1][self.of] - (np.cumsum(sizes) - sizes), sizes)
        return np.repeat(np.arange(len(self.of)), sizes), some[at + np.arange(len(at))]


def text_bags(batch: Batch, texts: Texts) -> list[Bag]:
    """Words and characters of the text, the opening words of the neighbours and of the heading above."""
    tokens, of = texts.tokens, texts.of
    bags = [bag(grams, seed, of=of) for grams, seed in word_grams(tokens, head=32, tail=8)]
    bags.append(bag(letters(tokens, 4, 40), 14, of=of))
    opening = np.flatnonzero(tokens.nth < _OPENING)
    grams = tokens.grams(opening, tokens.hash[opening])
    bags += _neighbours(batch, grams, 20, of)
    bags.append(bag(grams, 25, of=np.where(batch.heading >= 0, of[batch.heading], -1)))
    return bags


def markup_bags(batch: Batch) -> list[Bag]:
    """Class and id words, tag path, and link target of the block; tags and names of its neighbours."""
    of = batch.names.of
    tokens = Tokens(*lower_case(*encode([name[:_NAMES] for name in batch.names.values])))
    bags = [bag(grams, 30 + seed, of=of) for grams, seed in word_grams(tokens, head=24)]
    bags.append(bag(letters(tokens, 5, 64), 38, of=of))
    first = np.flatnonzero(tokens.nth < _OPENING)
    bags += _neighbours(batch, tokens.grams(first, tokens.hash[first]), 40, of)

    of = batch.path.of
    tokens = Tokens(*encode([path.replace("/", " ") for path in batch.path.values]))
    rest = tokens.from_end
    near, last = np.flatnonzero(rest < 6), np.flatnonzero(rest == 0)
    # The last tags of the path by their position from the end, and all tags in any position.
    placed = tokens.hash[near] + rest[near].astype(np.uint64) * _PLACE
    bags.append(bag(tokens.grams(near, placed), 50, of=of))
    bags.append(bag((np.diff(tokens.first), tokens.hash), 51, of=of))
    bags += _neighbours(batch, tokens.grams(last, tokens.hash[last]), 60, of)

    of = batch.href.of
    tokens = Tokens(*lower_case(*encode([link[:_LINK] for link in batch.href.values])))
    bags += [bag(grams, 70 + seed, of=of) for grams, seed in word_grams(tokens, head=24, tail=4)]
    bags.append(bag(letters(tokens, 5, 48), 78, of=of))
    return bags


def _shifted(batch: Batch, of: Index, step: int) -> Index:
    """The entry of the previous (-1) or next (1) block of the page; -1 for none."""
    near = np.full(len(of), -1, np.int64)
    if step < 0:
        near[1:] = np.where(batch.page[1:] == batch.page[:-1], of[:-1], -1)
    else:
        near[:-1] = np.where(batch.page[1:] == batch.page[:-1], of[1:], -1)
    return near


def _neighbours(batch: Batch, grams: Grams, seed: int, of: Index) -> list[Bag]:
    return [bag(grams, seed, of=_shifted(batch, of, -1)), bag(grams, seed + 1, of=_shifted(batch, of, 1))]

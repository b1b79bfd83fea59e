"""All features of a batch of pages, except those that need a model (`context`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..page import Blocks
from .bags import Bag
from .batch import Batch, stack
from .codes import Floats, Index
from .lexical import Texts, markup_bags, text_bags
from .structure import structure
from .word_vectors import text_vectors


@dataclass
class Features:
    """Features of n blocks: bags of `text` and `markup`, `dense` (n, ~130); `words` and `texts` (n,) for `context`.

    `vectors` is what `text_vectors` says of each distinct text; `texts` is the text of each block.
    """

    batch: Batch
    text: list[Bag]
    markup: list[Bag]
    dense: Floats
    words: npt.NDArray[np.float64]
    texts: Index
    vectors: Floats

    def __len__(self) -> int:
        return len(self.batch)


def extract(pages: Sequence[Blocks]) -> Features:
    """The features of the pages' blocks."""
    batch = stack(pages)
    texts = Texts.read(batch)
    return Features(
        batch,
        text_bags(batch, texts),
        markup_bags(batch),
        structure(batch, texts),
        texts.words[texts.of],
        texts.of,
        text_vectors(texts.tokens),
    )

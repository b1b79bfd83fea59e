"""A family of weights for pages of one format: first stage, context, second stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ..features.build import Features
from ..features.codes import Floats
from ..features.context import context
from ..features.word_vectors import similarities
from .inputs import Inputs, Scaler
from .linear import Linear, Linears
from .network import Network

CONTENT = "content"  # the view that tells main content from the rest


@dataclass
class Family:
    """`views` and `content` are the first stage, `network` is the second; both estimate main content if it is known.

    `vectors`: whether the second stage looks at the vectors of words.
    """

    scaler: Scaler
    views: dict[str, Linear]
    content: Linear | None
    wide: Scaler
    network: Network
    story: int
    vectors: bool

    @cached_property
    def _linears(self) -> Linears:
        return Linears(_named(self.views, self.content))

    def probabilities(self, features: Features) -> tuple[Floats, Floats | None]:
        """(blocks, labels) for a batch of pages; and (blocks,), how likely each block is main content, if learned."""
        return self.network.probabilities(self.second(features), features.batch.sizes)

    def first(self, features: Features) -> dict[str, Floats]:
        """The probabilities (blocks, labels) of each view of the first stage."""
        return self._linears.probabilities(features, self.scaler(features.dense))

    def second(self, features: Features) -> Inputs:
        """The input of the second stage, (blocks, features)."""
        return replace(second_input(features, self.first(features), self.story, vectors=self.vectors), scaler=self.wide)


def _named(views: dict[str, Linear], content: Linear | None) -> dict[str, Linear]:
    return views | ({CONTENT: content} if content else {})


def second_input(features: Features, first: dict[str, Floats], story: int, *, vectors: bool) -> Inputs:
    """The input of the second stage before it is standardised, from the answers `first` of the first stage."""
    around: Floats = first["joint"]
    if CONTENT in first:
        around = np.hstack([around, first[CONTENT][:, 1:]])
    parts: list[npt.NDArray[Any]] = [features.dense, np.log(np.clip(np.hstack(list(first.values())), 1e-4, 1.0))]
    parts += context(features.batch, around, features.words, story=story)
    if vectors:
        means = features.vectors.take(features.texts, axis=0)
        parts.append(means)
        parts.append(similarities(features.batch, means[:, :-2], features.words, story=around[:, story]))
    return Inputs(parts)

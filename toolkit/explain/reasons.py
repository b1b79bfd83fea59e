"""The score of a block in the first stage, taken apart by the words, names, tags and numbers that it is a sum of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..features.build import Features
from ..features.codes import Floats
from ..features.names import dense_names
from ..features.strings import Grams, Strings, strings_of
from ..model.linear import Linear
from ..page import Blocks
from .explanation import Reason

Doubles = np.ndarray[Any, np.dtype[np.float64]]


def reasons_of(
    page: Blocks, i: int, linear: Linear, *, label: int, features: Features, scaled: Floats
) -> list[Reason]:  # fmt: skip
    """What adds up, together with the bias of `label`, to the score of block `i`; the heaviest first.

    `label` is a column of `linear`, `features` are those of the page, `scaled` are its standardised dense features.
    """
    texts, markup = strings_of(page, i)
    found = [*_hashed(texts, linear.text, label), *_hashed(markup, linear.markup, label)]
    if linear.dense is not None:
        weights = scaled[i].astype(np.float64) * linear.dense[:, label]
        values = features.dense[i].tolist()
        found += [
            Reason("numbers", name, weight, value)
            for name, weight, value in zip(dense_names(), weights.tolist(), values, strict=True)
        ]
    return sorted(found, key=lambda reason: -abs(reason.weight))


def _hashed(parts: Sequence[Strings], weights: Floats | None, label: int) -> Iterator[Reason]:
    """The words of the strings; each has the weight of the features that it is in, or its share of it."""
    if weights is None:
        return
    length = np.sqrt(max(sum(len(columns) for strings in parts for columns in strings.columns), 1))
    for strings in parts:
        shares = np.zeros(len(strings.spelled.words))
        rest = 0.0
        for grams, columns in zip(strings.spelled.grams, strings.columns, strict=True):
            rest += _share(grams, weights[columns, label] / length, strings, shares)
        total: dict[str, float] = defaultdict(float)
        for word, share in zip(strings.spelled.words, shares.tolist(), strict=True):
            total[word] += share
        if rest:
            total[" "] += rest
        yield from (Reason(strings.part, word, weight) for word, weight in total.items())


def _share(grams: Grams, weights: Doubles, strings: Strings, shares: Doubles) -> float:
    """Add the weights to the `shares` of the words; returns what no word is in (letters that are spaces only)."""
    begin = strings.spelled.start
    first = np.searchsorted(begin, grams.start, "right") - 1
    if grams.kind != "letters":
        last = np.searchsorted(begin, grams.end - 1, "right") - 1
        np.add.at(shares, first, weights / 2)
        np.add.at(shares, last, weights / 2)
        return 0.0
    size = int(grams.end[0] - grams.start[0]) if len(grams.start) else 0
    word = np.full(len(strings.spelled.text), -1, np.int64)  # of each character
    for k, (a, b) in enumerate(zip(begin.tolist(), strings.spelled.end.tolist(), strict=True)):
        word[a:b] = k
    of = word[grams.start[:, None] + np.arange(size)]
    inside = of >= 0
    count = inside.sum(axis=1)
    each = weights / np.maximum(count, 1)
    np.add.at(shares, of[inside], np.repeat(each, count))
    return float(weights[count == 0].sum())

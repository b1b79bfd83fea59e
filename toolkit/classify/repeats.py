"""Finds blocks that a page contains twice, once for small and once for large screens.

These are a run of blocks directly followed by the same run, and a run of several paragraphs repeated anywhere. A single
paragraph repeated after other text (a refrain, a litany, a quotation) is kept, and so are short lines.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from itertools import accumulate

from ..segment.wrapped import display_width

# Columns that one block of a copied run has at least; shorter lines are repeated in dialogues.
_LONG = 40
# Long blocks and columns of a run that counts as copied wherever it is repeated; no refrain is as long.
_RUN, _WIDE = 3, 400
_PASSES = 8  # copies of copies: each pass halves them
# Numbers of blocks that are searched for in the text before: one block may be repeated within a copy, as a refrain.
_WINDOWS = (1, 3)
_MODULUS = (1 << 61) - 1


def once(texts: Sequence[str], chosen: Sequence[int]) -> list[int]:
    """The indices in `chosen` (ascending) without the second and later copies of a run.

    Case and white space do not count, and at least one block of a run has 40 columns (20 Chinese, Japanese or Korean
    characters). Between two copies there may be blocks that were not chosen, if they are shorter than a copy. If a run
    has three such blocks and 400 columns, anything may be between the copies.
    """
    kept = list(chosen)
    folded = {i: _folded(texts[i]) for i in kept}
    long = [text for i, text in folded.items() if len(texts[i]) >= _LONG // 2]
    if len(set(long)) == len(long):
        return kept
    sizes = [0, *accumulate(map(len, texts))]
    for _ in range(_PASSES):
        copies = _copies(texts, folded, kept, sizes=sizes)
        if not copies:
            break
        kept = [i for k, i in enumerate(kept) if k not in copies]
    return kept


def _copies(texts: Sequence[str], folded: dict[int, str], kept: Sequence[int], *, sizes: Sequence[int]) -> set[int]:
    """Positions in `kept` that repeat the run before them. `folded` are the texts without case and white space.

    A run of length p and its copy contain a long block p positions apart. From each long block and its previous
    occurrence, the two runs are extended in both directions while they are equal. Hashes compare them in constant time,
    so n blocks take n log n steps.
    """
    numbers: dict[str, int] = {}
    ids = [numbers.setdefault(folded[i], len(numbers)) for i in kept]
    long = {number for text, number in numbers.items() if len(text) >= _LONG // 2 and _columns(text) >= _LONG}
    hashes = _Hashes(ids)
    longs = [0, *accumulate(id in long for id in ids)]
    widths = [0, *accumulate(_columns(texts[i]) if id in long else 0 for i, id in zip(kept, ids, strict=True))]
    last: dict[tuple[int, int], int] = {}
    copies: set[int] = set()
    end = 0  # of the last copy that was found
    for k, id in enumerate(ids):
        if id not in long:
            continue
        for window in _WINDOWS:
            key = window, hashes.of(k, min(k + window, len(ids)))
            before, last[key] = last.get(key), k
            if before is None or k < end:
                continue
            period = k - before
            equal = k + hashes.forward(before, k, period)
            if longs[equal] - longs[k] >= _RUN and widths[equal] - widths[k] >= _WIDE:
                copies.update(range(k, equal))
                end = equal
                continue
            first = before - hashes.backward(before, k, min(period, k - end))
            for start in range(first + period, equal - period + 1, period):
                between = sizes[kept[start]] - sizes[kept[start - 1] + 1]
                if between < sizes[kept[start + period - 1] + 1] - sizes[kept[start]]:
                    copies.update(range(start, start + period))
                    end = start + period
    return copies


class _Hashes:
    """Lengths of equal runs, from hashes of prefixes. Their base is random, so that no page can provoke collisions."""

    def __init__(self, ids: Sequence[int]) -> None:
        base = secrets.randbelow(_MODULUS - 1_000_000) + 500_000
        self.size = len(ids)
        self.powers = list(accumulate(ids, lambda power, _: power * base % _MODULUS, initial=1))
        self.prefix = list(accumulate(ids, lambda value, id: (value * base + id + 1) % _MODULUS, initial=0))

    def forward(self, a: int, b: int, most: int) -> int:
        """How many numbers from `a` on equal those from `b` on, at most `most`; `a` comes first."""
        return self._longest(min(self.size - b, most), lambda n: self.of(a, a + n) == self.of(b, b + n))

    def backward(self, a: int, b: int, most: int) -> int:
        """How many numbers before `a` equal those before `b`, at most `most`; `a` comes first."""
        return self._longest(min(a, most), lambda n: self.of(a - n, a) == self.of(b - n, b))

    def of(self, start: int, end: int) -> int:
        return (self.prefix[end] - self.prefix[start] * self.powers[end - start]) % _MODULUS

    @staticmethod
    def _longest(most: int, equal: Callable[[int], bool]) -> int:
        low = 0
        while low < most:
            middle = (low + most + 1) // 2
            low, most = (middle, most) if equal(middle) else (low, middle - 1)
        return low


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _columns(text: str) -> int:
    return min(display_width(text[:_WIDE]), _WIDE)  # more are never needed

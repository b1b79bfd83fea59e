"""Labelled texts -> labels of blocks, whatever segmentation the texts were made with.

Equal blocks are matched first; what lies between two matches is aligned word by word, and each block takes the label
that most of its words got.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher

from ..page import Blocks

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[぀-ヿ一-鿿가-힯]|[^\W\d_]+|[^\w\s]")


def split_words(text: str) -> list[str]:
    """Words for alignment: split where the case changes too, because pages glue words that look apart."""
    return [word.casefold() for word in _WORD.findall(text)]


def align(texts: Sequence[str], labels: Sequence[str | None], blocks: Blocks) -> tuple[list[str | None], list[int]]:
    """A label for each of `blocks`, and the indices of `texts` that found no place.

    None is a text without a label: it takes its place, so that no other text's label comes there. Blocks that no
    text covers have None, too.
    """
    theirs = [tuple(split_words(text)) for text in texts]
    ours = [tuple(split_words(text)) for text in blocks.text]
    votes: list[Counter[str | None]] = [Counter() for _ in ours]
    placed = [not text for text in theirs]
    a = b = 0
    # White space is no part of the comparison: "Home About" and "HomeAbout" are the same block.
    for match in SequenceMatcher(None, _squash(texts), _squash(blocks.text), autojunk=False).get_matching_blocks():
        _align_gap(theirs, ours, range(a, match.a), b=range(b, match.b), labels=labels, votes=votes, placed=placed)
        for k in range(match.size):
            votes[match.b + k][labels[match.a + k]] += 1
            placed[match.a + k] = True
        a, b = match.a + match.size, match.b + match.size
    _place_moved(theirs, ours, labels, votes=votes, placed=placed)
    return [vote.most_common(1)[0][0] if vote else None for vote in votes], [
        i for i, done in enumerate(placed) if not done
    ]


def _squash(texts: Sequence[str]) -> list[str]:
    return ["".join(text.split()) for text in texts]


def _align_gap(
    theirs: list[tuple[str, ...]], ours: list[tuple[str, ...]], a: range, *, b: range, labels: Sequence[str | None],
    votes: list[Counter[str | None]], placed: list[bool],
) -> None:  # fmt: skip
    if not a or not b:
        return
    left = [(word, i) for i in a for word in theirs[i]]
    right = [(word, j) for j in b for word in ours[j]]
    matcher = SequenceMatcher(None, [w for w, _ in left], [w for w, _ in right], autojunk=False)
    for match in matcher.get_matching_blocks():
        for k in range(match.size):
            i, j = left[match.a + k][1], right[match.b + k][1]
            votes[j][labels[i]] += 1
            placed[i] = True


def _place_moved(
    theirs: list[tuple[str, ...]],
    ours: list[tuple[str, ...]],
    labels: Sequence[str | None],
    *,
    votes: list[Counter[str | None]],
    placed: list[bool],
) -> None:
    """Texts whose order differs: matched as a whole, first with blocks that have no label yet."""
    where: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for j, text in enumerate(ours):
        where[text].append(j)
    for i, done in enumerate(placed):
        if done:
            continue
        homes = where.get(theirs[i]) or [j for j, text in enumerate(ours) if _within(theirs[i], text)]
        if homes:
            j = next((j for j in homes if not votes[j]), homes[0])
            if not votes[j]:
                votes[j][labels[i]] += len(theirs[i])
            placed[i] = True


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    n = len(part)
    return any(whole[k : k + n] == part for k in range(len(whole) - n + 1))

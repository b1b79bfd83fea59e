"""The main content of a page, known as text only -> the blocks that it consists of.

Public extraction corpora (WCXB, fundus) keep the content as one string. It says nothing of captions or forms, but
whether each block is content: a thousand pages more to learn from where the story begins and ends.
"""

from __future__ import annotations

import re
from collections import Counter

from ...page import Blocks

_WORD = re.compile(r"\w+")
_LEAST = 10  # words of content; fewer could occur anywhere
_SHARE = 0.6  # of a block's words in the content: a block to begin with
_FIT = 0.7  # word F1 that the best blocks must reach, else the content is not of this page
_ROUNDS = 3


def mark_content(blocks: Blocks, content: str) -> list[int] | None:
    """For each block 1 where it is part of `content`, else 0. None where the content is too short or does not fit the
    page.

    Chosen are the blocks whose words together are most nearly the words of the content (word F1): a search from the
    blocks that share most of their words with it, adding or removing one block at a time. What a page says twice
    is so taken once.
    """
    if len(_WORD.findall(content)) < _LEAST:
        return None
    chosen, fit = closest(blocks, content)
    return chosen if fit >= _FIT and sum(chosen) > 1 else None


def closest(blocks: Blocks, content: str) -> tuple[list[int], float]:
    """The blocks (1, the others 0) whose words together are most nearly those of `content`, and their word F1 from 0 to
    1.
    """
    bags = [Counter(_WORD.findall(text.lower())) for text in blocks.text]
    wanted = Counter(_WORD.findall(content.lower()))
    sizes = [bag.total() for bag in bags]
    total = wanted.total()
    held: Counter[str] = Counter()
    chosen = [0] * len(bags)
    for i, bag in enumerate(bags):
        if sizes[i] and (bag & wanted).total() >= _SHARE * sizes[i]:
            chosen[i] = 1
            held += bag
    shared, size = (held & wanted).total(), held.total()
    best = 2 * shared / max(size + total, 1)
    longest_first = sorted((i for i, n in enumerate(sizes) if n), key=lambda i: -sizes[i])
    for _ in range(_ROUNDS):
        changed = False
        for i in longest_first:
            sign = -1 if chosen[i] else 1
            gain = sum(
                min(held[word] + sign * count, wanted[word]) - min(held[word], wanted[word])
                for word, count in bags[i].items()
            )
            score = 2 * (shared + gain) / (size + sign * sizes[i] + total)
            if score > best + 1e-9:
                best, shared, size, changed = score, shared + gain, size + sign * sizes[i], True
                chosen[i] = 1 - chosen[i]
                for word, count in bags[i].items():
                    held[word] += sign * count
        if not changed:
            break
    return chosen, best

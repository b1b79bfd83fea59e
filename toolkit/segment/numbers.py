"""Numbers of text nodes in trees that are changed before the walk.

Labels refer to text nodes by number. Nodes of the parsed page keep theirs; inserted ones are counted after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from ..page import Blocks
from .elements import BREAK, CUSTOM, KIND, MUTE


class Numbers:
    """The numbers of a tree's text nodes before it is changed."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        self._own = {node.mem_id: number for number, node in enumerate(_texts(tree))}

    def restore(self, blocks: Blocks) -> None:
        """Give the blocks of the changed tree these numbers; one with old and new nodes gets those of the old ones."""
        count = more = len(self._own)
        numbers: list[int] = []
        for node in _texts(self._tree):
            number = self._own.get(node.mem_id)
            if number is None:
                number, more = more, more + 1
            numbers.append(number)
        before = list(accumulate(numbers, lambda last, n: n + 1 if n < count else last, initial=0))
        for i, (start, end) in enumerate(zip(blocks.start, blocks.end, strict=True)):
            run = numbers[start:end]
            if run:
                run = [n for n in run if n < count] or run
                blocks.start[i], blocks.end[i] = min(run), max(run) + 1
            else:
                blocks.start[i] = blocks.end[i] = before[min(start, len(numbers))]


def children(node: Any) -> list[Any]:
    """A node's children as a list, so that they can be moved."""
    found = []
    child = node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _texts(tree: LexborHTMLParser) -> Iterator[Any]:
    """The text nodes that the walk counts, in its order."""
    stack: list[Any] = []
    node: Any = tree.body and tree.body.first_child
    while node is not None or stack:
        if node is None:
            node = stack.pop()
            continue
        child = None
        if node.is_text_node:
            text = node.text_content
            if text and not text.isspace():
                yield node
        elif (kind := KIND.get(node.tag, CUSTOM)) < BREAK or kind == MUTE:
            child = node.first_child
        if child is not None:
            stack.append(node.next)
            node = child
        else:
            node = node.next

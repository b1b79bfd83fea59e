"""Whether inline content continues: checks of a node's surroundings that the walk needs for few elements.

Each reads a bounded number of nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .elements import BLOCK, BREAK, CONTROL, CUSTOM, DIALOG, INLINE, KIND, MUTE, PICTURE

_FAR = 40  # nodes that are read
_NEAR = 8
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I).search
_BLOCKISH = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item|flow-root)", re.I).search
_NO_SENTENCE = "*:：?？"
_LETTER = re.compile(r"[^\W\d_]")


def hides(style: str) -> bool:
    """Whether an inline style hides the element."""
    return _HIDING(style) is not None


def parts(style: str) -> bool:
    """Whether an inline style makes the element a block."""
    return _BLOCKISH(style) is not None


def in_sentence(control: Any, run: list[str], form: bool, *, paragraph: bool) -> bool:
    """Whether a button, label or field is inside a sentence: the text `run` before it continues after it on the line.

    In a form, or outside paragraphs, a new name or sentence after the control means that it is not.
    """
    before = "".join(run[-_NEAR:]).rstrip()
    if not before:
        if form or KIND[control.tag] != CONTROL:
            return False
        after = _follows(control)
        return after.islower() or (after != "" and after in ",.;:!?)")
    if (form and before[-1] in _NO_SENTENCE) or _LETTER.search(before) is None:
        return False
    after = _follows(control)
    if not after:
        return False
    return not after.isupper() or (paragraph and not form)


def _follows(node: Any) -> str:
    """The first character of the text after `node` on the same line; "" if there is none."""
    steps = 0
    while True:
        following = node.next
        while following is None:
            node = node.parent
            steps += 1
            if node is None or steps > _FAR or _is_block(node):
                return ""
            following = node.next
        node = following
        while node is not None:  # down to the first text in it
            steps += 1
            if steps > _FAR:
                return ""
            tag = node.tag
            if tag == "-text":
                if text := (node.text_content or "").strip():
                    return text[0]
                break
            kind = KIND.get(tag, INLINE)
            if kind in (BREAK, BLOCK, DIALOG):
                return ""
            if kind >= CONTROL:
                break
            attributes = node.attributes
            style = attributes.get("style") or ""
            if "hidden" in attributes or hides(style):
                break
            if parts(style):
                return ""
            child = node.first_child
            if child is None:
                break
            node = child


def _is_block(node: Any) -> bool:
    kind = KIND.get(node.tag, INLINE)
    return (kind >= BLOCK and kind != CUSTOM) or parts(node.attributes.get("style") or "")


def stands_alone(node: Any) -> bool:
    """Whether a custom element has neighbours and neither is text: then it is not part of a sentence."""
    before, after = _neighbour(node, "prev"), _neighbour(node, "next")
    if before is None and after is None:
        return False  # the only child: its parent is the block
    return (before is None or before.tag != "-text") and (after is None or after.tag != "-text")


def _neighbour(node: Any, side: str) -> Any:
    """The nearest visible node on one side ("prev" or "next"); None without one near by."""
    for _ in range(_NEAR):
        node = getattr(node, side)
        if node is None:
            return None
        if node.tag == "-text":
            if (node.text_content or "").strip():
                return node
        elif KIND.get(node.tag, INLINE) < PICTURE:
            return node
    return None


def beside_formula(node: Any) -> bool:
    """Whether a neighbour is or begins with MathML: then this node, hidden from screen readers, draws the formula."""
    return _is_formula(_neighbour(node, "prev")) or _is_formula(_neighbour(node, "next"))


def _is_formula(node: Any) -> bool:
    if node is None:
        return False
    first = node.first_child
    return node.tag == "math" or (first is not None and first.tag == "math")


def texts_below(root: Any, muted: bool = False) -> Iterator[str]:
    """The texts below `root` with more than white space, in the walk's order; `muted` adds those that it skips."""
    stack: list[Any] = []
    node = root.first_child
    while node is not None or stack:
        if node is None:
            node = stack.pop().next
            continue
        name, child = node.tag, None
        if name == "-text":
            text = node.text_content
            if text and not text.isspace():
                yield text
        else:
            kind = KIND.get(name, INLINE)
            if kind < PICTURE or (muted and kind == MUTE):
                child = node.first_child
        if child is not None:
            stack.append(node)
            node = child
        else:
            node = node.next


def text_nodes(root: Any) -> int:
    """The number of text nodes below `root` that the walk counts when it skips `root`."""
    return sum(1 for _ in texts_below(root, muted=True))

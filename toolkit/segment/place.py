"""The place of an unusual element: in the line, a block, apart from the text around it, or none."""

from __future__ import annotations

from typing import Any

from ..page import Flag
from .attributes import APART, HIDDEN, REPEATED, Attributes
from .columns import NAMES, PATH, Container, Row
from .controls import add_field, add_options, is_unseen
from .elements import BLOCK, CONTROL, CUSTOM, DIALOG, SELECT, block_like
from .flow import in_sentence, parts, stands_alone

# AS_WORD is IN_LINE without the element's own names. BOX_ASIDE and TEXT_ASIDE are not part of the current run, which
# continues after them. Elements that are REPEATS (of a formula) or UNSEEN are not read.
IN_LINE, AS_WORD, AS_BLOCK, BOX_ASIDE, TEXT_ASIDE, REPEATS, UNSEEN = range(7)
_FORM, _HEADING = int(Flag.FORM), int(Flag.HEADING)


def place_of(
    node: Any, child: Any, name: str, *, kind: int, attributes: Attributes, flags: int, around: Container,
    run: list[str],
) -> tuple[int, int]:  # fmt: skip
    """The place and flags of an element with unusual attributes or of an unusual kind.

    `flags` are those of the container `around` and of the element's attributes; `run` is the text of the current block.
    """
    if flags & REPEATED:
        return REPEATS, flags
    blocky = kind >= BLOCK or flags & APART != 0
    flags &= ~APART
    if kind == DIALOG and "open" not in attributes:
        flags |= HIDDEN
    if flags & HIDDEN and not around[3] & HIDDEN:
        if blocky:
            return BOX_ASIDE, flags
        if child is None or child.tag != "math":
            return TEXT_ASIDE, flags
        flags ^= HIDDEN  # the formula of a picture, which is hidden so that it is not shown twice
    elif kind >= CONTROL:
        form = bool(flags & _FORM)
        if child is None and is_unseen(kind, attributes, form):
            return UNSEEN, flags
        if (run or kind == CONTROL) and in_sentence(node, run, form, paragraph=around[0] == "p"):
            return AS_WORD if kind == CONTROL else BOX_ASIDE, flags
    elif kind == CUSTOM:
        blocky = parts(attributes.get("style") or "") or (
            block_like(name) and around[0] != "p" and not around[3] & _HEADING and stands_alone(node)
        )
    return AS_BLOCK if blocky else IN_LINE, flags


def add_words(
    rows: list[Row], node: Any, name: str, *, kind: int, attributes: Attributes, around: Container, own: str,
    flags: int, nodes: int,
) -> int:  # fmt: skip
    """Add the words of a field or select; return the number of its text nodes, which the walk does not visit."""
    if kind == SELECT:
        return add_options(rows, node, own, here=around, flags=flags, nodes=nodes)
    add_field(rows, attributes, name, here=around, own=own, flags=flags, nodes=nodes)
    return 0


def container(around: Container, name: str, own: str, *, flags: int, number: int) -> Container:
    """The properties that an element gives to its blocks; `own` are its own names."""
    path = f"{around[1]}/{name}"
    if len(path) > PATH:
        path = path[-PATH:]
    if own:
        own = f"{own} {around[2]}"
        if len(own) > NAMES:
            own = own[:NAMES]
    else:
        own = around[2]
    return name, path, own, flags, number

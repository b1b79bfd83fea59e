"""Buttons, fields and selects: their words are in attributes, or several texts make one block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..page import Flag
from .columns import NAMES, PATH, Container, Row
from .elements import CONTROL, FIELD
from .flow import texts_below

_BUTTONS = {"submit", "button", "reset"}
_WORDLESS = frozenset(
    ("hidden", "checkbox", "radio", "file", "image", "range", "color")
)  # an unknown type is a text field
_BUTTON, _PLACEHOLDER = int(Flag.OPTIONAL | Flag.FORM | Flag.BUTTON), int(Flag.OPTIONAL | Flag.FORM)
_OPTIONS = int(Flag.OPTIONS | Flag.FORM)


def is_unseen(kind: int, attributes: Mapping[str, str | None], form: bool) -> bool:
    """Whether an empty control does not separate text: one without words, and a check box outside a form."""
    if kind == CONTROL:
        return True
    if kind != FIELD or "type" not in attributes:
        return False
    type = (attributes["type"] or "").lower()
    return type == "hidden" or (not form and type in _WORDLESS)


def add_field(
    rows: list[Row],
    attributes: Mapping[str, str | None],
    tag: str,
    *,
    here: Container,
    own: str,
    flags: int,
    nodes: int,
) -> None:
    """Add the words in a control's attribute: the value of a button, the placeholder of a field."""
    kind = (attributes.get("type") or "").lower() if tag == "input" else ""
    if kind in _BUTTONS:
        text, more = attributes.get("value"), _BUTTON
    elif kind not in _WORDLESS:
        text, more = attributes.get("placeholder"), _PLACEHOLDER
    else:
        return
    if text and not text.isspace():
        _, path, names, _, parent = here
        box = (tag, f"{path}/{tag}"[-PATH:], f"{own} {names}"[:NAMES], flags, parent)
        rows.append((text, box, "", "", more, 0, nodes, nodes))


def add_options(rows: list[Row], select: Any, own: str, *, here: Container, flags: int, nodes: int) -> int:
    """Add a select's options as one block; return the number of their text nodes."""
    options = [text.strip() for text in texts_below(select)]
    if options:
        box = ("select", here[1], f"{own} {here[2]}"[:NAMES], flags, here[4])
        rows.append((" | ".join(options), box, "", "", _OPTIONS, 0, nodes, nodes + len(options)))
    return len(options)

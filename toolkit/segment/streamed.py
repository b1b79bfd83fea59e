"""Pages that React streams: late parts are hidden at the end, and a script moves them to their places.

The script only moves nodes: `$RC("B:0","S:0")` replaces `<template id="B:0">` and the placeholder there with the
children of `<div hidden id="S:0">`, `$RS("S:1","P:1")` replaces `<template id="P:1">`. This module does the same, but
keeps the placeholder, hidden.
"""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from .numbers import children

_CALL = re.compile(rb"\$R([CRS])\(\"([^\"<>\\]{1,60})\",\"([^\"<>\\]{1,60})\"")
_OPENS = frozenset(("$", "$?", "$~", "$!", "&"))
_STEPS = 20_000_000  # nodes on the paths up from all places to which nodes are moved: a second


def is_streamed(html: bytes) -> bool:
    """Whether the page may have parts that are not in their place."""
    return _CALL.search(html) is not None


def put_in_place(html: bytes, tree: LexborHTMLParser) -> None:
    """Move the late parts to their places."""
    calls = [[part.decode("utf-8", "replace") for part in found.groups()] for found in _CALL.finditer(html)]
    wanted = {name for _, *names in calls for name in names}
    named: dict[str, Any] = {}
    for node in tree.css("[id]"):
        if (name := node.attributes.get("id") or "") in wanted:
            named.setdefault(name, node)
    steps = 0
    for kind, first, second in calls:
        place, late = (named.get(second), named.get(first)) if kind == "S" else (named.get(first), named.get(second))
        if place is None or late is None or place.tag != "template":
            continue
        nodes = children(late)
        steps += (_depth(place) + 1) * (len(nodes) + 1)
        if steps > _STEPS:
            return
        end = place if kind == "S" else _end(place)
        try:
            for node in nodes:
                end.insert_before(node, move=True)
        except SelectolaxError:
            continue  # the place is inside the part


def _depth(node: Any) -> int:
    depth = 0
    while node is not None:
        node = node.parent
        depth += 1
    return depth


def _end(place: Any) -> Any:
    """Hide the placeholder of a boundary; return the boundary's end."""
    depth, node, last = 0, place.next, place
    while node is not None:
        if node.is_comment_node:
            data = node.comment_content
            if data in ("/$", "/&"):
                if depth == 0:
                    return node
                depth -= 1
            elif data in _OPENS:
                depth += 1
        elif node.is_element_node:
            node.attrs["hidden"] = ""
        last, node = node, node.next
    return last

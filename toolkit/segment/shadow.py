"""Declarative shadow DOM: what stands in `<template shadowrootmode>` is shown in the place of the host's content.

As the HTML standard's parser and the DOM standard's slots say: the first such template of a host becomes its shadow root, the
host's children go to the slots of their names, text and the rest to the slot without a name. A slot that gets nothing shows what
it holds itself, and what finds no slot is not shown. Any other template stays a template.

Nodes are moved, never copied, so time and memory grow linearly with the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from ..page import Blocks
from .elements import BREAK, CUSTOM, KIND, MUTE

_MODES = frozenset(("open", "closed"))
# The elements that `attachShadow` allows, beside custom elements; these have a hyphen and are none.
_HOSTS = frozenset("article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span".split())
_RESERVED = frozenset(
    "annotation-xml color-profile font-face font-face-src font-face-uri font-face-format font-face-name missing-glyph".split()
)


def has_shadow_roots(html: bytes) -> bool:
    """Whether the page may have declarative shadow roots."""
    return b"shadowrootmode" in html or b"shadowrootmode" in html.lower()


def attach_shadow_roots(tree: LexborHTMLParser) -> Numbers | None:
    """Attach the shadow roots of `tree`. None where it has none."""
    hosts = _hosts(tree)
    if not hosts:
        return None
    own = {node.mem_id: number for number, node in enumerate(_texts(tree))}
    for host, template, fragment, slots in reversed(hosts):  # from the inside out: all ways up stay short
        _distribute(host, template, slots)
        for node in _children(fragment):
            host.insert_child(node, move=True)
    return Numbers(own, tree)


class Numbers:
    """The numbers that text nodes had before shadow roots were attached.

    Labels name text nodes by number. Those of the page itself keep theirs, and those of shadow roots are counted after them.
    """

    def __init__(self, own: dict[int, int], tree: LexborHTMLParser) -> None:
        self._own = more = len(own)
        self._numbers: list[int] = []
        for node in _texts(tree):
            number = own.get(node.mem_id)
            if number is None:
                number, more = more, more + 1
            self._numbers.append(number)

    def renumber(self, blocks: Blocks) -> None:
        """Give the blocks of the attached tree these numbers. One that is part page, part shadow takes those of the page."""
        numbers = self._numbers
        last = list(accumulate(numbers, lambda before, n: n + 1 if n < self._own else before, initial=0))
        for i, (start, end) in enumerate(zip(blocks.start, blocks.end, strict=True)):
            run = numbers[start:end]
            if run:
                run = [n for n in run if n < self._own] or run
                blocks.start[i], blocks.end[i] = min(run), max(run) + 1
            else:
                blocks.start[i] = blocks.end[i] = last[min(start, len(numbers))]


def _hosts(tree: LexborHTMLParser) -> list[tuple[Any, Any, Any, list[Any]]]:
    """Each host with its template, the template's content, and the slots in it."""
    hosts: dict[int, tuple[Any, Any, Any, list[Any]]] = {}
    fragments = list(tree.template_fragments())
    for fragment in fragments:  # grows by the templates in shadow roots; those in plain templates are not shown
        template: Any = fragment.parent
        host = template.parent
        mode = (template.attributes.get("shadowrootmode") or "").lower()
        if mode in _MODES and host is not None and _may_be_host(host.tag or "") and host.mem_id not in hosts:
            hosts[host.mem_id] = host, template, fragment, fragment.css("slot")
            fragments += fragment.template_fragments()
    return list(hosts.values())


def _may_be_host(name: str) -> bool:
    return name in _HOSTS or ("-" in name and "a" <= name[0] <= "z" and name not in _RESERVED)


def _distribute(host: Any, template: Any, slots: list[Any]) -> None:
    named: dict[str, Any] = {}
    for slot in slots:
        named.setdefault(slot.attributes.get("name") or "", slot)
    filled: set[int] = set()
    template.remove(recursive=False)
    for node in _children(host):
        name = (node.attributes.get("slot") or "") if node.is_element_node else ""
        slot = named.get(name) if node.is_element_node or node.is_text_node else None
        if slot is None:
            node.remove(recursive=False)
            continue
        if slot.mem_id not in filled:
            filled.add(slot.mem_id)
            for own in _children(slot):
                own.remove(recursive=False)
        slot.insert_child(node, move=True)


def _children(node: Any) -> list[Any]:
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

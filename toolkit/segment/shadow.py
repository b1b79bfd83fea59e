"""Declarative shadow DOM: the content of `<template shadowrootmode>` is shown instead of the host's content.

This follows the parser of the HTML standard and the slots of the DOM standard. The first such template of a host
becomes its shadow root. The host's children go to the slots of their names, text and the rest to the slot without a
name. A slot that gets nothing shows its own content; children without a slot are not shown. Any other template stays a
template.

Nodes are moved, never copied, so time and memory grow linearly with the page.
"""

from __future__ import annotations

from typing import Any

from selectolax.lexbor import LexborHTMLParser

from .numbers import children

_MODES = frozenset(("open", "closed"))
# The elements that `attachShadow` allows, besides custom elements; these have a hyphen but are not custom elements.
_HOSTS = frozenset("article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span".split())
_RESERVED = frozenset(
    "annotation-xml color-profile font-face font-face-src font-face-uri font-face-format font-face-name "
    "missing-glyph".split()
)


def has_shadow_roots(html: bytes) -> bool:
    """Whether the page may have declarative shadow roots."""
    return b"shadowrootmode" in html or b"shadowrootmode" in html.lower()


def attach_shadow_roots(tree: LexborHTMLParser) -> None:
    """Attach the shadow roots of `tree`."""
    for host, template, fragment, slots in reversed(_hosts(tree)):  # from the inside out, so that paths stay short
        _distribute(host, template, slots)
        for node in children(fragment):
            host.insert_child(node, move=True)


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
    for node in children(host):
        name = (node.attributes.get("slot") or "") if node.is_element_node else ""
        slot = named.get(name) if node.is_element_node or node.is_text_node else None
        if slot is None:
            node.remove(recursive=False)
            continue
        if slot.mem_id not in filled:
            filled.add(slot.mem_id)
            for own in children(slot):
                own.remove(recursive=False)
        slot.insert_child(node, move=True)

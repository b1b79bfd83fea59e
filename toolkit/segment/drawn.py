"""Reads the text of pages that a script draws from the data in the page.

This is for pages that show almost nothing. In JSON-LD, the properties of schema.org with an item's own text are read.
In other data the names of properties have no known meaning, so strings of prose are grouped by the names on the path to
them, and the largest groups are the text. Markup in a string is read as HTML. Text that the page shows is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html import escape, unescape

from selectolax.lexbor import LexborHTMLParser

from ..page import Blocks
from ..support.text import encode_utf8
from .columns import PATH
from .cost import refuse_costly
from .data import page_data
from .parser import parse
from .pieces import Piece, described, prose

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_ESCAPED_TAG = re.compile(r"&lt;/?[a-z][a-z0-9]{0,20}(?:\s|/|&gt;)", re.I)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_SHARE = 4  # a group with less than a quarter of the largest group's text is not text of the page
_JSON_LD = "JSON-LD"


@dataclass
class Drawn:
    """The text in a page's data: as HTML, its number of characters, whether it is from JSON-LD, and its place."""

    html: bytes
    size: int
    told: bool
    places: list[str]


def text_of_data(tree: LexborHTMLParser, shown: str, name: str) -> Drawn | None:
    """The text in the page's data that is not in `shown`, the text that the page shows; None without any."""
    items: list[tuple[str, Piece]] = []
    other: list[tuple[str, Piece]] = []
    for place, value in page_data(tree):
        if place == _JSON_LD:
            items += ((place, piece) for piece in described(value))
        else:
            other += ((place, piece) for piece in prose(value))
    groups: Counter[tuple[str, ...]] = Counter()
    for _, piece in other:
        groups[piece.names] += len(piece.text)
    least = max(groups.values(), default=0) / _SHARE
    other = [(place, piece) for place, piece in other if groups[piece.names] >= least]
    if 2 * sum(len(piece.text) for _, piece in items if piece.body) >= sum(len(piece.text) for _, piece in other):
        other = items
    seen: set[str] = set()
    shown = " ".join(shown.split())
    out: list[str] = []
    places: list[str] = []
    size = 0
    for place, piece in other:
        markup, plain = _markup(piece.text, name)
        if plain in seen or plain in shown:
            continue
        seen.add(plain)
        size += len(plain)
        words = escape(" ".join(piece.names[-1:]))
        out.append(f'<div class="{words}">{markup}</div>')
        if place not in places:
            places.append(place)
    return Drawn(encode_utf8("".join(out)), size, other is items, places) if out else None


def _markup(text: str, name: str) -> tuple[str, str]:
    """A string of the data as complete HTML, and its words."""
    if _ESCAPED_TAG.search(text) and not _TAG.search(text):
        text = unescape(text)
    if not _TAG.search(text):
        if _ENTITY.search(text):
            text = unescape(text)
        lines = [" ".join(line.split()) for line in text.splitlines()]
        return "".join(f"<p>{escape(line)}</p>" for line in lines if line), " ".join(line for line in lines if line)
    html = encode_utf8(text)
    refuse_costly(html, name)
    body = parse(html).body
    inner = (body.inner_html if body is not None else "") or ""
    return inner, " ".join(unescape(_TAG.sub(" ", text)).split())


def append(blocks: Blocks | None, more: Blocks) -> Blocks:
    """The page's own blocks and then those of its data, whose text nodes are counted after the page's own."""
    more.path = [f"/script{path}"[-PATH:] for path in more.path]
    more.depth = [depth + 1 for depth in more.depth]
    if blocks is None:
        return more
    count, nodes, containers = len(blocks), max(blocks.end), len(blocks.above)
    for name in ("text", "tag", "path", "names", "href", "flags", "link_density", "depth"):
        getattr(blocks, name).extend(getattr(more, name))
    blocks.heading += [heading + count if heading >= 0 else -1 for heading in more.heading]
    blocks.start += [start + nodes for start in more.start]
    blocks.end += [end + nodes for end in more.end]
    blocks.parent += [parent + containers for parent in more.parent]
    blocks.above += [0 if above == 0 else above + containers for above in more.above]
    blocks.language = blocks.language or more.language
    return blocks

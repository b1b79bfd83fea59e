"""Finds strings in a page's data that are text for readers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

_ITEM = (  # of schema.org, in the order in which a page shows them
    "headline", "name", "alternativeHeadline", "abstract", "description", "recipeIngredient", "recipeInstructions",
    "step",
    "itemListElement", "articleBody", "text", "transcript", "acceptedAnswer", "suggestedAnswer", "mainEntity",
    "mainEntityOfPage",
    "hasPart", "@graph", "review", "reviewBody", "comment",
)  # fmt: skip
_RANK = {name: number for number, name in enumerate(_ITEM)}
_BODIES = frozenset(("articleBody", "text", "recipeIngredient", "recipeInstructions", "reviewBody", "transcript"))
# Publishers and other places, not the subject of the page.
_ASIDE = frozenset(
    "Organization NewsMediaOrganization WebSite Person BreadcrumbList ImageObject Brand Offer SearchAction".split()
)
_SPAN = ("text", "value")
_MARKUP = re.compile(r"<[^<>]{0,2000}>|&#?\w{1,31};")
_CODE = re.compile(r"[{};=<>\\|]|https?:|\w\(")
_LETTERS = re.compile(r"[^\W\d_]")
# Scripts without spaces between words; Hangul is as dense.
_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SIZE = 2_000  # characters of a string that are examined
_SHORTEST, _WORDS, _WIDE_SIGNS = 40, 6, 12
_NESTED = 3  # levels of JSON in strings of JSON
_NAMES = 3  # last names on the path to a string that define its group


class Piece(NamedTuple):
    """A string, the names on the path to it (the nearest last), and whether it is the long text of its item."""

    names: tuple[str, ...]
    text: str
    body: bool = True


def described(value: Any) -> Iterator[Piece]:
    """The texts of the items in JSON-LD."""
    todo: list[tuple[str, Any]] = [("", value)]
    while todo:
        key, node = todo.pop()
        if isinstance(node, str):
            if key and node.strip():
                yield Piece((key,), node, key in _BODIES)
        elif isinstance(node, list):
            todo += ((key, item) for item in reversed(node))
        elif isinstance(node, dict) and not _is_aside(node.get("@type")):
            known = sorted((name for name in node if name in _RANK), key=_RANK.__getitem__, reverse=True)
            todo += ((name, node[name]) for name in known if name != "name" or _named(node))


def _is_aside(kind: Any) -> bool:
    return any(name in _ASIDE for name in (kind if isinstance(kind, list) else [kind]) if isinstance(name, str))


def _named(item: dict[str, Any]) -> bool:
    """Whether the name of an item is read: the item has a text that does not begin with the name."""
    text = next(
        (item[key] for key in (*_BODIES, "description", "acceptedAnswer", "suggestedAnswer") if item.get(key)), None
    )
    name = item["name"]
    return text is not None and isinstance(name, str) and not (isinstance(text, str) and text.startswith(name[:40]))


def prose(value: Any) -> Iterator[Piece]:
    """The strings in other data that are prose."""
    todo: list[tuple[tuple[str, ...], Any, int]] = [((), value, 0)]
    while todo:
        names, node, nested = todo.pop()
        if isinstance(node, str):
            if nested < _NESTED and len(node) > 200 and node.lstrip()[:1] in ("{", "["):
                try:
                    todo.append((names, json.loads(node, strict=False, parse_int=str, parse_float=str), nested + 1))
                    continue
                except (ValueError, RecursionError):
                    pass
            if is_prose(node):
                yield Piece(names, node)
        elif isinstance(node, list):
            if (joined := _joined(node)) is not None:
                todo.append((names, joined, nested))
            else:
                todo += ((names, item, nested) for item in reversed(node))
        elif isinstance(node, dict):
            todo += (((*names[1 - _NAMES :], _kind(str(key))), item, nested) for key, item in reversed(node.items()))


@lru_cache(maxsize=4096)
def _kind(key: str) -> str:
    """A name, or "*" for the key of a record (`Paragraph:4711`)."""
    return "*" if any(sign.isdigit() or sign in ':/."' for sign in key) else key


def _joined(nodes: list[Any]) -> str | None:
    """The runs of one paragraph (rich text of editors: spans with marks) as one text; None for any other list."""
    spans = [node for node in nodes if isinstance(node, dict)]
    if len(spans) < len(nodes) or not any(
        "marks" in span or span.get("type") == "text" or span.get("_type") == "span" for span in spans
    ):
        return None
    texts: list[str] = []
    todo: list[Any] = list(reversed(nodes))
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += reversed(node)
        elif isinstance(node, dict):
            text = next((node[key] for key in _SPAN if isinstance(node.get(key), str)), None)
            if text is not None:
                texts.append(escape(text, quote=False))
            else:
                todo += [item for item in reversed(node.values()) if isinstance(item, list)]
    return "".join(texts)


def is_prose(text: str) -> bool:
    """Whether a string is sentences for a reader and not an address, key, code or style."""
    if len(text) < (_SHORTEST if text.isascii() else _WIDE_SIGNS):  # most strings of a page's data
        return False
    sample = " ".join(_MARKUP.sub(" ", text[:_SIZE]).split())
    letters = len(_LETTERS.findall(sample))
    if letters < 0.6 * len(sample) or len(_CODE.findall(sample)) > 0.02 * len(sample):
        return False
    wide = len(_WIDE.findall(sample))
    if 2 * wide > letters:
        return wide >= _WIDE_SIGNS
    words = sample.count(" ") + 1
    return len(sample) >= _SHORTEST and words >= _WORDS and len(sample) < 15 * words

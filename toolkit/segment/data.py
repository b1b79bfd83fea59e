"""The data in a page for its scripts: JSON-LD, JSON islands, and the state of frameworks.

No script is run. In data that is not JSON (a call, a function, `undefined`) the string literals are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from .flight import rows_as_html

_LARGEST = 10_000_000  # characters of data that are read in total
# window.__NUXT__ = ..., window["__INITIAL_STATE__"]=..., var __data = ...
_ASSIGNED = re.compile(
    r"((?<!\w)__\w{2,60}+|\b[A-Z_]{0,40}(?:STATE|DATA|PROPS)(?:_[A-Z]{1,20})?)[\"']?\]?\s{0,9}=(?!=)\s{0,9}"
)
_PUSHED = re.compile(r"(ApolloSSRDataTransport|(?<!\w)__\w{2,60}+)[^;{}]{0,80}?\.(?:push|enqueue)\(\s{0,9}")
_STARTED = re.compile(r"\b(kit\.start)\(")  # SvelteKit's data: an argument, written as a script
_PARSED = re.compile(r"JSON\.parse\(\s{0,9}(?=[\"'])")
_QUOTED = re.compile(r"'((?:[^'\\\n]++|\\[^\n])*+)'")
_UNQUOTED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))|\"")
_LAST_COMMA = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|,(?=\s*+[}\]])', re.S)
_ROW = re.compile(r"[A-Z]?\d*:?(?=[\[{\"])")  # the prefix of a row of React Router's stream
# Attributes with data for scripts: Inertia, Astro, react-rails and others.
_HANDED = ("data-page", "props", "data-props", "data-react-props", "data-initial-state", "data-state")
_HOLDERS = ", ".join(f'[{name}^="{{"]' for name in _HANDED)
_LITERAL = re.compile(r"(?:\b([A-Za-z_]\w{0,60})[\"']?\s{0,5}:\s{0,5})?\"((?:[^\"\\\n]++|\\.)*+)(\"?)")
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
_CODE = re.compile(r"=>|\bfunction\b|\breturn\b")
_FLIGHT = "__next_f"
_VALUES = ("{", "[", '"', "(", "function")  # beginnings of data; other code begins like this too
_FAILURES = 20  # each costs another read of all before it
_BEFORE = re.compile(r"\s{0,99}(?://|/\*)?\s{0,9}(?:<!--|<!\[CDATA\[)\s{0,9}(?:\*/)?")
_AFTER = re.compile(r"(?:(?://|/\*)?\s{0,9}(?:-->|\]\]>)\s{0,9}(?:\*/)?)?\s{0,9};?\Z")
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)

Data = tuple[str, Any]  # what it is called, and what it holds


def page_data(tree: LexborHTMLParser) -> Iterator[Data]:
    """The data in a page's scripts, in document order."""
    left = _LARGEST
    flight: list[str] = []
    for script in tree.css("script"):
        text = script.text() or ""
        if not text or len(text) > left:
            continue
        attributes = script.attributes
        kind = (attributes.get("type") or "").split(";")[0].strip().lower()
        if kind.endswith("json"):
            left -= len(text)
            if (value := _json(_unwrapped(text))) is not None:
                yield "JSON-LD" if kind.endswith("ld+json") else attributes.get("id") or kind, value
        elif kind in ("", "module") or "javascript" in kind:
            found = list(_in_script(text))
            left -= len(text) if found else 0
            flight += [value[1] for name, value in found if name == _FLIGHT and _is_chunk(value)]
            yield from (item for item in found if item[0] != _FLIGHT)
    yield from _handed(tree, left)
    if flight:
        yield from ((_FLIGHT, value) for value in rows_as_html("".join(flight), _json))


def _handed(tree: LexborHTMLParser, left: int) -> Iterator[Data]:
    for node in tree.css(_HOLDERS):
        for name in _HANDED:
            text = node.attributes.get(name) or ""
            if text.startswith("{") and len(text) <= left:
                left -= len(text)
                if (value := _json(text)) is not None:
                    yield name, value


def _is_chunk(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)


def _in_script(text: str) -> Iterator[Data]:
    failed = 0
    for pattern in (_ASSIGNED, _PUSHED):
        at = 0
        for found in pattern.finditer(text):
            name, start = found[1], found.end()
            if start < at:
                continue  # inside a value that was read
            if parsed := _PARSED.match(text, start):
                start = parsed.end()
                if quoted := _QUOTED.match(text, start):
                    at = quoted.end()
                    if (value := _json(_json(_double_quoted(quoted[1])) or "")) is not None:
                        yield name, value
                    continue
            if not text.startswith(_VALUES, start):
                continue
            try:
                value, at = _DECODER.raw_decode(text, start)
            except (ValueError, RecursionError):
                if _is_data(name, text, start):
                    yield name, list(_literals(text, start))
                    return
                failed += 1
                if failed == _FAILURES:
                    return
                continue
            if parsed:
                value = _json(value) if isinstance(value, str) else None
            if isinstance(value, dict | list):
                yield name, value
            elif isinstance(value, str) and pattern is _PUSHED:
                rows = (_json(row[begin.end() :]) for row in value.split("\n") if (begin := _ROW.match(row)))
                yield from ((name, row) for row in rows if isinstance(row, dict | list))
    if started := _STARTED.search(text):
        yield started[1], list(_literals(text, started.end()))


def _is_data(name: str, text: str, start: int) -> bool:
    """Whether a value that is not JSON is data: an object without code in it, or the function that Nuxt calls."""
    return name == "__NUXT__" or (text[start] in "{[" and _CODE.search(text, start, start + 300) is None)


def _literals(text: str, start: int) -> Iterator[Any]:
    for found in _LITERAL.finditer(text, start):
        key, literal, closed = found.groups()
        if closed and len(literal) > 20:
            value = _json('"' + _HEX.sub(r"\\u00\1", literal).replace("\\'", "'") + '"')
            if isinstance(value, str):
                yield {key: value} if key else value


def _unwrapped(text: str) -> str:
    """JSON without the comment or CDATA section around it, which old pages have."""
    before = _BEFORE.match(text)
    text = text[before.end() if before else 0 :].rstrip()
    after = _AFTER.search(text[-60:])
    return text[: len(text) - len(after[0])] if after else text


def _json(text: str) -> Any:
    """The JSON value of `text`, None if it is not JSON."""
    text = text.strip()
    for mended in (False, True):
        try:
            return _DECODER.decode(_LAST_COMMA.sub(r"\1", text) if mended else text)
        except (ValueError, RecursionError):
            continue
    return None


def _double_quoted(text: str) -> str:
    """The content of a script's single quotes as a JSON string."""

    def mend(found: re.Match[str]) -> str:
        if found[1]:
            return f"\\u00{found[1]}"
        if found[0] == '"':
            return '\\"'
        return found[0] if found[2] in '"\\/bfnrtu' else str(found[2])

    return f'"{_UNQUOTED.sub(mend, text)}"'

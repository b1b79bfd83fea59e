"""React's flight format in pages of Next.js: rows of JSON in which an element is `["$", name, key, properties]`.

A row is `number:value` and a line feed, or `number:T<bytes in hexadecimal>,` and a text. Rows refer to each other as
`$number` or `$Lnumber`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

_ROW = re.compile(rb"([0-9a-f]*):(?:T([0-9a-f]{1,7}),)?")
_NAMED = re.compile(r"\$[L@]?([0-9a-f]+)$")
_TAG = re.compile(r"[a-z][a-z0-9-]{0,40}$")
_UNSHOWN = frozenset("head html link meta noscript script style svg template title".split())


def rows_as_html(text: str, decode: Callable[[str], Any]) -> Iterator[Any]:
    """The values of the rows: elements as HTML, properties of components, and texts that no element refers to."""
    rows: dict[str, Any] = {}
    texts: list[str] = []
    for number, value in _rows(text.encode("utf-8", "surrogatepass")):
        if value[:1] == "T":
            rows[number] = value[1:]
            texts.append(number)
        elif value[:1] in ("[", "{"):
            rows[number] = decode(value)
    used: set[str] = set()
    apart = frozenset(texts)
    for number in rows:
        if number not in used and number not in apart:
            used.add(number)
            yield _Row(rows, used).read(rows[number])
    yield from (rows[number] for number in texts if number not in used)


def _rows(data: bytes) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(data):
        found = _ROW.match(data, at)
        if found is None:
            at = data.find(b"\n", at) + 1
            if at == 0:
                return
            continue
        number = found[1].decode()
        if found[2] is not None:
            at = found.end() + int(found[2], 16)
            yield number, "T" + data[found.end() : at].decode("utf-8", "replace")
        else:
            end = data.find(b"\n", found.end())
            end = len(data) if end < 0 else end
            yield number, data[found.end() : end].decode("utf-8", "replace")
            at = end + 1


class _Row:
    """One row: `{"html": elements, "data": [properties of components]}`. Each row that it refers to is read once."""

    def __init__(self, rows: dict[str, Any], used: set[str]) -> None:
        self._rows, self._used = rows, used
        self._data: list[Any] = []

    def read(self, value: Any) -> dict[str, Any]:
        out: list[str] = []
        todo: list[Any] = [value]
        while todo:
            node = todo.pop()
            if isinstance(node, _End):
                out.append(node.tag)
            elif isinstance(node, str):
                if (named := _NAMED.match(node)) is None:
                    out.append(
                        escape(node[1:] if node.startswith("$$") else "" if node.startswith("$") else node, quote=False)
                    )
                elif named[1] in self._rows and named[1] not in self._used:
                    self._used.add(named[1])
                    todo.append(self._rows[named[1]])
            elif isinstance(node, list):
                if len(node) >= 4 and node[0] == "$" and isinstance(node[3], dict):
                    self._element(str(node[1]), node[3], todo, out)
                else:
                    todo += reversed(node)
            elif isinstance(node, dict):
                self._data.append(node)
        return {"html": "".join(out), "data": self._data}

    def _element(self, name: str, properties: dict[str, Any], todo: list[Any], out: list[str]) -> None:
        if name in _UNSHOWN:
            return
        children = properties.get("children")
        if _TAG.match(name):
            out.append(f"<{name}>")
            todo.append(_End(f"</{name}>"))
            inner = properties.get("dangerouslySetInnerHTML")
            if isinstance(inner, dict) and isinstance(raw := inner.get("__html"), str):
                out.append(self._text(raw))
        else:
            self._data.append({key: value for key, value in properties.items() if key != "children"})
        if children is not None:
            todo.append(children)

    def _text(self, value: str) -> str:
        """A text, or that of the row that it refers to; each row once."""
        named = _NAMED.match(value)
        if named is None or named[1] in self._used or not isinstance(row := self._rows.get(named[1]), str):
            return value
        self._used.add(named[1])
        return row


class _End:
    def __init__(self, tag: str) -> None:
        self.tag = tag

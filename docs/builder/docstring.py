"""A numpydoc docstring as Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from numpydoc.docscrape import NumpyDocString

_TABLES = ("Parameters", "Attributes", "Returns", "Yields", "Raises")


def to_markdown(docstring: str | None, link: Callable[[str], str]) -> str:
    """Its lists of parameters, results and errors become tables; `link` gives a link for the name of a type, or ""."""
    doc = NumpyDocString(inspect.cleandoc(docstring or ""))
    parts = [_prose(doc["Summary"]), _prose(doc["Extended Summary"])]
    parts += [_table(title, doc[title], link) for title in _TABLES]
    parts += [_prose(doc["Notes"]), _prose(doc["Examples"])]
    return "\n\n".join(part for part in parts if part)


def _table(title: str, entries: list[Any], link: Callable[[str], str]) -> str:
    if not entries:
        return ""
    # An entry of Returns or Raises without a name is parsed as a type alone.
    named = any(name for name, _, _ in entries)
    rows = [f"| {title} | Type | |\n|---|---|---|" if named else f"| {title} | |\n|---|---|"]
    for name, kind, text in entries:
        cells = [_type(kind, link), _plain(" ".join(text))]
        if named:
            cells.insert(0, f"`{name}`" if name else "")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _type(kind: str, link: Callable[[str], str]) -> str:
    """A type in words, with links to the types that have a page."""
    words = re.split(r"([A-Za-z_][\w.]*)", kind)
    return "".join(
        f"[{word}]({target})" if i % 2 and (target := link(word)) else re.sub(r"([*_<\[])", r"\\\1", word)
        for i, word in enumerate(words)
    )


def _prose(lines: list[str]) -> str:
    """Text as Markdown: examples become code, what a browser would take for a tag stays text."""
    text = "\n".join(lines).strip()
    parts = re.split(r"((?:^>>> .*\n?(?:^(?!>>>)\S.*\n?)*)+)", text, flags=re.M)
    parts = [f"\n```python\n{p.rstrip()}\n```\n" if p.startswith(">>>") else _plain(p) for p in parts]
    return "".join(parts)


def _plain(text: str) -> str:
    # Aligned columns (a list of files, say) would run together as a paragraph.
    blocks = []
    for block in text.split("\n\n"):
        columns = [bool(re.search(r"\S {2,}\S", line)) for line in block.splitlines()]
        fenced = len(columns) > 1 and sum(columns) > len(columns) / 2
        shown = "".join(p if i % 2 else p.replace("<", "&lt;") for i, p in enumerate(re.split(r"(`[^`]*`)", block)))
        blocks.append(f"```text\n{block}\n```" if fenced else shown)
    return "\n\n".join(blocks)

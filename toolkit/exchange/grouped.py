"""Rows of a table, one a block -> pages. Cells are as spreadsheets and data frames leave them: 1.0 for 1, NaN for
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput


@dataclass
class TablePage:
    """A page as a table has it: texts with labels, in order, and the ids that its blocks had."""

    id: str
    url: str = ""
    texts: list[str] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def without_text(self) -> int:
        """Labelled rows that have no text."""
        return sum(label is not None and not text.strip() for text, label in zip(self.texts, self.labels, strict=True))


def grouped(rows: Iterator[dict[str, Any]], path: Path) -> Iterator[TablePage]:
    """Pages in the order in which they begin; rows by `position` where they have one."""
    pages: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, row in enumerate(rows, 1):
        page, text = cell_text(row.get("page")), row.get("text")
        if not page:
            raise BadInput(f"{path}: row {number} lacks `page`")
        if not cell_text(text):
            row = row | {"text": ""}
        elif not isinstance(text, str):
            raise BadInput(f"{path}: row {number} has the text {text!r:.40}, which is not a string")
        pages.setdefault(page, []).append((_position(row.get("position"), number, path), row))
    for id, numbered in pages.items():
        found = [row for _, row in sorted(numbered, key=lambda pair: pair[0])]
        page_of = TablePage(id, cell_text(found[0].get("url")))
        page_of.texts = [row["text"] for row in found]
        page_of.labels = [cell_text(row["label"]) or None for row in found]
        page_of.ids = [cell_text(row.get("block")) for row in found]
        page_of.facts = {key: cell_text(found[0][key]) for key in ("type", "language") if cell_text(found[0].get(key))}
        yield page_of


def cell_text(value: Any) -> str:
    """A cell as text: "" for null and NaN, `7` for 7.0."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _position(value: Any, number: int, path: Path) -> int:
    """A whole number, also written `1.0` or `1,0`; the row's own number where there is none."""
    if not cell_text(value):
        return number
    try:
        position = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
        if math.isnan(position):
            return number
        if position.is_integer():
            return int(position)
    except (TypeError, ValueError, AttributeError):
        pass
    raise BadInput(f"{path}: row {number} has the position {value!r:.40}, which is not a whole number")

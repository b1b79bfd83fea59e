"""Makes a page from a row of a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from ..errors import MissingColumn
from ..page import Page
from .base import Columns, plain_id, shown_path, url_id
from .given import page_given

_DEEPEST = 20  # levels of nesting of a cell
_WHOLE = 10**20  # larger numbers are not ids, and their digits could fill the memory


def page_of_row(row: Mapping[str, Any], columns: Columns, name: str, *, number: int) -> Page:
    """The page of row `number` (from 1) of the table `name`. Raises MissingColumn for a row without one."""
    place = f"{name}:{number}"
    value, html = row.get(columns.html), True
    if _is_missing(value):
        value, html = row.get(columns.text), False
    if value is None or value != value:
        has = ", ".join(map(str, row)) or "none"
        raise MissingColumn(
            f"{place}: no column {columns.html!r} or {columns.text!r} with a page in it (columns: {has:.200}); "
            "name it with --column html=NAME or text=NAME",
            table=name,
        )
    if not isinstance(value, (str, bytes)):
        raise MissingColumn(
            f"{place}: column {columns.html if html else columns.text!r} holds {type(value).__name__}, not a page; "
            "name it with --column html=NAME or text=NAME",
            table=name,
        )
    url, id = _text(row.get(columns.url)).strip(), _text(row.get(columns.id))
    if not id and not url:
        id = f"{shown_path(name).replace('/', '-').strip('-.')}-{number}"
    id = plain_id(id) if id else url_id(url)
    page = page_given(
        id, place, value, url=url, content_type=_text(row.get(columns.type)), format="html" if html else "text"
    )
    extra = {str(name): said for name in row.keys() - set(astuple(columns)) if (said := _json(row[name])) is not None}
    return replace(page, extra={name: extra[name] for name in map(str, row) if name in extra}) if extra else page


def _json(value: Any, depth: int = 0) -> Any:
    """A cell as JSON has it; None for what has none there: bytes, NaN, deep nesting."""
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (date, time)):
        return value.isoformat()
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {str(name): _json(one, depth + 1) for name, one in value.items()}
    if depth < _DEEPEST and isinstance(value, (list, tuple)):
        return [_json(one, depth + 1) for one in value]
    return None


def _is_missing(value: Any) -> bool:
    """Whether a value is null, empty, or NaN: data frames write null as NaN, and JSON has no NaN (RFC 8259)."""
    return value is None or value != value or value in ("", b"")


def _text(value: Any) -> str:
    """An id or an address as text. Data frames turn whole numbers into 7.0 if one is missing, and text into bytes."""
    if _is_missing(value):
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (float, Decimal)) and -_WHOLE < value < _WHOLE and value == int(value):
        return str(int(value))
    return str(value)

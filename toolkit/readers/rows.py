"""Makes a page from a row of a table."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..errors import MissingColumn
from ..page import Page
from .base import Columns, plain_id, shown_path, url_id
from .given import page_given

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
    return page_given(
        id, place, value, url=url, content_type=_text(row.get(columns.type)), format="html" if html else "text"
    )


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

"""A row of a table -> a page, by the columns that say where it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import MissingColumn, PageblocksError
from ..page import Page
from .base import LARGEST, Columns, gunzip, plain_id, shown_path, too_large, url_id

_SURROGATES = re.compile("[\ud800-\udfff]")


def page_of_row(row: Mapping[str, Any], columns: Columns, name: str, number: int) -> Page:
    """The page of row `number` (from 1) of the table `name`. Raises PageblocksError for a row that holds none."""
    place = f"{name}:{number}"
    value, html = row.get(columns.html), True
    if value is None or value in ("", b""):
        value, html = row.get(columns.text), False
    if value is None:
        has = ", ".join(map(str, row)) or "none"
        raise MissingColumn.of(
            name,
            f"{place}: no column {columns.html!r} or {columns.text!r} with a page in it (columns: {has:.200}); "
            "say which one with --column html=NAME or text=NAME",
        )
    if not isinstance(value, (str, bytes)):
        raise PageblocksError(
            f"{place}: column {columns.html if html else columns.text!r} holds {type(value).__name__}, not a page"
        )
    content = _SURROGATES.sub("�", value).encode() if isinstance(value, str) else value
    if content.startswith(b"\x1f\x8b"):
        content = gunzip(content, place)
    if len(content) > LARGEST:
        raise too_large(place)
    url, id = str(row.get(columns.url) or ""), row.get(columns.id)
    if id is not None and id != "":
        id = plain_id(str(id))
    else:
        id = url_id(url) if url else plain_id(f"{shown_path(name).replace('/', '-').strip('-.')}-{number}")
    return Page(id, place, content, "html" if html else "text", url)

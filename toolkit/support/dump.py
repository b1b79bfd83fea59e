"""Values as JSON: on one line for programs, indented for people."""

from __future__ import annotations

import json
from typing import Any

_WIDTH = 120


def to_json(value: Any, *, allow_nan: bool = True) -> str:
    """JSON on one line. Half a surrogate pair is not valid UTF-8; it is written as an escape."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=allow_nan)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=allow_nan)
    return line


def to_readable_json(value: Any) -> str:
    """Indented JSON for people, with tables and lists of plain values on one line.

    Raises ValueError for NaN and infinite numbers, which other programs cannot read.
    """
    return _indented(value, "") + "\n"


def _indented(value: Any, indent: str) -> str:
    flat = to_json(value, allow_nan=False)
    if not isinstance(value, dict | list | tuple) or len(indent) + len(flat) <= _WIDTH or _fits_a_line(value):
        return flat
    deeper = indent + " "
    if isinstance(value, dict):
        lines = [f"{deeper}{to_json(str(key))}: {_indented(item, deeper)}" for key, item in value.items()]
    else:
        lines = [f"{deeper}{_indented(item, deeper)}" for item in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n" + ",\n".join(lines) + f"\n{indent}{last}"


def _fits_a_line(value: Any) -> bool:
    return isinstance(value, list | tuple) and (
        all(isinstance(row, list | tuple) for row in value)
        or not any(isinstance(row, dict | list | tuple) for row in value)
    )

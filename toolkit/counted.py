"""Numbers with their noun."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """`1 page`, `1,204 pages`."""
    return f"{number:,} {thing}" + "s" * (number != 1)

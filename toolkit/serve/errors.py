"""What is refused, and with which status."""

from __future__ import annotations


class Refused(Exception):
    """One line for the caller, with an HTTP status."""

    def __init__(self, status: int, why: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(one_line(why))
        self.status, self.headers = status, headers or {}


def one_line(text: str, most: int = 1000) -> str:
    """Whatever a page or a caller wrote into it, an error is one line of printable text."""
    line = " ".join(text.split())[:most]
    return "".join(c if c.isprintable() else "�" for c in line)

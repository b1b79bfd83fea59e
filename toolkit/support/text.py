"""Numbers with their noun, and the verb that follows."""

from __future__ import annotations

_PLURALS = {"person": "people", "copy": "copies"}
_VERBS = {"has": "have", "is": "are", "was": "were", "does": "do", "makes": "make", "lies": "lie", "stays": "stay"}


def counted(number: float, thing: str, verb: str = "") -> str:
    """`1 page`, `1,204 pages`, `2 people`; with the verb "has" `1 page has`, `2 pages have`.

    The last word of `thing` is the noun.
    """
    words = f"{number:,} {thing}" if isinstance(number, int) else f"{number:,g} {thing}"
    if number != 1:
        before, _, last = words.rpartition(" ")
        words = f"{before} {_PLURALS.get(last, last + 's')}"
    return f"{words} {verb if number == 1 else _VERBS.get(verb, verb)}".rstrip()

"""Text for people and files: numbers with their noun and the verb that follows, and no halves of surrogate pairs."""

from __future__ import annotations

import re

_PLURALS = {"person": "people", "copy": "copies"}
_VERBS = {"has": "have", "is": "are", "was": "were", "does": "do", "makes": "make", "lies": "lie", "stays": "stay"}
_SURROGATES = re.compile("[\ud800-\udfff]")


def counted(number: float, thing: str, verb: str = "") -> str:
    """`1 page`, `1,204 pages`, `2 people`; with the verb "has" `1 page has`, `2 pages have`.

    The last word of `thing` is the noun.
    """
    words = f"{number:,} {thing}" if isinstance(number, int) else f"{number:,g} {thing}"
    if number != 1:
        before, _, last = words.rpartition(" ")
        words = f"{before} {_PLURALS.get(last, last + 's')}"
    return f"{words} {verb if number == 1 else _VERBS.get(verb, verb)}".rstrip()


def without_surrogates(text: str) -> str:
    """Text with U+FFFD for each half of a surrogate pair, which no UTF-8 file can hold."""
    return text if text.isascii() else encode_utf8(text).decode()


def encode_utf8(text: str) -> bytes:
    """Encode text, with U+FFFD for each half of a surrogate pair."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text).encode()

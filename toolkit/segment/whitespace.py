"""Makes the text that a reader sees from the pieces of a block: white space, line breaks, joints between links.

White space becomes one space (CSS Text), except line breaks of `<br>` and all white space in preformatted text.
"""

from __future__ import annotations

import re

from .invisible import visible
from .scripts import is_spaceless, join

# Lone surrogates: no text contains them (see decode), so they can mark what is between two texts.
LINE = "\ud800"  # a line break of <br>
JOINT = "\ud801"  # one link ends and another begins, with nothing between them
SEAM = "\ud802"  # the same with custom elements

# Whether a text needs more than collapsing white space: wide ranges around LINE to SEAM, UNSEEN, NARROW and WIDE,
# because each range beyond the first plane makes the search slower.
is_uncommon = re.compile(
    "[\xad\u034f\u061c\u0e01-\u10ff\u115f\u1160\u1780-\u1bff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u2e80-\uabff\ud7a4-\U0010ffff]"
).search
_OPENING = "([{<\"'“‘«„‚¿¡-–—/\\@#&+"


def shown(text: str, linked: int, preformatted: bool) -> str:
    """The text of a block from its joined pieces, of which `linked` characters are link text; "" if it is invisible."""
    if not text.isascii():
        if JOINT in text or SEAM in text:
            text = _joined(text, linked)
        text = visible(text)
    if preformatted:
        return _preformatted(text)
    if LINE in text:
        return "\n".join(line for line in map(_collapsed, text.split(LINE)) if line)
    return _collapsed(text)


def _collapsed(text: str) -> str:
    if "\n" in text and not text.isascii():
        text = join(line.strip(" \t\r\f") for line in text.split("\n"))
    return " ".join(text.split())


def _preformatted(text: str) -> str:
    lines = text.replace(LINE, "\n").replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").split("\n")
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    return text if "\n" in text else " ".join(text.split())


def _joined(text: str, linked: int) -> str:
    """Insert a space at joints where two words would meet: between the entries of a menu, but not in a sentence."""
    pieces = re.split(f"([{JOINT}{SEAM}])", text)
    menu = linked >= sum(len(piece) for piece in pieces[::2]) - text.count(" ")
    out = [pieces[0]]
    for mark, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        before = out[-1]
        if before and piece and _parts_words(before, piece, mark, menu):
            out.append(" ")
        out.append(piece)
    return "".join(out)


def _parts_words(before: str, after: str, mark: str, menu: bool) -> bool:
    left, right = before[-1], after[0]
    if mark == SEAM:
        return left.isalnum() and right.isalnum()
    if is_spaceless(left) and is_spaceless(right):
        return menu and (len(before) > 1 or len(after.strip()) > 1)
    if menu:
        return right.isalnum() and not left.isspace() and left not in _OPENING
    return left.isalnum() and right.isalnum()

"""Lines that were wrapped at a width: finds the width, and the lines that continue."""

from __future__ import annotations

import re
from functools import cache
from unicodedata import category, east_asian_width

from .scripts import is_narrow, is_wide

_SHORT = 40  # shorter lines do not show a width
_WIDEST = 132  # columns; text is not wrapped at more
_SLACK = 15  # the longest word that does not fit into a full line
_KINSOKU = 6  # one wide character, and those that may not be separated from it
# Without one of these a line has as many columns as characters.
_ODD = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u1dff\u200b-\u200f\u20d0-\u20ff\u231a-\U000e01ef]")


def display_width(line: str) -> int:
    """The columns of a line: wide East Asian characters take two, marks none. For very long lines, its length."""
    if line.isascii() or len(line) > 4 * _WIDEST or not _ODD.search(line):
        return len(line)
    wide, none = _classes()
    return len(line) + sum(map(len, wide.findall(line))) - sum(map(len, none.findall(line)))


@cache
def _classes() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Runs of characters two columns wide, and of marks; approximate beyond the first plane, as few ranges are fast."""
    signs = [*map(chr, range(0x300, 0xD800)), *map(chr, range(0xE000, 0x10000))]
    wide = "".join(sign for sign in signs if east_asian_width(sign) in "WF" and category(sign) != "Cn")
    none = "".join(sign for sign in signs if category(sign) in ("Mn", "Me", "Cf"))
    wide += "\U00016fe0-\U00018d7f\U0001aff0-\U0001b2ff\U0001f300-\U0001f64f\U0001f680-\U0001faff\U00020000-\U0003fffd"
    return re.compile(f"[{wide}]+"), re.compile(f"[{none}\U000e0100-\U000e01ef]+")


def indent(line: str) -> int:
    """The columns of white space at the start of a line."""
    return display_width(line[: len(line) - len(line.lstrip())])


def wrap_width(lines: list[str]) -> int:
    """The column at which the lines were wrapped, or 0 if they were not.

    In wrapped text, most of the longer lines end within a word's length of the longest.
    """
    lengths = sorted(length for line in lines if (length := display_width(line)) >= _SHORT)
    if len(lengths) < 4:
        return 0
    width = lengths[int(0.97 * (len(lengths) - 1))]  # a few lines (addresses, tables) are longer
    if width > _WIDEST:
        return 0
    at_the_wall = sum(width - _SLACK <= n <= width for n in lengths)
    return width if at_the_wall >= 0.5 * len(lengths) else 0


def goes_on(line: str, following: str, width: int, *, margin: int) -> bool:
    """Whether `following` continues `line`: its first word did not fit there."""
    inner = indent(following)
    if inner > margin + 1 or inner < margin - 8:
        return False
    word = following.split(None, 1)[0]
    if is_narrow(word):
        return display_width(line) + _SLACK > width
    if is_wide(word):
        return display_width(line) + _KINSOKU > width
    if not word.isascii():
        word = word[: next((at for at, sign in enumerate(word) if is_wide(sign)), len(word))]
    return display_width(line) + 1 + display_width(word) > width

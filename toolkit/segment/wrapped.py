"""Lines that were broken at a width: where the wall is, and which lines go on."""

from __future__ import annotations

import re
from functools import cache
from unicodedata import category, east_asian_width

from .scripts import is_narrow, is_wide

_SHORT = 40  # a line shorter than this says nothing about a width
_WIDEST = 132  # nobody breaks lines at more columns than this
_SLACK = 15  # the longest word that a full line had no room for
_KINSOKU = 6  # one wide character, and what may not be parted from it
# Without one of these a line has as many columns as characters.
_ODD = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u1dff\u200b-\u200f\u20d0-\u20ff\u231a-\U000e01ef]")


def columns(line: str) -> int:
    """How many columns a line takes: wide characters of East Asia two, marks none. Far beyond any width, its length."""
    if line.isascii() or len(line) > 4 * _WIDEST or not _ODD.search(line):
        return len(line)
    wide, none = _classes()
    return len(line) + sum(map(len, wide.findall(line))) - sum(map(len, none.findall(line)))


@cache
def _classes() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Runs of characters that are two columns wide, and of marks; rough beyond the first plane, since few ranges search
    fast.
    """
    signs = [*map(chr, range(0x300, 0xD800)), *map(chr, range(0xE000, 0x10000))]
    wide = "".join(sign for sign in signs if east_asian_width(sign) in "WF" and category(sign) != "Cn")
    none = "".join(sign for sign in signs if category(sign) in ("Mn", "Me", "Cf"))
    wide += "\U00016fe0-\U00018d7f\U0001aff0-\U0001b2ff\U0001f300-\U0001f64f\U0001f680-\U0001faff\U00020000-\U0003fffd"
    return re.compile(f"[{wide}]+"), re.compile(f"[{none}\U000e0100-\U000e01ef]+")


def indent(line: str) -> int:
    return columns(line[: len(line) - len(line.lstrip())])


def wrap_width(lines: list[str]) -> int:
    """The column at which the lines were broken, or 0 where they were not.

    Broken text shows a wall: most of its longer lines end within a word's length of the longest.
    """
    lengths = sorted(length for line in lines if (length := columns(line)) >= _SHORT)
    if len(lengths) < 4:
        return 0
    width = lengths[int(0.97 * (len(lengths) - 1))]  # a few lines (addresses, tables) stick out
    if width > _WIDEST:
        return 0
    at_the_wall = sum(width - _SLACK <= n <= width for n in lengths)
    return width if at_the_wall >= 0.5 * len(lengths) else 0


def goes_on(line: str, following: str, width: int, margin: int) -> bool:
    """Whether `following` goes on where `line` was broken: its first word had no room left."""
    inner = indent(following)
    if inner > margin + 1 or inner < margin - 8:
        return False
    word = following.split(None, 1)[0]
    if is_narrow(word):
        return columns(line) + _SLACK > width
    if is_wide(word):
        return columns(line) + _KINSOKU > width
    if not word.isascii():
        word = word[: next((at for at, sign in enumerate(word) if is_wide(sign)), len(word))]
    return columns(line) + 1 + columns(word) > width

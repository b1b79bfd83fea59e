"""Scripts without spaces between words, and whether a line break is a space between two characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import category, east_asian_width

# One column per character: Thai, Lao, Tibetan, Burmese, Khmer, Tai Le, New Tai Lue, Tai Tham, Balinese, Javanese, Tai
# Viet.
NARROW = "\u0e01-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9ff\uaa60-\uaadf"
# Two columns, or half of two: East Asian Width W, F and H (UAX 11) with their punctuation, without Hangul and without
# emoji.
WIDE = (
    "\u2e80-\u302d\u3030-\u303e\u3041-\u312f\u3190-\u31ff\u321f-\u325f\u327f-\ua4cf\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f"
    "\uff01-\uff9f\uffe0-\uffee\U00016fe0-\U0001b2ff\U00020000-\U0003fffd"
)
is_narrow = re.compile(f"[{NARROW}]").match
is_wide = re.compile(f"[{WIDE}]").match
is_spaceless = re.compile(f"[{NARROW}{WIDE}]").match


def joins(before: str, after: str) -> bool:
    """Whether a line break between two characters (or "") is removed; else it is a space (CSS Text 3, 4.1.3)."""
    if before <= "\x7f" or after <= "\x7f":
        return False
    if is_wide(before):
        return bool(is_wide(after)) or _adapts(after)
    if is_wide(after):
        return _adapts(before)
    return bool(is_narrow(before) and is_narrow(after))


def join(lines: Iterable[str]) -> str:
    """Join the lines of a text, which have no white space at their ends, to one; empty lines are skipped."""
    out: list[str] = []
    last = ""
    for line in lines:
        if line:
            if last and not joins(last, line[0]):
                out.append(" ")
            out.append(line)
            last = line[-1]
    return "".join(out)


def _adapts(sign: str) -> bool:
    """Whether a character is as wide as its neighbours: dashes, dots and quotation marks."""
    return east_asian_width(sign) == "A" and category(sign)[0] in "PS"

"""Removes invisible characters (Unicode: Default_Ignorable_Code_Point), except those that change visible ones.

| characters | are kept |
|---|---|
| soft hyphen, zero-width space, word joiner, byte-order mark and the rest | never |
| U+200C, U+200D | between letters or digits; U+200D also beside a letter of a joined script and between emoji |
| variation selectors | one after a visible character |
| tags | in a flag that they spell (England, Scotland, Wales) |
| directional marks | in texts with right-to-left letters |
| grapheme joiner, fillers and separators of single scripts | between letters of that script |

The blank characters U+3164, U+FFA0 and U+2800 have a width: they become spaces (U+2800 only in texts without other
Braille).
"""

from __future__ import annotations

import re
from unicodedata import category

# Written by number: in a source file they would be invisible too.
_GONE = "\u00ad\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
_JOINERS = "\u200c\u200d"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_WITHIN = "\u034f\u115f\u1160\u17b4\u17b5\u180e"
_BLANK = "\u2800\u3164\uffa0"

UNSEEN = (
    f"{_GONE}{_JOINERS}{_SELECTORS}{_TAGS}{_DIRECTIONS}{_WITHIN}{_BLANK}"  # all that `visible` looks at, as of a class
)
_ANY = re.compile(  # matches others too: each range beyond the first plane makes the search slower
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U00010000-\U0010ffff]"
)
_BLANKS = re.compile(f"[{_BLANK}]")
_RUN = re.compile(f"[{_GONE}{_JOINERS}{_SELECTORS}{_TAGS}{_DIRECTIONS}{_WITHIN}]+")
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_DIRECTION = re.compile(f"[{_DIRECTIONS}]")
_BRAILLE = re.compile("[\u2801-\u28ff]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_SPELLED = re.compile("[\U000e0020-\U000e007e]+\U000e007f")  # after a black flag
_FLAG = "\U0001f3f4"
# Letters whose shape depends on their neighbours, so that U+200D beside one changes it: Arabic to Sinhala, Mongolian,
# ...
_JOINED = re.compile(
    "[\u0600-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua8ff\U00010a00-\U00010aff\U00011000-\U000119ff\U0001e900-\U0001e95f]"
)
_SHAPING = _JOINERS + _WITHIN
_OF_A_SCRIPT = {
    "\u115f": re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]"),
    "\u1160": re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]"),
    "\u17b4": re.compile("[\u1780-\u17ff]"),
    "\u17b5": re.compile("[\u1780-\u17ff]"),
    "\u180e": re.compile("[\u1800-\u18af]"),
}


def visible(text: str) -> str:
    """`text` without invisible characters; empty or white space if it has no others.

    Whether a character has an effect depends on its neighbours, so `text` must be a whole block, not a piece of one.
    """
    if text.isascii() or _ANY.search(text) is None:
        return text
    if _BLANKS.search(text):
        text = text.replace("\u3164", " ").replace("\uffa0", " ")
        if not _BRAILLE.search(text):
            text = text.replace("\u2800", " ")
    directed = bool(_DIRECTION.search(text) and _RIGHT_TO_LEFT.search(text))
    return _RUN.sub(lambda run: _kept(run, directed), text)


def _kept(run: re.Match[str], directed: bool) -> str:
    """The characters to keep of a run of invisible ones, between two visible ones or at an end of the text."""
    text = run.string
    before = text[run.start() - 1] if run.start() else ""
    after = text[run.end() : run.end() + 1]
    spelled = _SPELLED.search(run[0]) if before == _FLAG else None
    kept: list[str] = [spelled[0]] if spelled else []
    selected = not before or before.isspace()  # nothing before it that it could change
    joined = False
    for sign in run[0]:
        if _SELECTOR.match(sign):
            if not selected and not joined:
                kept.append(sign)
                selected = True
        elif sign in _SHAPING:
            if not joined and _shapes(sign, before, after):
                kept.append(sign)
                joined = True
        elif directed and _DIRECTION.match(sign):
            kept.append(sign)
    return "".join(kept)


def _shapes(sign: str, before: str, after: str) -> bool:
    """Whether a joiner, filler or separator changes the shape of its visible neighbours."""
    if script := _OF_A_SCRIPT.get(sign):
        return bool(script.match(before) or script.match(after))
    if sign == "\u200d" and (_JOINED.match(before) or _JOINED.match(after)):
        return True
    if not before or not after:
        return False
    left, right = category(before)[0], category(after)[0]
    if sign == "\u034f":
        return left in "LM" and right == "M"
    if left in "LMN" and right in "LMN":
        return True
    # Emoji: a symbol, or a symbol followed by a skin tone, a selector or tags.
    return sign == "\u200d" and left == "S" and right == "S" and before > "~" and after > "~"

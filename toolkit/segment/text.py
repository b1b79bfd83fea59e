"""Plain text -> blocks.

Three ways in which text keeps its blocks are told apart line by line: a line is a block (what a browser copies, WET files),
blank lines part the blocks, or lines were broken at a width (mail, lynx, RFCs) and want to be joined again. Indents, bullets
and blank lines around a block are kept as its `names`, the words that the classifier reads where HTML has class names.
"""

from __future__ import annotations

import re

from ..errors import PageblocksError
from ..page import Blocks, Flag, Page
from .bound import refuse_large, refuse_many
from .decode import decode
from .language import language_of

_NEWLINE = re.compile(r"\r\n|\r|\n")
_BULLET = re.compile(r"\s*(?:[*+•·▪◦‣–—»>-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?=\S)")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SHORT = 40  # a line shorter than this says nothing about a width
_WIDEST = 132  # nobody breaks lines at more columns than this
_SLACK = 15  # the longest word that a full line had no room for

_LIST = int(Flag.LIST)


def segment_text(page: Page) -> Blocks:
    """The blocks of a plain-text page. `start`/`end` count its lines, blank ones too."""
    refuse_large(len(page.content), page.source)
    text = _ESCAPES.sub("", decode(page.content, page.encoding, page.source, markup=False)).replace("\x00", "")
    lines = _NEWLINE.split(text)
    refuse_many(len(lines), "lines", page.source)
    return split(page, lines)


def split(page: Page, lines: list[str], wrapped: bool = True) -> Blocks:
    """Lines -> blocks. `wrapped` says whether lines may be parts of a longer one."""
    blocks = Blocks(page)
    lines = [line.expandtabs(8).rstrip() if "\t" in line else line.rstrip() for line in lines]
    width = wrap_width(lines) if wrapped else 0
    number, count, blank_above = 0, len(lines), True
    while number < count:
        line = lines[number]
        if not line or line.isspace():
            blank_above = True
            number += 1
            continue
        start = number
        bullet = _BULLET.match(line)
        margin = bullet.end() if bullet else _indent(line)
        parts = [line]
        number += 1
        while width and number < count and _continues(lines[number - 1], lines[number], width, margin):
            parts.append(lines[number])
            number += 1
        blank_below = number >= count or not lines[number].strip()
        _add(blocks, " ".join(" ".join(parts).split()), line, bool(bullet), blank_above, blank_below, start, number)
        blank_above = False
    if not blocks.text:
        raise PageblocksError(f"{page.source}: no text in the page")
    blocks.language = language_of("", blocks.text)
    return blocks


def wrap_width(lines: list[str]) -> int:
    """The column at which the lines were broken, or 0 where they were not.

    Broken text shows a wall: most of its longer lines end within a word's length of the longest.
    """
    lengths = sorted(len(line) for line in lines if len(line) >= _SHORT)
    if len(lengths) < 4:
        return 0
    width = lengths[int(0.97 * (len(lengths) - 1))]  # a few lines (addresses, tables) stick out
    if width > _WIDEST:
        return 0
    at_the_wall = sum(width - _SLACK <= n <= width for n in lengths)
    return width if at_the_wall >= 0.5 * len(lengths) else 0


def _continues(line: str, following: str, width: int, margin: int) -> bool:
    """Whether `following` goes on where `line` was broken: its first word had no room left."""
    if not following.strip() or _BULLET.match(following):
        return False
    indent = _indent(following)
    if indent > margin + 1 or indent < margin - 8:
        return False
    word = following.split(None, 1)[0]
    return len(line) + 1 + len(word) > width


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _add(blocks: Blocks, text: str, line: str, bullet: bool, above: bool, below: bool, start: int, end: int) -> None:
    indent = min(_indent(line) // 2, 12)
    names = ["gap-above"] if above else []
    if below:
        names.append("gap-below")
    if bullet:
        names.append("bullet")
    if indent:
        names.append(f"indent-{indent}")
    blocks.text.append(text)
    blocks.tag.append("line")
    blocks.path.append("text")
    blocks.names.append(" ".join(names))
    blocks.href.append("")
    blocks.flags.append(_LIST if bullet else 0)
    blocks.link_density.append(0.0)
    blocks.depth.append(indent)
    blocks.heading.append(-1)
    # Lines with no blank line between them belong together: the same container.
    if above:
        blocks.above.append(0)
    blocks.parent.append(len(blocks.above) - 1)
    blocks.start.append(start)
    blocks.end.append(end)

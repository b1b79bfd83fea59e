"""Cuts plain text into blocks.

Three layouts are distinguished line by line: each line is a block (text copied from a browser, WET files), blank lines
separate the blocks, or lines are wrapped at a width (mail, lynx, RFCs) and must be joined. Indents, bullets and blank
lines around a block become its `names`, which the classifier reads like class names in HTML.
"""

from __future__ import annotations

import re

from ..errors import BadPage
from ..page import Blocks, Flag, Page
from .cost import refuse_large, refuse_many
from .decode import decode
from .invisible import visible
from .language import language_of
from .scripts import join
from .wrapped import display_width, goes_on, indent, wrap_width

_NEWLINE = re.compile(r"\r\n|\r|\n")
_BULLET = re.compile(r"\s*(?:[*+•·▪◦‣–—»>-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?=\S)")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

_LIST = int(Flag.LIST)


def segment_text(page: Page) -> Blocks:
    """The blocks of a plain-text page. `start` and `end` count its lines, including blank ones."""
    refuse_large(len(page.content), page.source)
    text = visible(_ESCAPES.sub("", decode(page.content, page.encoding, page.source, markup=False)).replace("\x00", ""))
    lines = _NEWLINE.split(text)
    refuse_many(len(lines), "lines", page.source)
    return split_lines(page, lines)


def split_lines(page: Page, lines: list[str], wrapped: bool = True) -> Blocks:
    """The blocks of `lines`. With `wrapped` they may be parts of longer lines."""
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
        margin = display_width(line[: bullet.end()]) if bullet else indent(line)
        parts = [line]
        number += 1
        while width and number < count:
            following = lines[number]
            if not following or following.isspace() or _BULLET.match(following):
                break
            if not goes_on(lines[number - 1], following, width, margin=margin):
                break
            parts.append(following)
            number += 1
        blank_below = number >= count or not lines[number].strip()
        _add(
            blocks,
            " ".join(join(map(str.strip, parts)).split()),
            line,
            bool(bullet),
            blank_above,
            blank_below,
            start,
            number,
        )
        blank_above = False
    if not blocks.text:
        raise BadPage(f"{page.source}: no text in the page")
    blocks.language = language_of("", blocks.text)
    return blocks


def _add(blocks: Blocks, text: str, line: str, bullet: bool, above: bool, below: bool, start: int, end: int) -> None:
    level = min(indent(line) // 2, 12)
    names = ["gap-above"] if above else []
    if below:
        names.append("gap-below")
    if bullet:
        names.append("bullet")
    if level:
        names.append(f"indent-{level}")
    blocks.text.append(text)
    blocks.tag.append("line")
    blocks.path.append("text")
    blocks.names.append(" ".join(names))
    blocks.href.append("")
    blocks.flags.append(_LIST if bullet else 0)
    blocks.link_density.append(0.0)
    blocks.depth.append(level)
    blocks.heading.append(-1)
    # Lines without a blank line between them have the same container.
    if above:
        blocks.above.append(0)
    blocks.parent.append(len(blocks.above) - 1)
    blocks.start.append(start)
    blocks.end.append(end)

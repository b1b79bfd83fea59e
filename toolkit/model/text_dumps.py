"""Converts the blocks of an HTML page to the lines of a plain-text dump, as training data for the text family."""

from __future__ import annotations

import random
from dataclasses import replace

from ..page import Blocks, Flag
from ..segment.text import split_lines

_AIRY = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "table", "figure"}


def as_text(blocks: Blocks, seed: int = 0) -> tuple[Blocks, list[int]]:
    """The page as a plain-text dump, and for each of its blocks the index of the original block.

    Dumps differ: one line per block, blank lines around paragraphs and headings, or blank lines everywhere; with or
    without list marks; with or without hidden text and placeholders. `seed` chooses among these.
    """
    chance = random.Random(f"{seed}:{blocks.page.id}")
    style = chance.choice(("dense", "airy", "airy", "open"))
    marks = chance.random() < 0.2
    drop = Flag.HIDDEN | Flag.OPTIONAL if chance.random() < 0.4 else Flag(0)
    kept = [i for i in range(len(blocks)) if not blocks.flags[i] & drop] or list(range(len(blocks)))
    lines: list[str] = []
    was: list[int] = []
    for i in kept:
        airy = style == "open" or (style == "airy" and blocks.tag[i] in _AIRY)
        if airy and lines and lines[-1]:
            lines.append("")
        text = [line for line in blocks.text[i].split("\n") if line.strip()]
        text[0] = ("* " if marks and blocks.tag[i] == "li" else "") + text[0]
        lines += text
        was += [i] * len(text)
        if airy:
            lines.append("")
    dump = split_lines(replace(blocks.page, format="text"), lines, wrapped=False)
    dump.title = ""
    return dump, was

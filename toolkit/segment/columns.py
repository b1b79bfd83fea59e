"""Makes the columns of Blocks from the rows of the walk, for all blocks of a page at once."""

from __future__ import annotations

from operator import or_

from ..page import Blocks, Flag, Page
from .elements import PREFORMATTED
from .whitespace import is_uncommon, shown

PATH = 120  # characters of the tag path that are kept, nearest ancestors first to stay
NAMES = 240  # the same for class and id words

Container = tuple[str, str, str, int, int]  # tag, path, names, flags, number
Row = tuple[
    str, Container, str, str, int, int, int, int
]  # text, container, inline names, href, flags, linked, start, end

_FLAGS = PREFORMATTED - 1
_LINK, _HEADING, _IN_ATTRIBUTE = int(Flag.LINK), int(Flag.HEADING), int(Flag.OPTIONAL | Flag.OPTIONS)


def build_blocks(page: Page, rows: list[Row], above: list[int]) -> Blocks:
    """The blocks of `rows`, each with the nearest heading above it; blocks without visible text are left out."""
    if not rows:
        return Blocks(page)
    raw, here, inline, href, more, linked, start, end = zip(*rows, strict=True)
    tag, path, names, context, parent = zip(*here, strict=True)
    # Two of three texts need no change; of all white space, only a space is printable.
    texts = [
        text if text.isprintable() and "  " not in text and text[0] != " " != text[-1] else " ".join(text.split())
        for text in raw
    ]
    redo = {i for i, text in enumerate(raw) if not text.isascii() and is_uncommon(text)}
    if max(context) >= PREFORMATTED:
        redo.update(i for i, flags in enumerate(context) if flags >= PREFORMATTED)
    for i in redo:
        texts[i] = shown(raw[i], linked[i], context[i] >= PREFORMATTED)
    if not all(texts):
        return build_blocks(page, [row for row, text in zip(rows, texts, strict=True) if text], above)
    flags = list(map(or_, context, more))
    if max(flags) >= PREFORMATTED:
        flags = [around & _FLAGS for around in flags]
    density = [0.0] * len(texts)
    for i in [i for i, length in enumerate(linked) if length]:
        share = linked[i] / len(texts[i])
        density[i] = share if share < 1.0 else 1.0
        if share > 0.9:
            flags[i] |= _LINK
    headings: list[int] = []
    heading = -1
    for i in [i for i, around in enumerate(flags) if around & _HEADING and not around & _IN_ATTRIBUTE]:
        headings += [heading] * (i + 1 - len(headings))
        heading = i
    headings += [heading] * (len(texts) - len(headings))
    return Blocks(
        page=page, text=texts, tag=list(tag), path=list(path),
        names=[f"{near} {far}"[:NAMES] if near else far for near, far in zip(inline, names, strict=True)],
        href=list(href), flags=flags, link_density=density, depth=[way.count("/") for way in path], heading=headings,
        parent=list(parent), start=list(start), end=list(end), above=above,
    )  # fmt: skip

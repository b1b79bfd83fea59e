"""Refuses pages that cost too much. This is checked before parsing, because three things take an HTML5 parser quadratic
time:

- Depth: each end tag and each paragraph searches the open elements. Limit: 400 million steps (about two seconds).
  nesting.py computes the depth as the parser does: end tags in comments, attributes and scripts close nothing.
- Formatting elements that are never closed (`<b id=1><p><b id=2><p>...`): the standard opens each again in every later
  block, so 20 kB can become a gigabyte. Limit: four million copies (6 seconds, 0.7 GB).
- Attributes of one element: each is compared with those before it. Limit: 20,000 (about 1.5 seconds).

There are also limits of LARGEST bytes and PIECES tags or lines. Pages just below each limit take at most 10 seconds and
0.9 GB on one slow core (a million tags, each a block); 30 MB of plain words take 2 seconds and 0.6 GB. For most pages
the checks are a count of the tags and a search for a long stretch without ">".
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import numpy.typing as npt

from ..errors import BadPage
from ..support.limits import LARGEST
from ..support.text import counted
from .nesting import ATTRIBUTE, RAW, nested

_Signs = npt.NDArray[np.uint8]
PIECES = 1_000_000  # tags of a page, or lines of a text
LOOKS = 400_000_000
COPIES = 4_000_000
ATTRIBUTES = 20_000

_FORMATTING = b"b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
# Without attributes at most three of a kind are opened again, and one link: no more than _BARE.
_BARE = 40
_FORMATTED = re.compile(rb"<(?=[bcefinstu])(?:" + _FORMATTING + rb")(?=[\s/])[^<>]{0,200}", re.I)
_WINDOW = 80_000  # characters without ">": a script, a picture in a URL, or one very long tag
# The number of attributes of each tag. Names of tags and the texts of scripts are parsed as in nesting.py.
_RAW_ELEMENTS = "|".join(  # no group: in Python 3.11 groups in possessive repeats are broken
    rf"<{name}(?=[\s/>]){ATTRIBUTE}{{0,{2 * ATTRIBUTES}}}+>(?:[^<]++|<(?!/{name}))*+" for name in RAW
)
_BOUNDED = re.compile(
    rf"(?:[^<]++|<!--(?!-?>)(?:[^-]++|-(?!-!?>))*+|<[!?][^>]*+|<(?![a-zA-Z/!?])|</[^a-zA-Z]|{_RAW_ELEMENTS}"
    rf"|</?[a-zA-Z][^\s/>]*+{ATTRIBUTE}{{0,{2 * ATTRIBUTES}}}+>)*+".encode(),
    re.I,
)


def refuse_large(size: int, name: str) -> None:
    """Raise BadPage for a page of more than LARGEST bytes."""
    if size > LARGEST:
        raise BadPage(
            f"{name}: {size / 1e6:,.0f} MB; the limit is {LARGEST / 1e6:,.0f} MB, leave the page out or split it"
        )


def refuse_many(count: int, what: str, name: str) -> None:
    """Raise BadPage for more than PIECES tags or lines."""
    if count > PIECES:
        raise BadPage(f"{name}: {count:,} {what}; the limit is {PIECES:,}, leave the page out or split it")


def refuse_costly(html: bytes, name: str) -> None:
    """Raise BadPage for a page that takes a parser too long: too deep, too many unclosed tags, or an endless tag."""
    signs = np.frombuffer(html, np.uint8)
    windows = [signs[start : start + _WINDOW] for start in range(0, len(html), _WINDOW)]
    tags = sum(int(np.count_nonzero(window == ord("<"))) for window in windows)
    refuse_many(tags, "tags", name)
    if tags * tags > 2 * LOOKS or _may_tangle(html, windows, tags):
        _refuse_nested(html, name)
    # This misses a tag with ">" inside values in every window; finding it would cost every page a third of its parse.
    dense = [window for i, window in enumerate(windows[:-1]) if html.find(b">", i * _WINDOW, (i + 1) * _WINDOW) < 0]
    if sum(_separators(window) for window in dense) > ATTRIBUTES:
        _refuse_endless(html, name)


def _formatting(windows: list[_Signs]) -> int:
    """An upper bound on the formatting elements that are opened: tags by their first two letters."""
    count = len(windows)  # for tags that are split between two windows
    for window in windows:
        at = np.flatnonzero(window[:-2] == ord("<"))
        count += int(np.count_nonzero(_OPENINGS[window[at + 1], window[at + 2]]))
    return count


def _separators(window: _Signs) -> int:
    """An upper bound on the attributes that begin in it: each follows white space, a slash, or another value."""
    return sum(int(np.count_nonzero(found)) for found in (window <= ord(" "), window == ord("/"), window == ord("=")))


def _may_tangle(html: bytes, windows: list[_Signs], tags: int) -> bool:
    """Whether more than COPIES formatting elements could be opened again: each at every tag."""
    if tags * tags <= 4 * COPIES or (_formatting(windows) + _BARE) * tags <= COPIES:
        return False
    kinds = Counter(_FORMATTED.findall(html))
    return (sum(min(3, count) for count in kinds.values()) + _BARE) * tags > COPIES


def _refuse_nested(html: bytes, name: str) -> None:
    looks = 0
    for depth, copies in nested(html):
        looks += depth
        if looks > LOOKS:
            raise BadPage(f"{name}: elements are nested {depth:,} deep, which is too deep; leave the page out")
        if copies > COPIES:
            raise BadPage(f"{name}: unclosed formatting elements in too many blocks; leave the page out")


def _refuse_endless(html: bytes, name: str) -> None:
    stop = _BOUNDED.match(html).end()  # type: ignore[union-attr]
    if b">" in html[stop:]:  # a tag that is cut off at the end of the page does not count
        raise BadPage(f"{name}: an element with more than {counted(ATTRIBUTES, 'attribute')}; leave the page out")


_OPENINGS = np.zeros((256, 256), bool)
for _name in _FORMATTING.split(b"|"):
    for _letter in _name[:1] + _name[:1].upper():
        for _next in _name[1:2] + _name[1:2].upper() or b" \n\t\r\f/":
            _OPENINGS[_letter, _next] = True

"""The open elements of the HTML standard's parser, and the formatting elements among them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict

from .formatting import FORMATTING, Active, Formatting

CLOSES_P = frozenset(
    b"address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header "
    b"hgroup main menu"
    b" nav ol p search section summary ul h1 h2 h3 h4 h5 h6 pre listing form li dd dt plaintext table xmp hr".split()
)
SPECIAL = CLOSES_P | frozenset(
    b"applet button marquee object select template textarea iframe noscript script style title".split()
)
_HARD = SPECIAL - frozenset(b"address div p".split())  # a list item does not end another one beyond these
_WALLS = frozenset(b"applet marquee object select table template".split())  # no end tag has an effect beyond these
# Elements of drawings and formulas that contain HTML.
_HOLDS_HTML = {
    b"svg": frozenset(b"foreignobject desc title".split()),
    b"math": frozenset(b"mi mo mn ms mtext annotation-xml".split()),
}
_AGAIN = 8  # times that an end tag of formatting handles the blocks in it


class OpenElements:
    """The stack of open elements, and the positions of each kind."""

    def __init__(self, quirks: bool) -> None:
        self.quirks = quirks
        self.names: list[bytes] = []
        self.at: defaultdict[bytes, list[int]] = defaultdict(list)
        self.special: list[int] = [-1]
        self.hard: list[int] = [-1]
        self.walls: list[int] = [-1]
        self.cells: list[set[bytes]] = []  # for each open table, which of its parts are open; they are not on the stack
        self.active = Active()
        self.formatting: dict[int, Formatting] = {}
        self.foreign: list[int] = []  # elements of drawings and formulas
        self.copies = 0
        self.in_form = False
        self.columns = -1  # position of a template with columns of a table: no text or script begins in it

    def push(self, name: bytes, drawing: bytes = b"", formatting: Formatting | None = None) -> None:
        """Open an element."""
        at = len(self.names)
        if formatting:
            formatting.at = at
            self.formatting[at] = formatting
        if drawing:
            self.foreign.append(at)
        self.names.append(name)
        self.at[name].append(at)
        special = name in _HOLDS_HTML[drawing] if drawing else name in SPECIAL
        if special:
            self.special.append(at)
            if drawing or name in _HARD:
                self.hard.append(at)
        if special if drawing else name in _WALLS:
            self.walls.append(at)
        if name == b"table":
            self.cells.append(set())

    def cut(self, size: int) -> None:
        """Close all elements from position `size` on."""
        names = self.names
        while len(names) > size:
            name = names.pop()
            if not name:
                continue
            self.at[name].pop()
            if name == b"table":
                self.cells.pop()
            elif name in FORMATTING and (formatting := self.formatting.pop(len(names), None)):
                formatting.at = -1
        if self.columns >= size:
            self.columns = -1
        for kind in (self.special, self.hard, self.walls, self.foreign):
            while kind and kind[-1] >= size:
                kind.pop()

    def foreign_end(self, at: int) -> bool | None:
        """Whether an end tag ends the drawing's element at `at`, because no HTML is open in it; None if it is HTML."""
        found = bisect_left(self.foreign, at)
        if self.foreign[found : found + 1] != [at]:
            return None
        return len(self.foreign) - found == len(self.names) - at

    def drop(self, at: int) -> None:
        """Remove the last element of its name, but not those in it."""
        self.at[self.names[at]].pop()
        self.names[at] = b""
        for kind in (self.special, self.hard):
            found = bisect_left(kind, at)
            if kind[found : found + 1] == [at]:
                del kind[found]

    def drawing(self) -> int:
        """The position of the open drawing or formula, -1 without one."""
        return max(self.last(b"svg"), self.last(b"math"))

    def leave_drawings(self) -> None:
        """Close open drawings and formulas."""
        while (at := self.drawing()) > self.walls[-1]:
            self.cut(at)

    def reopen(self) -> None:
        """Open those formatting elements again that ended with their block."""
        for formatting in self.active.closed():
            self.push(formatting.name, formatting=formatting)
            self.copies += 1

    def end(self, formatting: Formatting) -> None:
        """Handle the end tag of an open formatting element: the standard's "adoption agency"."""
        at = formatting.at
        if at >= self.special[-1]:
            self.active.remove(formatting)
            self.cut(at)
            return
        first = bisect_right(self.special, at)
        blocks = len(self.special) - first
        self.copies += 4 * min(blocks, _AGAIN)  # one for each block, and up to three in between
        while at < (ruby := self.last(b"ruby")) < self.special[min(first + _AGAIN, len(self.special)) - 1]:
            self.drop(ruby)  # so are all between that are no blocks, but nothing else depends on them
        if blocks < _AGAIN:
            self.active.remove(formatting)
            self.cut(self.special[-1] + 1)

    def last(self, name: bytes) -> int:
        """The position of the last open element of this name, -1 without one."""
        found = self.at.get(name)
        return found[-1] if found else -1

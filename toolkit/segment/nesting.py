"""How deep a page nests, tag by tag: at least as deep as the HTML standard's parser does it, and hardly deeper on real pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr html head body".split())
_CELLS = frozenset(b"caption td th tr tbody thead tfoot colgroup".split())
_CLOSES_P = frozenset(
    b"address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup main menu"
    b" nav ol p search section summary ul h1 h2 h3 h4 h5 h6 pre listing form li dd dt plaintext table xmp hr".split()
)
RAW = "script style title textarea iframe noscript noembed noframes xmp".split()
_TEXTS = {name.encode(): re.compile(rf"</{name}(?=[\s/>])".encode(), re.I) for name in RAW}
_IN_SCRIPT = re.compile(rb"<!--|-->|</?script(?=[\s/>])", re.I)
# The tokenizer of the standard: what stands in comments, attributes, scripts and texts opens and closes nothing.
ATTRIBUTE = r"""(?:[\s/]++|(?:=[^\s/>=]*+|[^\s/>=]++)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?)?+)"""
_TOKEN = re.compile(
    rf"<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)|<[!?][^>]*+|</(?![a-zA-Z])[^>]*+|<(/?)([a-zA-Z][^\s/>]*+)({ATTRIBUTE}*+)>?".encode()
)
_SPECIAL = _CLOSES_P | frozenset(
    b"applet button marquee object select template textarea iframe noscript script style title".split()
)
_HARD = _SPECIAL - frozenset(b"address div p".split())  # a list item does not look beyond them for another one
_WALLS = frozenset(b"applet marquee object table template".split())  # no end tag looks beyond these
# Elements of drawings and formulas that hold HTML.
_HOLDS_HTML = {
    b"svg": frozenset(b"foreignobject desc title".split()),
    b"math": frozenset(b"mi mo mn ms mtext annotation-xml".split()),
}
_HELD = {b"td": (b"td",), b"th": (b"th",), b"tr": (b"td", b"th", b"tr")}  # what ends with them
_SECTIONS = frozenset(b"tbody thead tfoot".split())
_ALTERNATE = {b"li": (b"li",), b"dd": (b"dd", b"dt"), b"dt": (b"dd", b"dt")}
_RUBY = frozenset(b"rb rp rt rtc".split())
_OPTIONS = frozenset(b"option optgroup".split())
_HEADINGS = frozenset(b"h1 h2 h3 h4 h5 h6".split())
_IMPLIED = _RUBY | _OPTIONS | frozenset(b"dd dt li p".split())
# What ends a drawing or formula that nobody closed.
_BREAKOUT = frozenset(
    b"b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p"
    b" pre ruby s small span strong strike sub sup table tt u ul var".split()
)


class _Open:
    """The open elements, and where each kind of them stands."""

    def __init__(self) -> None:
        self.names: list[bytes] = []
        self.at: defaultdict[bytes, list[int]] = defaultdict(list)
        self.special: list[int] = [-1]
        self.hard: list[int] = [-1]
        self.walls: list[int] = [-1]
        self.cells: list[set[bytes]] = []  # for each open table, which of its parts are open; they are not on the stack

    def push(self, name: bytes, drawing: bytes = b"") -> None:
        at = len(self.names)
        self.names.append(name)
        self.at[name].append(at)
        special = name in _HOLDS_HTML[drawing] if drawing else name in _SPECIAL
        if special:
            self.special.append(at)
            if drawing or name in _HARD:
                self.hard.append(at)
        if special if drawing else name in _WALLS:
            self.walls.append(at)
        if name == b"table":
            self.cells.append(set())

    def cut(self, size: int) -> None:
        names = self.names
        while len(names) > size:
            name = names.pop()
            self.at[name].pop()
            if name == b"table":
                self.cells.pop()
        for kind in (self.special, self.hard, self.walls):
            while kind[-1] >= size:
                kind.pop()

    def last(self, name: bytes) -> int:
        found = self.at.get(name)
        return found[-1] if found else -1


def tags_of(html: bytes) -> Iterator[tuple[bytes, bool, bytes, int]]:
    """Each tag: name, whether it is an end tag, attributes, and how many elements are open before it."""
    stack = _Open()
    at = 0
    while match := _TOKEN.search(html, at):
        at = match.end()
        if match[2] is None:
            continue
        name, closes, attributes = match[2].lower(), bool(match[1]), match[3]
        yield name, closes, attributes, len(stack.names) + 3 * len(stack.at[b"table"])  # rows and cells are not on the stack
        if closes:
            _close(stack, name)
        elif _begin(stack, name, attributes):
            pass  # in drawings and formulas, scripts and titles hold elements
        elif name == b"script":
            at = _script_end(html, at)
        elif name in _TEXTS:
            end = _TEXTS[name].search(html, at)
            at = end.start() if end else len(html)


def _script_end(html: bytes, at: int) -> int:
    """Where a script ends: not at an end tag that stands in `<!-- <script> ... </script> -->`."""
    escaped = doubly = False
    while match := _IN_SCRIPT.search(html, at):
        found = match[0].lower()
        at = match.start() + 2 if found == b"<!--" else match.end()
        if found == b"<!--":
            escaped = True
        elif found == b"-->":
            escaped = doubly = False
        elif found == b"<script":
            doubly = escaped
        elif doubly:
            doubly = False
        else:
            return match.start()
    return len(html)


def _begin(stack: _Open, name: bytes, attributes: bytes) -> bool:
    """Open what the tag opens; whether it is part of a drawing or formula."""
    wall = stack.walls[-1]
    while (drawing := max(stack.last(b"svg"), stack.last(b"math"))) > wall and name in _BREAKOUT:
        stack.cut(drawing)
    if drawing > wall:
        if not attributes.endswith(b"/"):
            stack.push(name, b"svg" if drawing == stack.last(b"svg") else b"math")
        return True
    if name in _CLOSES_P and (at := stack.last(b"p")) > max(wall, stack.last(b"button")):
        stack.cut(at)
    if name in _VOID:
        return False
    if name in _CELLS:
        if parts := _clear(stack):
            section = parts[0] & _SECTIONS or {b"tbody"}
            parts[0].clear()
            if name in (b"td", b"th"):
                parts[0].update(section, (b"tr", name))
            elif name == b"tr":
                parts[0].update(section, (name,))
            elif name != b"colgroup":
                parts[0].add(name)
        return False
    if others := _ALTERNATE.get(name):
        at = max(map(stack.last, others))
        if at > wall and at == stack.hard[-1]:
            stack.cut(at)
    names = stack.names
    if name in _RUBY and stack.last(b"ruby") > wall:
        while names[-1] in _IMPLIED and (names[-1] != b"rtc" or name in (b"rb", b"rtc")):
            stack.cut(len(names) - 1)
    elif name in _OPTIONS:
        if names and names[-1] == b"option":
            stack.cut(len(names) - 1)
        if name == b"optgroup" and names and names[-1] == name and stack.at[b"select"]:
            stack.cut(len(names) - 1)
    elif name in _HEADINGS and names and names[-1] in _HEADINGS:
        stack.cut(len(names) - 1)
    stack.push(name)
    return False


def _close(stack: _Open, name: bytes) -> None:
    if name in _CELLS:
        if stack.cells and name in stack.cells[-1] and (parts := _clear(stack)):
            for part in _HELD.get(name, parts[0].copy()):
                parts[0].discard(part)
        return
    at = max(map(stack.last, _HEADINGS)) if name in _HEADINGS else stack.last(name)
    if at < 0:
        return
    if name == b"template":
        stack.cut(at)
    elif name == b"table":
        if at > stack.last(b"template"):
            stack.cut(at)
    elif name == b"form":  # it leaves alone what is open in it
        if at == len(stack.names) - 1:
            stack.cut(at)
    elif name in _SPECIAL:
        if at >= stack.walls[-1]:
            stack.cut(at)
    elif at >= stack.special[-1]:
        stack.cut(at)


def _clear(stack: _Open) -> list[set[bytes]]:
    """A part of a table begins or ends: all that is open in the table is closed, as old pages with open `<font>` rely on."""
    table = stack.last(b"table")
    if table <= stack.last(b"template"):
        return []
    stack.cut(table + 1)
    return stack.cells[-1:]

"""The cost of a page for a parser, tag by tag: its depth, and the number of formatting elements that are opened again.

Both are upper bounds of those of the HTML standard's parser, and on real pages hardly higher.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .formatting import FORMATTING, Formatting
from .open_elements import CLOSES_P, SPECIAL, OpenElements
from .parser import parse

_PROLOGUE = 1 << 16  # bytes in which the doctype is searched

_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr html head body".split())
_CELLS = frozenset(b"caption td th tr tbody thead tfoot colgroup".split())
RAW = "script style title textarea iframe noscript noembed noframes xmp".split()
_TEXTS = {name.encode(): re.compile(rf"</{name}(?=[\s/>])".encode(), re.I) for name in RAW}
_IN_SCRIPT = re.compile(rb"<!--|-->|</?script(?=[\s/>])", re.I)
# As the standard's tokenizer: tags in comments, attributes, scripts and text-only elements open and close nothing.
ATTRIBUTE = r"""(?:[\s/]++|(?:=[^\s/>=]*+|[^\s/>=]++)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?)?+)"""
_TOKEN = re.compile(
    rf"<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)|<[!?][^>]*+|</(?![a-zA-Z])[^>]*+|<(/?)([a-zA-Z][^\s/>]*+)({ATTRIBUTE}*+)>?".encode()
)
_HELD = {b"td": (b"td",), b"th": (b"th",), b"tr": (b"td", b"th", b"tr")}  # closed together with them
_MARKED = frozenset(b"caption td th".split())
_OBJECTS = frozenset(b"applet marquee object".split())  # these also add a marker to the list of formatting elements
_SECTIONS = frozenset(b"tbody thead tfoot".split())
_ALTERNATE = {b"li": (b"li",), b"dd": (b"dd", b"dt"), b"dt": (b"dd", b"dt")}
_RUBY = frozenset(b"rb rp rt rtc".split())
_OPTIONS = frozenset(b"option optgroup".split())
_HEADINGS = frozenset(b"h1 h2 h3 h4 h5 h6".split())
_IMPLIED = _RUBY | _OPTIONS | frozenset(b"dd dt li p".split())
# No formatting element is opened again before these.
_APART = (
    (SPECIAL - frozenset(b"applet button marquee object select xmp".split()))
    | _CELLS
    | _RUBY
    | frozenset(b"base col link meta param source track head body html frame frameset noframes".split())
)
# These end an unclosed drawing or formula.
_BREAKOUT = frozenset(
    b"b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing "
    b"menu meta nobr ol p"
    b" pre ruby s small span strong strike sub sup table tt u ul var".split()
)


def nested(html: bytes) -> Iterator[tuple[int, int]]:
    """At each tag: the number of open elements, and of formatting elements that were opened again so far."""
    stack = OpenElements(_has_quirks(html))
    at = 0
    while match := _TOKEN.search(html, at):
        if match.start() > at:
            stack.reopen()
        at = match.end()
        if match[2] is None:
            continue
        name, closes, attributes = match[2].lower(), bool(match[1]), match[3]
        yield len(stack.names) + 3 * len(stack.at[b"table"]), stack.copies  # rows and cells are not on the stack
        if closes:
            _close(stack, name)
        elif _begin(stack, name, attributes) or stack.columns >= 0:
            pass  # in drawings and formulas, scripts and titles contain elements
        elif name == b"script":
            at = _script_end(html, at)
        elif name in _TEXTS:
            end = _TEXTS[name].search(html, at)
            at = end.start() if end else len(html)


def _has_quirks(html: bytes) -> bool:
    """Whether the doctype asks for quirks mode, in which a table is part of the paragraph before it."""
    first = next((match.start() for match in _TOKEN.finditer(html) if match[2] is not None), len(html))
    return parse(html[: min(first, _PROLOGUE)] + b"<p><table>").css_first("p > table") is not None


def _script_end(html: bytes, at: int) -> int:
    """The end of a script, which is not at an end tag in `<!-- <script> ... </script> -->`."""
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


def _begin(stack: OpenElements, name: bytes, attributes: bytes) -> bool:
    """Open the tag's elements; return whether it is part of a drawing or formula."""
    if name in _BREAKOUT:
        stack.leave_drawings()
    wall = stack.walls[-1]
    if (drawing := stack.drawing()) > wall:
        if not attributes.endswith(b"/"):
            stack.push(name, b"svg" if drawing == stack.last(b"svg") else b"math")
        return True
    if name == b"table" and (at := stack.last(b"table")) > stack.last(b"template") and not stack.cells[-1] & _MARKED:
        stack.cut(at)  # between the rows of a table, another table ends it
        wall = stack.walls[-1]
    elif name in (b"select", b"input") and 0 <= wall == stack.last(b"select"):
        stack.cut(wall)
        return False
    elif name == b"button" and (at := stack.last(name)) > wall:
        stack.cut(at)
    elif name == b"form" and stack.last(b"template") < 0:
        if stack.in_form:
            return False
        stack.in_form = True
    in_p = stack.last(b"p") > max(wall, stack.last(b"button"))
    if in_p and name in CLOSES_P and not (stack.quirks and name == b"table"):
        stack.cut(stack.last(b"p"))
    if name not in _APART:
        stack.reopen()
    if name == b"col":
        for part in _clear(stack):
            part.clear()
        if stack.names[-1:] == [b"template"]:
            stack.columns = len(stack.names) - 1
    if name in _VOID:
        return False
    if name in _CELLS:
        if parts := _clear(stack):
            if name in _MARKED:
                stack.active.mark()
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
    if name in FORMATTING:
        if name in (b"a", b"nobr") and (before := stack.active.last(name)):
            _end(stack, before)
            if name == b"a" and before.listed:
                stack.active.remove(before)  # a link ends an open link, wherever that was opened
            stack.reopen()
        stack.push(name, formatting=stack.active.add(name, attributes))
        return False
    stack.push(name)
    if name in _OBJECTS or name == b"template":
        stack.active.mark()
    return False


def _end(stack: OpenElements, formatting: Formatting) -> None:
    if formatting.at < 0:
        stack.active.remove(formatting)
    elif formatting.at >= stack.walls[-1]:
        stack.end(formatting)


def _close(stack: OpenElements, name: bytes) -> None:
    if name in (b"br", b"p"):
        stack.leave_drawings()
        if name == b"br":
            stack.reopen()  # it is read as <br>
    if name in _CELLS:
        if stack.cells and name in stack.cells[-1] and (parts := _clear(stack)):
            for part in _HELD.get(name, parts[0].copy()):
                parts[0].discard(part)
        return
    if stack.foreign and (foreign := stack.foreign_end(stack.last(name))) is not None:
        if foreign:
            stack.cut(stack.last(name))
            return
        if name not in FORMATTING:
            return
    if name in FORMATTING and (formatting := stack.active.last(name)):
        _end(stack, formatting)
        return
    at = max(map(stack.last, _HEADINGS)) if name in _HEADINGS else stack.last(name)
    if at < 0:
        return
    if name == b"template":
        stack.cut(at)
        stack.active.clear()
    elif name == b"table":
        if at > stack.last(b"template"):
            if stack.cells[-1] & _MARKED:
                stack.active.clear()
            stack.cut(at)
    elif name == b"form":
        stack.in_form = False
        if at == len(stack.names) - 1:
            stack.cut(at)
        elif at >= stack.walls[-1]:
            stack.drop(at)  # the elements in it stay open
    elif name in SPECIAL:
        if at >= stack.walls[-1]:
            stack.cut(at)
            if name in _OBJECTS:
                stack.active.clear()
    elif at >= stack.special[-1]:
        stack.cut(at)


def _clear(stack: OpenElements) -> list[set[bytes]]:
    """At the start or end of a part of a table, close all open elements in it (old pages leave `<font>` open)."""
    table = stack.last(b"table")
    if table <= stack.last(b"template"):
        return []
    stack.cut(table + 1)
    if stack.cells[-1] & _MARKED:
        stack.active.clear()
        stack.cells[-1].difference_update(_MARKED)
    return stack.cells[-1:]

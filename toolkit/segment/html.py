"""HTML -> blocks: one walk over the parsed tree, without recursion.

Parser: lexbor through selectolax, an HTML5 parser in C. The walk is Python, so it does little per node: inline elements only
move the cursor, and what a block carries is worked out once for each container and shared by the blocks in it.
Bound: time and memory grow linearly with the page (see bound.py for what is refused); paths and names are cut off at a fixed
length, so depth costs nothing.

Which words belong to a block: names, link and flags of an inline element count for the block whose text it holds. One without
text (an anchor, an icon) gives nothing to any block; an inline element around blocks gives its own to the first of them.

Measured on WCXB pages (some 300 kB each), one core of a busy machine, in times of the bare parse of the page's text: the parse of
its bytes 0.8; bounds 0.15 and UTF-8 check 0.06; the walk 1.8, of which asking the parser for numbers, children, neighbours, texts
and attributes 0.6, reading the attributes 0.4, making columns 0.35. Together 0.32 to 0.35 of the speed of the parse.
Tried and slower: to write the tree out (0.4 to 0.5 without scripts) and cut it into tags (0.5) before any is looked at;
resiliparse's tree (ten times the walk); lxml (no HTML5 parser). `make bench` measures the whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from ..errors import PageblocksError
from ..page import Blocks, Flag, Page
from .bound import refuse_costly, refuse_large
from .columns import NAMES, PATH, Container, Row, columns
from .controls import add_field, add_options
from .decode import utf8
from .elements import BLOCK, BREAK, CONTEXT, FIELD, INLINE, KIND, LINK, PICTURE, ROLE, SELECT
from .language import language_of

_HREF = 120  # characters of a link's target that are kept
_BARE = 2_000  # characters: a page that shows fewer may be drawn by a script
_FAR_MORE, _LEAST = 4, 500  # times as many characters, and no mere "please enable JavaScript"
_NOSCRIPT = re.compile(rb"<noscript(?:[^<]++|<(?!/noscript))*+")

_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I).search
_BLOCKISH = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item|flow-root)", re.I).search
_NAMING = frozenset(("class", "id", "role", "itemprop", "data-testid", "aria-label", "rel"))
_READ = _NAMING | {"href", "style", "hidden"}
_HIDDEN, _PICTURED = int(Flag.HIDDEN), int(Flag.PICTURED)
_TEXT, _STANDARD = 2, 1024  # the parser's number of text nodes; those of the names that it knows are below 1024
_KNOWN: dict[int, tuple[str, int, int]] = {}
_WITHOUT_EVENTS = int(LexborDocumentOptions.WO_EVENTS.value)  # else <selectedcontent> doubles an option's text


def segment_html(page: Page) -> Blocks:
    """The blocks of an HTML page. `start`/`end` count the text nodes of the tree that hold more than white space."""
    refuse_large(len(page.content), page.source)
    html = utf8(page.content, page.encoding, page.source)
    refuse_costly(html, page.source)
    try:
        blocks = walk(page, parse(html))
    except PageblocksError:
        if (without := _without_scripts(page, html, 0)) is None:
            raise
        return without
    shown = sum(map(len, blocks.text))
    return blocks if shown > _BARE else _without_scripts(page, html, shown) or blocks


def _without_scripts(page: Page, html: bytes, shown: int) -> Blocks | None:
    """The page as a browser without scripting shows it, where that says far more: how script-drawn forums keep their posts."""
    enough = max(_FAR_MORE * shown, _LEAST)
    if shown + sum(map(len, _NOSCRIPT.findall(html))) <= enough:
        return None  # whatever it holds, it is too short: mostly one picture that counts visits
    opened = html.replace(b"<noscript", b"<section").replace(b"</noscript", b"</section")
    refuse_costly(opened, page.source)
    try:
        blocks = walk(page, parse(opened))
    except PageblocksError:
        return None
    return blocks if sum(map(len, blocks.text)) > enough else None


def parse(html: bytes) -> LexborHTMLParser:
    # As a browser that runs scripts: what stands in for them is one text of <noscript>, no markup that breaks its surroundings.
    return LexborHTMLParser(html, options=_WITHOUT_EVENTS, scripting=True)


def walk(page: Page, tree: LexborHTMLParser) -> Blocks:
    """The blocks of a parsed page. One pass in document order; `here` is what a block inside the open container carries."""
    body = tree.body
    if body is None:
        raise PageblocksError(f"{page.source}: no text in the page (it has no body)")
    rows: list[Row] = []
    above = [0]
    styles: dict[str, tuple[bool, bool]] = {}  # each style is looked through once
    here: Container = _body(body.attributes)
    is_block, link = True, False
    stack: list[tuple[Any, Container, bool, bool]] = []
    marks: list[tuple[int, str, str, int, int, list[str]]] = []  # what was before an inline element added its names, link, flags

    run: list[str] = []  # the text of the block under way
    first = nodes = breaks = linked = veiled = 0  # veiled: how many elements are open around the hidden inline one that we are in
    names = href = ""
    more = 0
    shown = after_link = picture = False

    node: Any = body.child
    while True:
        if node is None:
            # Leave the element: what it opened, it closes.
            if not stack:
                break
            if is_block:
                if run:
                    rows.append(("".join(run), here, names, href, more if shown else more | _HIDDEN, linked, first, nodes))
                    run, linked, names, href, more, shown = [], 0, "", "", 0, False
                breaks = 0
            after_link = link
            node, here, is_block, link = stack.pop()
            if veiled and veiled > len(stack):
                veiled = 0
            if marks and marks[-1][0] > len(stack):
                _, own, target, flags, count, begun = marks.pop()
                if run is begun and (not run or nodes == count):
                    names, href, more = own, target, flags  # it held no text: nothing of an anchor or icon belongs to a block
            continue

        number = node.tag_id
        if number == _TEXT:
            text = node.text_content
            if text and not text.isspace():
                if not run:
                    first = nodes
                    if picture:
                        more, picture = more | _PICTURED, False
                elif after_link and link:
                    run.append(" ")  # neighbouring links are words apart, whatever the markup says
                run.append(text)
                nodes += 1
                breaks = 0
                if not veiled:
                    shown = True
                if link:
                    linked += len(text)
            elif run and text:
                run.append(" ")
            node = node.next
            continue

        try:
            name, kind, context = _KNOWN[number]
        except KeyError:
            name, kind, context = _meet(node, number)
        if kind >= BREAK:
            if kind == BREAK:
                breaks += 1
                if breaks == 2 and run:
                    rows.append(("".join(run), here, names, href, more if shown else more | _HIDDEN, linked, first, nodes))
                    run, linked, names, href, more, shown = [], 0, "", "", 0, False
                elif run:
                    run.append("\n")
            elif kind == PICTURE:
                picture = True
            node = node.next
            continue

        child = node.child
        if child is None and not run and kind < FIELD:
            node = node.next  # empty: nothing in it, no name of it on any block, and no run that it could part
            continue
        blocky = kind >= BLOCK
        own = target = ""
        flags = inner = here[3]
        attributes = node.attributes
        for key, value in attributes.items():
            if key == "class":  # every other attribute is one
                if value:
                    own = f"{own} {value}" if own else value
            elif key not in _READ:
                continue
            elif key == "href":
                target = value or ""
            elif key == "hidden":
                inner |= _HIDDEN
            elif not value:
                continue
            elif key == "style":
                if value not in styles:
                    styles[value] = (_HIDING(value) is not None, _BLOCKISH(value) is not None)
                hides, parts = styles[value]
                if hides:
                    inner |= _HIDDEN
                elif parts:
                    blocky = True
            else:
                own = f"{own} {value}" if own else value
                if key == "role" and value in ROLE:
                    inner |= ROLE[value]
        if blocky:
            if run:
                rows.append(("".join(run), here, names, href, more if shown else more | _HIDDEN, linked, first, nodes))
                run, linked, names, href, more, shown = [], 0, "", "", 0, False
            breaks = 0
            if veiled:
                inner |= _HIDDEN
            if kind >= FIELD:
                if kind == SELECT:
                    nodes += add_options(rows, node, own, here, inner, nodes)
                    child = None
                else:
                    add_field(rows, attributes, name, here, own, inner, nodes)
            if child is None:
                node = node.next
                continue
            stack.append((node.next, here, is_block, link))
            is_block = True
            path = f"{here[1]}/{name}"
            if len(path) > PATH:
                path = path[-PATH:]
            if own:
                own = f"{own} {here[2]}"
                if len(own) > NAMES:
                    own = own[:NAMES]
            else:
                own = here[2]
            above.append(here[4])
            here = (name, path, own, inner | context, len(above) - 1)
            if kind == LINK:
                link = True
        else:
            if child is None:
                node = node.next
                continue
            stack.append((node.next, here, is_block, link))
            is_block = False
            if own or kind == LINK or inner != flags or context:
                marks.append((len(stack), names, href, more, nodes, run))
            if own:
                names = f"{names} {own}"[-NAMES:]
            if inner != flags or context:
                if inner & _HIDDEN and not veiled:
                    veiled = len(stack)
                more |= (inner | context) & ~flags & ~_HIDDEN
            if kind == LINK:
                link = True
                if not href and target:
                    href = target[:_HREF]
        node = child

    if run:
        rows.append(("".join(run), here, names, href, more if shown else more | _HIDDEN, linked, first, nodes))
    if not rows:
        raise PageblocksError(
            f"{page.source}: no text in the page; is it drawn by a script? Save the page as the browser shows it"
        )
    blocks = columns(page, rows, above)
    blocks.title = _title(tree)
    root = tree.root
    blocks.language = language_of((root.attributes.get("lang") if root is not None else "") or "", blocks.text)
    return blocks


def _meet(node: Any, number: int) -> tuple[str, int, int]:
    """An element's name and what it means; kept by its number, which the parser gives to each name of the standard."""
    name = node.tag
    found = (name, KIND.get(name, INLINE), CONTEXT.get(name, 0))
    if number < _STANDARD:
        _KNOWN[number] = found
    return found


def _body(attributes: Mapping[str, str | None]) -> Container:
    own = " ".join(value for key, value in attributes.items() if value and key in _NAMING)
    flags = ROLE.get(attributes.get("role") or "", 0)
    if "hidden" in attributes or _HIDING(attributes.get("style") or ""):
        flags |= _HIDDEN
    return "body", "", own, flags, 0


def _title(tree: LexborHTMLParser) -> str:
    node = tree.head.child if tree.head is not None else None
    while node is not None and node.tag != "title":
        node = node.next
    node = node or tree.css_first("title")
    return " ".join((node.text() or "").split())[:500] if node is not None else ""

"""HTML -> blocks: one walk over the parsed tree, without recursion.

The parser is lexbor, an HTML5 parser in C, through selectolax. The walk is Python, so it does little per node: inline
elements only move the cursor, and the properties of a container are computed once and shared by its blocks. Time and
memory grow linearly with the page (cost.py refuses the exceptions); paths and names are cut off at a fixed length, so
depth costs nothing.

The names, link and flags of an inline element belong to the block that contains its text. An inline element without
text (an anchor, an icon) adds nothing to any block; one that contains blocks adds its own to the first of them.

A wheel that is built on a machine with a C compiler has this module compiled by Cython, too (hatch_build.py).

Times on WCXB pages of about 300 kB, on one core of a busy machine, as multiples of the time to parse the page's text:
parsing its bytes 0.7; the limits 0.17; the UTF-8 check 0.08; the walk 2.2, or 1.4 compiled, of which 1.1 is for asking
the parser for numbers, children, neighbours, texts and attributes; making the columns 0.5. The whole is 0.25 times as
fast as the parse, or 0.3 compiled. These alternatives are slower: serializing the tree (0.4 to 0.5 without scripts) and
splitting the result into tags (0.5), before any of them is read; the tree of resiliparse (ten times the walk);
iterators over children, and views of attributes. lxml is not an HTML5 parser. `make bench` measures the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from ..errors import BadPage
from ..page import Blocks, Flag, Page
from .attributes import HIDDEN, NAMING, READ, READ_ALL, body_container, shown
from .columns import NAMES, PATH, Container, Row, build_blocks
from .elements import (
    BLOCK,
    BREAK,
    CONTEXT,
    CUSTOM,
    FIELD,
    INLINE,
    KIND,
    LINES,
    LINK,
    MUTE,
    PICTURE,
    PREFORMATTED,
    ROLE,
    SELECT,
    SKIP,
)
from .flow import text_nodes
from .language import language_of
from .place import AS_BLOCK, AS_WORD, BOX_ASIDE, REPEATS, add_words, container, place_of
from .whitespace import JOINT, LINE, SEAM

_HREF = 120  # characters of a link's target that are kept
_PICTURED = int(Flag.PICTURED)
_UNSHARED = HIDDEN | PREFORMATTED  # flags of an inline element that do not apply to its block
_NOWHERE = ("", "#", "j")  # first characters of addresses that lead to no other page: none, a fragment, a script
# What an open element means for the current run. An aside is not part of the run, which continues after it. From
# _MARKED on, the element is inline and the state before it is saved.
_INLINE, _BLOCK, _ASIDE, _LINES, _MARKED, _LINK, _CUSTOM = range(7)
_TEXT, _STANDARD = 2, 1024  # the parser's number for text nodes; its numbers for known names are below 1024
_TEMPLATE, _FORMULA = SKIP + 1, SKIP + 2  # only in the first look at a page
_KNOWN: dict[int, tuple[str, int, int]] = {}
_KNOWN_AT_FIRST: dict[int, tuple[str, int, int]] = {}

_Open = tuple[Any, Container, int, str | None]  # the node after an element, and here, mode and link before it
# An unfinished block: its text, names and address of its inline elements, flags, length of link text, first, last.
_Run = tuple[list[str], str, str, int, int, int, int]
_Mark = tuple[str, str, int, int, list[str]]  # names, href, more, last and run before an inline element


class NeedsMore(Exception):
    """The page has formulas, or parts that are not in their places."""


def walk(page: Page, tree: LexborHTMLParser, is_moved: Callable[[], bool] | None = None) -> Blocks:
    """The blocks of a parsed page.

    With `is_moved` this is a first look: it raises NeedsMore at the first formula, and at a template if `is_moved()` is
    true, which says that parts of the page are not in their places. Few pages have these, and searching the bytes of
    every page for them would cost a tenth of the walk.
    """
    body = tree.body
    if body is None:
        raise BadPage(f"{page.source}: no text in the page (it has no body)")
    blocks = build_blocks(page, *_rows(body.first_child, body_container(body.attributes), is_moved))
    if not blocks.text:
        raise BadPage(
            f"{page.source}: no text in the page; is it drawn by a script? Save the page as the browser shows it"
        )
    blocks.title = title_of(tree)
    root = tree.root
    blocks.language = language_of((root.attributes.get("lang") if root is not None else "") or "", blocks.text)
    return blocks


def _rows(node: Any, here: Container, is_moved: Callable[[], bool] | None) -> tuple[list[Row], list[int]]:
    """The blocks of `node` and of what follows it, and for each container the number of the one around it.

    This is one pass in document order, and one function, because a call per node would cost a fifth of its time; only
    rare cases are in other functions. `here` has the properties of the open container.
    """
    read = READ_ALL if is_moved is None else READ
    known = _KNOWN if is_moved is None else _KNOWN_AT_FIRST
    styles: dict[str, int] = {}  # each style is searched once
    rows: list[Row] = []
    above = [0]
    unordered = False  # some rows are not in the order of their texts
    mode, link = _BLOCK, None  # of the open element; the address of the open link
    stack: list[_Open] = []
    marks: list[_Mark] = []
    saved: list[_Run] = []  # runs that continue after an aside
    run: list[str] = []
    names = href = ""
    more = linked = first = last = 0
    nodes = breaks = 0  # text nodes so far, and <br> since the last text
    picture = False  # whether there is one between the last block and the next text
    left: list[str] | None = None  # the run in which a link has just ended, its length there, and the link's address
    left_at, left_to = 0, ""
    seam: list[str] | None = None  # the same for custom elements
    seam_at = 0
    joint = ""  # inserted before the next text if no white space separates it from the last one

    while True:
        if node is None:
            # Leave the element and close what it opened.
            if not stack:
                break
            if mode >= _MARKED:
                if mode == _LINK:
                    left, left_at, left_to = run, len(run), link or ""
                elif mode == _CUSTOM:
                    seam, seam_at = run, len(run)
                own, target, flags, count, begun = marks.pop()
                if run is begun and (not run or last == count):  # no text: an anchor or icon adds nothing
                    names, href, more = own, target, flags
            elif mode == _LINES:
                _end_line(run)
            elif mode:
                if run:
                    rows.append(("".join(run), here, names, href, more, linked, first, last))
                    run, linked, names, href, more = [], 0, "", "", 0
                breaks = 0
                if mode == _ASIDE:
                    run, names, href, more, linked, first, last = saved.pop()
            node, here, mode, link = stack.pop()
            continue

        number = node.tag_id
        if number == _TEXT:
            text = node.text_content
            if text and not text.isspace():
                if not run:
                    first = nodes
                    if picture:
                        more, picture = more | _PICTURED, False
                elif joint:
                    if not text[0].isspace() and not run[-1][-1].isspace():
                        run.append(joint)
                    joint = ""
                run.append(text)
                last = nodes = nodes + 1
                breaks = 0
                if link is not None:
                    linked += len(text)
            elif run and text:
                run.append(text if here[3] >= PREFORMATTED else "\n" if "\n" in text else " ")
            node = node.next
            continue

        try:
            name, kind, context = known[number]
        except KeyError:
            name, kind, context = _meet(node, number, known)
        if kind >= BREAK:
            if kind == BREAK:
                breaks += 1
                if breaks >= 2 and run and not here[3] & PREFORMATTED:
                    rows.append(("".join(run), here, names, href, more, linked, first, last))
                    run, linked, names, href, more = [], 0, "", "", 0
                elif run:
                    run.append(LINE)
            elif kind == PICTURE:
                picture = True
            elif kind == MUTE:
                nodes += text_nodes(node)
            elif kind > SKIP and is_moved is not None and (kind == _FORMULA or is_moved()):
                raise NeedsMore
            node = node.next
            continue

        child = node.first_child
        if child is None and not run and kind < FIELD:
            if name == "td" or name == "th":
                above.append(here[4])  # it has no block, but the cells after it are in later columns
            node = node.next  # empty: its names are on no block, and there is no run that it could end
            continue
        own = target = ""
        flags = inner = here[3]
        attributes = node.attributes
        for key, value in attributes.items():
            if key == "class":  # half of all attributes
                if value:
                    own = f"{own} {value}" if own else value
            elif key not in read:
                continue
            elif key == "href":
                target = value or ""
            elif key in NAMING:
                if value:
                    own = f"{own} {value}" if own else value
                    if key == "role" and value in ROLE:
                        inner |= ROLE[value]
            else:
                inner |= shown(node, key, value, styles=styles)

        blocky = kind == BLOCK
        if inner != flags or kind > BLOCK:
            place, inner = place_of(
                node, child, name, kind=kind, attributes=attributes, flags=inner, around=here, run=run
            )
            blocky = place == AS_BLOCK
            if place == AS_WORD:
                own, context = "", 0
            elif place >= BOX_ASIDE:
                if place >= REPEATS:
                    nodes += text_nodes(node) if place == REPEATS else 0
                    node = node.next
                    continue
                unordered = unordered or bool(run)
                if kind >= FIELD:
                    nodes += add_words(
                        rows,
                        node,
                        name,
                        kind=kind,
                        attributes=attributes,
                        around=here,
                        own=own,
                        flags=inner,
                        nodes=nodes,
                    )
                if child is None or kind == SELECT:
                    node = node.next
                    continue
                stack.append((node.next, here, mode, link))
                saved.append((run, names, href, more, linked, first, last))
                run, linked, names, href, more = [], 0, "", "", 0
                if place == BOX_ASIDE:
                    above.append(here[4])
                    here = container(here, name, own, flags=inner | context, number=len(above) - 1)
                else:
                    names = own[-NAMES:]
                    here = (*here[:3], inner | context, here[4])
                if kind == LINK:
                    link, href = target, target[:_HREF]
                mode = _ASIDE
                node = child
                continue

        if blocky:
            if flags >= PREFORMATTED and name in LINES:
                _end_line(run)
                if child is None:
                    node = node.next
                    continue
                stack.append((node.next, here, mode, link))
                mode = _LINES
                node = child
                continue
            if run:
                rows.append(("".join(run), here, names, href, more, linked, first, last))
                run, linked, names, href, more = [], 0, "", "", 0
            breaks = 0
            if kind >= FIELD:
                nodes += add_words(
                    rows, node, name, kind=kind, attributes=attributes, around=here, own=own, flags=inner, nodes=nodes
                )
                child = child if kind == FIELD else None
            if child is None:
                node = node.next
                continue
            stack.append((node.next, here, mode, link))
            mode = _BLOCK
            _, path, far, _, around = here
            above.append(around)
            path = f"{path}/{name}"
            if len(path) > PATH:
                path = path[-PATH:]
            if own:  # as in container(); a call would cost as much as this
                far = f"{own} {far}"
                if len(far) > NAMES:
                    far = far[:NAMES]
            here = (name, path, far, inner | context, len(above) - 1)
            if kind == LINK:
                link = target
        else:
            if child is None:
                node = node.next
                continue
            stack.append((node.next, here, mode, link))
            mode = _INLINE
            if own or inner != flags or context or kind:
                mode = _MARKED
                marks.append((names, href, more, last, run))
                if own:
                    names = f"{names} {own}"[-NAMES:]
                if inner != flags or context:
                    more |= (inner | context) & ~flags & ~_UNSHARED
                if kind == LINK:
                    if run and left is run and left_at == len(run) and (target != left_to or target[:1] in _NOWHERE):
                        joint = JOINT
                    mode, link = _LINK, target
                    if not href and target:
                        href = target[:_HREF]
                elif kind == CUSTOM:
                    mode = _CUSTOM
                    if run and seam is run and seam_at == len(run):
                        joint = SEAM
        node = child

    if run:
        rows.append(("".join(run), here, names, href, more, linked, first, last))
    if unordered:
        rows.sort(key=_start)
    return rows, above


def _end_line(run: list[str]) -> None:
    if run and not run[-1].endswith(("\n", LINE)):
        run.append(LINE)


def _start(row: Row) -> int:
    return row[6]


def _meet(node: Any, number: int, known: dict[int, tuple[str, int, int]]) -> tuple[str, int, int]:
    """An element's name, kind and flags. Those of names in the standard are kept by the parser's number."""
    name = node.tag
    kind = KIND.get(name, CUSTOM if "-" in (name or "") else INLINE)
    if known is _KNOWN_AT_FIRST:
        kind = _TEMPLATE if name == "template" else _FORMULA if name == "math" else kind
    found = (name, kind, CONTEXT.get(name, 0))
    if number < _STANDARD:
        known[number] = found
    return found


def title_of(tree: LexborHTMLParser) -> str:
    """The title of the page with white space collapsed; "" if it has none."""
    node = tree.head.first_child if tree.head is not None else None
    while node is not None and node.tag != "title":
        node = node.next
    node = node or tree.css_first("title")
    return " ".join((node.text() or "").split())[:500] if node is not None else ""

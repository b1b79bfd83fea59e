"""Cuts an HTML page into blocks: the steps before and after the walk over its tree."""

from __future__ import annotations

import re
from functools import cache

from ..errors import BadPage
from ..page import Blocks, Note, Page
from .cost import refuse_costly, refuse_large
from .decode import utf8
from .drawn import append, text_of_data
from .html import NeedsMore, title_of, walk
from .language import language_of
from .numbers import Numbers
from .parser import parse
from .shadow import attach_shadow_roots, has_shadow_roots
from .streamed import is_streamed, put_in_place
from .xhtml import as_html, is_xhtml

_BARE = 2_000  # characters; a page with less text may be drawn by a script
_FAR_MORE, _LEAST = 4, 500  # times as many characters; more than a "please enable JavaScript"
_NOSCRIPT = re.compile(rb"<noscript(?:[^<]++|<(?!/noscript))*+")


def segment_html(page: Page) -> Blocks:
    """The blocks of an HTML page. `start` and `end` count the text nodes that contain more than white space."""
    refuse_large(len(page.content), page.source)
    xml: bytes | None = b""
    html = utf8(page.content, page.encoding, page.source)
    if is_xhtml(page):
        xml = as_html(html, page.source)
        html = xml or html
    refuse_costly(html, page.source)
    blocks: Blocks | None = None
    empty: BadPage | None = None
    try:
        blocks = _shown(page, html)
    except BadPage as error:
        empty = error
    shown = sum(map(len, blocks.text)) if blocks else 0
    if shown <= _BARE:
        fuller = _without_scripts(page, html, shown) or _with_data(page, html, blocks, shown)
        blocks = fuller or blocks
    if blocks is not None:
        if xml is None and blocks.note is None:
            blocks.note = Note(
                "not-xml", "the page is declared as XHTML but is not well-formed XML; it is read as HTML"
            )
        return blocks
    if empty is not None and b"<script" not in html:
        raise empty
    raise BadPage(
        f"{page.source}: no text in the page: a script draws it, and no text was found in the data that it brings "
        "along; "
        "save the page as the browser shows it"
    ) from empty


def _shown(page: Page, html: bytes) -> Blocks:
    tree = parse(html)
    try:
        return walk(page, tree, cache(lambda: is_streamed(html) or has_shadow_roots(html)))
    except NeedsMore:
        pass
    late, shadows = is_streamed(html), has_shadow_roots(html)
    if not late and not shadows:
        return walk(page, tree)
    numbers = Numbers(tree)
    if late:
        put_in_place(html, tree)
    if shadows:
        attach_shadow_roots(tree)
    blocks = walk(page, tree)
    numbers.restore(blocks)
    return blocks


def _without_scripts(page: Page, html: bytes, shown: int) -> Blocks | None:
    """The page as a browser without scripting shows it, if that has far more text: some forums keep their posts so."""
    enough = max(_FAR_MORE * shown, _LEAST)
    if shown + sum(map(len, _NOSCRIPT.findall(html))) <= enough:
        return None  # too short in any case: usually a picture that counts visits
    opened = html.replace(b"<noscript", b"<section").replace(b"</noscript", b"</section")
    refuse_costly(opened, page.source)
    try:
        blocks = _shown(page, opened)
    except BadPage:
        return None
    if sum(map(len, blocks.text)) <= enough:
        return None
    blocks.note = Note("noscript", "a script renders this page; it is read as a browser without scripting shows it")
    return blocks


def _with_data(page: Page, html: bytes, blocks: Blocks | None, shown: int) -> Blocks | None:
    """The page with the text that its scripts would draw, if their data contains far more than the page shows."""
    tree = parse(html)
    try:
        drawn = text_of_data(tree, " ".join(blocks.text) if blocks else "", page.source)
        if drawn is None or drawn.size <= max(shown if drawn.told else _FAR_MORE * shown, _LEAST):
            return None
        refuse_costly(drawn.html, page.source)
        more = walk(page, parse(drawn.html))
    except BadPage:
        return None
    whole = append(blocks, more)
    if blocks is None:
        whole.title = title_of(tree)
        whole.language = language_of((tree.root.attributes.get("lang") if tree.root else "") or "", whole.text)
    places = ", ".join(drawn.places[:3])
    whole.note = Note("data", f"a script renders this page; its text is read from embedded data ({places})")
    return whole

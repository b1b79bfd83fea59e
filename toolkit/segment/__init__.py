"""Cuts a page into blocks."""

from __future__ import annotations

from inspect import isfunction

from ..page import Blocks, Page
from .document import segment_html
from .html import walk
from .text import segment_text

compiled = not isfunction(walk)  # whether the walk over a page's tree is compiled; its source is the same


def segment(page: Page) -> Blocks:
    """Cut a page, HTML or plain text, into its blocks.

    Parameters
    ----------
    page : Page
        The page.

    Returns
    -------
    Blocks
        The blocks in reading order.

    Raises
    ------
    BadPage
        If the page has no text (it is empty, binary, or markup only) or costs too much time to read.

    Examples
    --------
    >>> from pageblocks import Page
    >>> segment(Page("first", "first.html", b"<h1>Ferry sails</h1><p>It left on Monday.")).text
    ['Ferry sails', 'It left on Monday.']
    """
    return segment_html(page) if page.format == "html" else segment_text(page)


__all__ = ["segment"]

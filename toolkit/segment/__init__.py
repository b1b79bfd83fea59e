"""Page -> blocks. One function, whatever the page came as."""

from __future__ import annotations

from ..page import Blocks, Page


def segment(page: Page) -> Blocks:
    """The blocks of `page` in reading order.

    Raises `PageblocksError` for a page without text: empty, binary, or markup only.
    """
    if page.format == "html":
        from .document import segment_html

        return segment_html(page)
    from .text import segment_text

    return segment_text(page)


__all__ = ["segment"]

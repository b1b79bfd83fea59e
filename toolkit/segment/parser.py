"""The HTML parser with the settings for segmentation."""

from __future__ import annotations

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

_WITHOUT_EVENTS = int(LexborDocumentOptions.WO_EVENTS.value)  # else <selectedcontent> doubles an option's text


def parse(html: bytes) -> LexborHTMLParser:
    """Parse UTF-8 HTML to a tree."""
    # As in a browser with scripts, the content of <noscript> is one text: its markup could break the surroundings.
    return LexborHTMLParser(html, options=_WITHOUT_EVENTS, scripting=True)

"""The HTML parser, as the segmentation wants it."""

from __future__ import annotations

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

_WITHOUT_EVENTS = int(LexborDocumentOptions.WO_EVENTS.value)  # else <selectedcontent> doubles an option's text


def parse(html: bytes) -> LexborHTMLParser:
    # As a browser that runs scripts: what stands in for them is one text of <noscript>, no markup that breaks its
    # surroundings.
    return LexborHTMLParser(html, options=_WITHOUT_EVENTS, scripting=True)

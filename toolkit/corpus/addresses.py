"""Addresses of pages: the one that a page claims for itself, and what a corpus knows of its pages' addresses.

A claim (`<link rel="canonical">`, `og:url`) is the page's word alone: it groups pages by site, and nothing is fetched
by it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from ..errors import BadPage
from ..page import Page
from ..segment.cost import refuse_costly, refuse_large
from ..segment.decode import utf8
from ..segment.parser import parse
from ..segment.xhtml import as_html, is_xhtml

CANONICAL, OG_URL = "canonical", "og:url"
_LONGEST = 2_000  # characters
_DROPPED = str.maketrans("", "", "\t\n\r")  # the URL standard takes them out
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+\.?")
_BROKEN = re.compile(
    r"[\s<>\"{}|\\^`\x00-\x1f\x7f]"
)  # what no address holds, but templates that were never filled in do
_PRIVATE = (".local", ".localhost", ".internal", ".intern", ".intranet", ".lan", ".corp", ".home", ".invalid")
_SILENT = frozenset(
    ("script", "style", "template", "noscript", "title", "-comment")
)  # text in them is none of the page
_MAY_CLAIM = re.compile(rb"canonical|og:url", re.I)


@dataclass(frozen=True)
class Addresses:
    """What is known of the addresses of `pages`: how many have none, how many are claims (by where the claim stands).

    `shared`: claimed address -> the pages that claim it, where several different pages do.
    """

    pages: int
    without: int
    claimed: dict[str, int] = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Addresses:
        """From the lines of `pages.jsonl`."""
        pages = without = 0
        claimed: dict[str, int] = {}
        contents: dict[str, set[str]] = {}
        for row in rows:
            pages += 1
            url, origin = str(row.get("url") or ""), row.get("url_from")
            without += not url
            if url and origin:
                claimed[str(origin)] = claimed.get(str(origin), 0) + 1
                contents.setdefault(url.partition("#")[0], set()).add(str(row.get("sha256") or row.get("id")))
        return cls(pages, without, claimed, {url: len(own) for url, own in contents.items() if len(own) > 1})


def with_address(page: Page) -> tuple[Page, dict[str, str]]:
    """The page with the address that it claims, where it has none; and where the claim stands, for its line in
    `pages.jsonl`.
    """
    if page.url:
        return page, {}
    url, origin = claimed_address(page)
    return (replace(page, url=url), {"url_from": origin}) if url else (page, {})


def claimed_address(page: Page) -> tuple[str, str]:
    """The address that a page's head gives for the page, and where: "canonical" or "og:url"; two empty texts without
    one.

    Only absolute http(s) addresses of public hosts count; others are resolved against the page's `<base>`, if that is
    one.
    """
    if page.format != "html":
        return "", ""
    try:
        refuse_large(len(page.content), page.source)
        html = utf8(page.content, page.encoding, page.source)
        if is_xhtml(page):
            html = as_html(html, page.source) or html
        if not _MAY_CLAIM.search(html):
            return "", ""
        refuse_costly(html, page.source)
    except BadPage:
        return "", ""  # the segmentation reports it
    base = ""
    found: dict[str, list[str]] = {CANONICAL: [], OG_URL: []}
    for tag, attributes in _in_head(html):
        if tag == "base":
            base = base or attributes.get("href", "")
        elif tag == "link" and CANONICAL in attributes.get("rel", "").lower().split():
            found[CANONICAL].append(attributes.get("href", ""))
        elif tag == "meta" and OG_URL in (attributes.get(key, "").strip().lower() for key in ("property", "name")):
            found[OG_URL].append(attributes.get("content", ""))
    base = _address(base)
    for origin, claims in found.items():
        for claim in claims:
            if url := _address(claim, base):
                return url, origin
    return "", ""


def _in_head(html: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of the head, so none of a script, a template or a comment.

    A stray element ends the head for the parser: elements before the first text of the body are therefore counted
    as the head's.
    """
    tree = parse(html)
    for part, ends in ((tree.head, False), (tree.body, True)):
        node = part.child if part is not None else None
        while node is not None:
            if node.tag in ("base", "link", "meta"):
                yield str(node.tag), {key: value or "" for key, value in node.attributes.items()}
            elif ends and node.tag not in _SILENT and (node.text_content or "").strip():
                return
            node = node.next


def _address(said: str, base: str = "") -> str:
    """An absolute http(s) address of a public host, or ""."""
    said = said.translate(_DROPPED).strip(" \x00\x0b\x0c")
    if not said or len(said) > _LONGEST or _BROKEN.search(said):
        return ""
    try:
        url = urljoin(base, said) if base else said
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and _is_public(parts) else ""
    except ValueError:
        return ""


def _is_public(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if "@" in parts.netloc or host.rstrip(".").endswith(_PRIVATE) or parts.port == 0:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return _HOST.fullmatch(host) is not None  # not `localhost`

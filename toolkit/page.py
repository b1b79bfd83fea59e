"""Page and Block, the two types that all other modules work on.

A *page* is the input, byte for byte. Its *blocks* are the smallest runs of text that a reader sees as one unit.
Blocks are kept as columns (`Blocks`), because a crawl has hundreds of millions of them; a `Block` is one row, made on
access.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from functools import cached_property, lru_cache
from typing import Any, Literal, overload

Format = Literal["html", "text"]


class Flag(IntFlag):
    """What surrounds a block, as bits: `Block.flags` is their sum."""

    HIDDEN = 1
    OPTIONAL = 2  # a placeholder or the value of a button: text that is in an attribute of the page
    LINK = 4  # all of its text is link text
    LIST = 8
    TABLE = 16
    FORM = 32
    FIGURE = 64
    NAV = 128
    ASIDE = 256
    HEADER = 512
    FOOTER = 1024
    ARTICLE = 2048
    MAIN = 4096
    HEADING = 8192
    BUTTON = 16384
    LABEL = 32768  # a field's label or legend
    OPTIONS = 65536  # the options of a select, as one block
    DIALOG = 131072
    QUOTE = 262144
    CODE = 524288
    CAPTION = 1048576  # figcaption or a table's caption
    PICTURED = 2097152  # a picture, a film or an embedded page is between the previous block and this one


@dataclass(frozen=True)
class Page:
    """One page, byte for byte.

    Parameters
    ----------
    id : str
        Name of the page in files, tasks and labels.
    source : str
        Path or address that the page was read from.
    content : bytes
        The bytes of the page.
    format : {"html", "text"}, default="html"
        How the bytes are read.
    url : str, default=""
        Address of the page on the web, if it is known.
    encoding : str, default=""
        Encoding that the transport gave (an HTTP header); without one it is taken from the page.
    type : str, default=""
        Media type in lower case (`application/xhtml+xml`) that the transport or the file name gave.
    date : str, default=""
        When the page was fetched, as the archive says (`2026-01-31T12:00:00Z`).
    status : int, optional
        HTTP status; None if the source says none.
    extra : dict of str to object, optional
        Further columns of the table that the page came from, as JSON has them.

    Examples
    --------
    >>> from pageblocks import Page
    >>> page = Page("first", "first.html", b"<p>The night ferry sails again", url="https://news.ferry.co.uk/1")
    >>> page.site
    'ferry.co.uk'
    """

    id: str
    source: str
    content: bytes = field(repr=False)
    format: Format = "html"
    url: str = ""
    encoding: str = ""
    type: str = ""
    date: str = ""
    status: int | None = None
    extra: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the content, as 64 hex digits."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def site(self) -> str:
        """The registered domain (`bbc.co.uk`), or "" without an address. Splits are made by site."""
        return site_of(self.url)


@lru_cache(maxsize=1)
def _suffixes() -> object:
    import tldextract  # start-up

    # The snapshot that comes with the package: the same split on every machine, and no request to the network.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def site_of(url: str) -> str:
    """The registered domain of an address; if it has none (`localhost`, an IP address, `x.example`), its host."""
    if not url:
        return ""
    parts = _suffixes()(url)  # type: ignore[operator]
    if parts.top_domain_under_public_suffix:
        return str(parts.top_domain_under_public_suffix)
    host = ".".join(part for part in (parts.subdomain, parts.domain, parts.suffix) if part)
    return host.removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page: a row of `Blocks`.

    Parameters
    ----------
    id : str
        Stable id: id of the page, hash of the text, ordinal among equal texts.
    text : str
        Text as a reader sees it, white space collapsed.
    tag : str
        Name of the HTML element that holds the text.
    path : str
        Names of the elements from the body down (`div/article/p`).
    names : str
        Words of the class and id attributes on that path, nearest first.
    href : str
        Target of the block's first link, or "".
    flags : Flag
        What surrounds the block.
    link_density : float
        Share of the text that is link text, from 0 to 1.
    depth : int
        Number of elements around the block.
    heading : str
        Text of the nearest heading above, or "".
    start, end : int
        Text nodes (HTML) or lines (plain text) of the page that the block covers, `end` not included.

    Examples
    --------
    >>> from pageblocks import Page
    >>> from pageblocks.segment import segment
    >>> block = segment(Page("first", "first.html", b"<main><h1>Ferry sails</h1><p>It left on Monday."))[1]
    >>> block.text, block.tag, block.heading
    ('It left on Monday.', 'p', 'Ferry sails')
    """

    id: str
    text: str
    tag: str
    path: str
    names: str
    href: str
    flags: Flag
    link_density: float
    depth: int
    heading: str
    start: int
    end: int

    @property
    def hidden(self) -> bool:
        """Whether a reader of the page does not see the block."""
        return bool(self.flags & Flag.HIDDEN)

    @property
    def optional(self) -> bool:
        """Whether the text comes from an attribute: a placeholder or the value of a button."""
        return bool(self.flags & Flag.OPTIONAL)


@dataclass(frozen=True)
class Note:
    """A remark on how a page was read.

    Parameters
    ----------
    reason : str
        By which notes are counted: `data` (the text is read from data that a script would draw), `noscript` (the text
        is what a browser without scripting shows) or `not-xml` (the page is declared as XHTML, but is not well-formed
        XML and is read as HTML).
    text : str
        The remark, for people.
    """

    reason: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass
class Blocks(Sequence[Block]):
    """The blocks of one page in reading order, as columns of equal length.

    `blocks[i]` is one `Block`; `len` and iteration work as for a list.

    Parameters
    ----------
    page : Page
        The page that the blocks are of.
    title : str, default=""
        Title of the page.
    language : str, default=""
        Language that the page declares (`en`), or "".
    note : Note, optional
        Remark on how the page was read.
    text : list of str
        Text of each block, as for `Block`.
    tag : list of str
        Name of the element that holds the text.
    path : list of str
        Names of the elements from the body down (`div/article/p`).
    names : list of str
        Words of the class and id attributes on that path, nearest first.
    href : list of str
        Target of the block's first link, or "".
    flags : list of int
        Bits of `Flag`.
    link_density : list of float
        Share of the text that is link text, from 0 to 1.
    depth : list of int
        Number of elements around the block.
    heading : list of int
        Index of the nearest heading block above, -1 without one.
    parent : list of int
        A number that blocks in the same block container share.
    start, end : list of int
        Text nodes (HTML) or lines (plain text) that the block covers, `end` not included.
    above : list of int
        For each number in `parent` the container that encloses it; the outermost, 0, encloses itself.

    Examples
    --------
    >>> from pageblocks import Page
    >>> from pageblocks.segment import segment
    >>> blocks = segment(Page("first", "first.html", b"<h1>Ferry sails</h1><p>It left on Monday."))
    >>> len(blocks), blocks.text
    (2, ['Ferry sails', 'It left on Monday.'])
    """

    page: Page
    title: str = ""
    language: str = ""
    note: Note | None = None
    text: list[str] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    href: list[str] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)
    link_density: list[float] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    heading: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    above: list[int] = field(default_factory=lambda: [0])

    def __len__(self) -> int:
        return len(self.text)

    @overload
    def __getitem__(self, i: int) -> Block: ...

    @overload
    def __getitem__(self, i: slice) -> list[Block]: ...

    def __getitem__(self, i: int | slice) -> Block | list[Block]:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        heading = self.heading[i]
        return Block(
            id=self.ids[i],
            text=self.text[i],
            tag=self.tag[i],
            path=self.path[i],
            names=self.names[i],
            href=self.href[i],
            flags=Flag(self.flags[i]),
            link_density=self.link_density[i],
            depth=self.depth[i],
            heading=self.text[heading] if heading >= 0 else "",
            start=self.start[i],
            end=self.end[i],
        )

    def __iter__(self) -> Iterator[Block]:
        return (self[i] for i in range(len(self)))

    @cached_property
    def ids(self) -> list[str]:
        """Stable ids: page id, hash of the text, ordinal among equal texts. The same page always gives the same ids."""
        seen: dict[str, int] = {}
        ids = []
        for digest in self.hashes:
            k = seen[digest] = seen.get(digest, -1) + 1
            ids.append(f"{self.page.id}:{digest}-{k}")
        return ids

    @cached_property
    def hashes(self) -> list[str]:
        """`text_hash` of each block."""
        return [text_hash(text) for text in self.text]


def group_of(page: Blocks) -> str:
    """Name the unit that a split keeps together: the site of a page, or the page alone if its address is unknown.

    Parameters
    ----------
    page : Blocks
        The page.

    Returns
    -------
    str
        The registered domain, or `page:` and the id of the page.
    """
    return page.page.site or f"page:{page.page.id}"


def text_hash(text: str) -> str:
    """Ten hex digits that identify a block's text; its white space does not count."""
    return hashlib.blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()

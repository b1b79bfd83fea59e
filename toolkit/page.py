"""Page and Block: what flows through the whole house.

A *page* is what came in, byte for byte. Its *blocks* are the smallest runs of text that a reader sees as one unit.
Blocks are kept as columns (`Blocks`), because a crawl has hundreds of millions of them; `Block` is one row, made when
somebody looks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from functools import cached_property, lru_cache
from typing import Literal, overload

Format = Literal["html", "text"]


class Flag(IntFlag):
    """What surrounds a block (bits of `Block.flags`)."""

    HIDDEN = 1
    OPTIONAL = 2  # a placeholder or the value of a button: text that the page keeps in an attribute
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
    PICTURED = 2097152  # a picture, a film or an embedded page stands between the block before and this one


@dataclass(frozen=True)
class Page:
    """One page as it came.

    `id` names it in files, tasks and labels; `source` is the path or address that it was read from; `content` its
    bytes; `url` its address on the web, "" where nobody knows it.
    """

    id: str
    source: str
    content: bytes = field(repr=False)
    format: Format = "html"
    url: str = ""
    encoding: str = ""  # what the transport said (an HTTP header); "" leaves it to the page
    type: str = ""  # media type in lower case (`application/xhtml+xml`) that transport or file name gave; "": unknown

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def site(self) -> str:
        """The registered domain (`bbc.co.uk`), or "" without an address. Splits are made by it."""
        return site_of(self.url)


@lru_cache(maxsize=1)
def _suffixes() -> object:
    import tldextract

    # The snapshot that comes with the package: the same split on every machine, and no request to the network.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def site_of(url: str) -> str:
    """The registered domain of an address; the host itself where there is none (`localhost`, an IP address,
    `x.example`).
    """
    if not url:
        return ""
    parts = _suffixes()(url)  # type: ignore[operator]
    if parts.top_domain_under_public_suffix:
        return str(parts.top_domain_under_public_suffix)
    host = ".".join(part for part in (parts.subdomain, parts.domain, parts.suffix) if part)
    return host.removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Block:
    """One block. `start` and `end` are the run of text nodes (HTML) or of lines (text) that it covers, end not
    included.
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
        return bool(self.flags & Flag.HIDDEN)

    @property
    def optional(self) -> bool:
        return bool(self.flags & Flag.OPTIONAL)


@dataclass(frozen=True)
class Note:
    """What to know of how a page was read: `reason` is one of a few words, by which notes are counted, `text` is for
    people.

    `data`: the text is read from data that a script would draw. `noscript`: it is what a browser without scripting
    shows. `not-xml`: the page came as XHTML, is no well-formed XML and is read as HTML.
    """

    reason: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass
class Blocks(Sequence[Block]):
    """The blocks of one page, in reading order, as columns of equal length.

    `path` is the tag path from the body down (`div/article/p`), `names` the words of the class and id attributes on
    that path, nearest first, `href` the target of the block's first link ("" without one), `heading` the index of the
    nearest heading block above (-1: none), `parent` a number that blocks with the same block container share; `above`
    says for each such number which container it lies in (the outermost, 0, in itself).
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
        """Stable ids: page id, hash of the text, ordinal among equal texts. The same page gives the same ids again."""
        seen: dict[str, int] = {}
        ids = []
        for digest in self.hashes:
            k = seen[digest] = seen.get(digest, -1) + 1
            ids.append(f"{self.page.id}:{digest}-{k}")
        return ids

    @cached_property
    def hashes(self) -> list[str]:
        return [text_hash(text) for text in self.text]


def group_of(page: Blocks) -> str:
    """What a split may not tear apart: the page's site, or the page alone where its address is not known."""
    return page.page.site or f"page:{page.page.id}"


def text_hash(text: str) -> str:
    """Ten hex digits that name a block's text, however its white space is laid out."""
    return hashlib.blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()

"""Converts XHTML to equivalent HTML, so that one parser and one walk read both.

In XML `<title/>` is a complete element, where HTML reads on to a `</title>` that never comes. A page that is XHTML by
its transport or its name is read by expat and written again: each element with its end tag, CDATA sections and entities
as text. A page that is not well-formed XML is read as HTML, unchanged.

This is safe: nothing outside the page is read, and the size of all entities is computed before any is expanded. Time
and memory grow linearly with the page.
"""

from __future__ import annotations

import re
from html import escape
from html.entities import html5
from xml.parsers import expat

from ..page import Page
from .cost import refuse_many

_XML_TYPES = frozenset(("application/xhtml+xml", "application/xml", "text/xml"))
_XHTML_NAME = re.compile(r"\.xht(?:ml)?(?:\.(?:gz|bz2|xz|zst))?$", re.I).search
_GROWTH = 10_000_000  # characters that entities may add to a page
_XHTML, _SVG, _MATHML = (
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1998/Math/MathML",
)
_VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split()
)
# HTML reads their content as text up to the end tag; XML reads it as markup.
_RAW = frozenset("iframe noembed noframes noscript script style".split())
_TEXT_ONLY = frozenset(("title", "textarea"))
_RENAMED = {"xmp": "pre", "plaintext": "pre"}  # looks the same, and HTML reads its markup
_DECLARED = re.compile(rb"<!ENTITY\s+([^\s%&;\"'<>]+)\s")
# Sections in which "&" is not a reference, and references by name.
_NAMED = re.compile(
    rb"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+|<!--(?:[^-]++|-(?!->))*+|<\?(?:[^?]++|\?(?!>))*+|&([A-Za-z][A-Za-z0-9]{0,40});"
)
_PREDEFINED = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_REFERENCE = re.compile(r"&([^#;&\s][^;&\s]*+);")
_DEFAULTS = 50_000_000  # attributes that a document type may add to elements


class _NotForUs(Exception):
    """The XML grows too large, or needs a newer expat."""


def is_xhtml(page: Page) -> bool:
    """Whether the page is XML by its media type, or without one by its file's name."""
    return page.type in _XML_TYPES if page.type else _XHTML_NAME(page.source) is not None


def as_html(xml: bytes, name: str) -> bytes | None:
    """The HTML that is equivalent to `xml`, both in UTF-8; None if `xml` is not well-formed."""
    refuse_many(xml.count(b"<"), "tags", name)
    xml = xml.lstrip()  # some templates write lines before the XML declaration, which must be first
    declared = frozenset(_DECLARED.findall(xml)) | _PREDEFINED

    def numbered(found: re.Match[bytes]) -> bytes:
        # The names of HTML, for any document type: browsers do not fetch document types either.
        entity = found[1]
        if not entity or entity in declared:
            return found[0]
        signs = html5.get(entity.decode() + ";")
        return "".join(f"&#{ord(sign)};" for sign in signs).encode() if signs else b"&amp;" + entity + b";"

    writer = _Writer()
    try:
        return writer.write(_NAMED.sub(numbered, xml) if b"&" in xml else xml)
    except (expat.ExpatError, _NotForUs):
        return None


class _Writer:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.open: list[str] = []
        self.raw: list[str] = []  # the open elements inside one that HTML reads as text
        self.root = ""  # its namespace: pages with none or a wrong one are HTML too
        self.growth = dict.fromkeys(("amp", "lt", "gt", "quot", "apos"), 1)
        self.defaults = 0

    def write(self, xml: bytes) -> bytes:
        parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.specified_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        parser.AttlistDeclHandler = self._attribute
        parser.EndDoctypeDeclHandler = lambda: self._refuse_grown(xml)
        parser.Parse(xml, True)
        return b"<!DOCTYPE html>" + "".join(self.out).encode()

    def _entity(self, name: str, parameter: bool, value: str | None, *_: object) -> None:
        if value is None or parameter:
            return  # outside the page, so not read
        if expat.version_info < (2, 4):  # the first that limits entities itself, in case the sum below is wrong
            raise _NotForUs
        # An entity with an undeclared one counts as endless; the first of two declarations counts.
        self.growth.setdefault(
            name, len(value) + sum(self.growth.get(inner, _GROWTH + 1) for inner in _REFERENCE.findall(value))
        )

    def _attribute(self, *_: object) -> None:
        self.defaults += 1

    def _refuse_grown(self, xml: bytes) -> None:
        if self.defaults * xml.count(b"<") > _DEFAULTS:
            raise _NotForUs
        if len(self.growth) > 5:
            named = _REFERENCE.findall(xml.decode())
            if sum(self.growth.get(name, 0) for name in named) > _GROWTH:
                raise _NotForUs

    def _name(self, full: str) -> str:
        parts = full.split(" ")
        if len(parts) == 1:
            namespace, local, prefix = "", parts[0], ""
        else:
            namespace, local, prefix = parts[0], parts[1], parts[2] if len(parts) > 2 else ""
        if not self.open and not self.root:
            self.root = namespace or _XHTML
        if namespace in (_XHTML, _SVG, _MATHML, "", self.root):
            return _RENAMED.get(local, local) if local[0].isascii() and local[0].isalpha() else f"x:{local}"
        return f"{prefix or 'x'}:{local}"  # another vocabulary, whose title or script is not HTML's

    def _start(self, full: str, attributes: list[str]) -> None:
        name = self._name(full)
        self.open.append(name)
        if self.raw:
            self.raw.append(name)
            if self.raw[0] != "noscript" or name == "noscript":
                return
        elif name in _RAW or name in _TEXT_ONLY:
            self.raw.append(name)
        self.out.append(f"<{name}")
        language = ""
        for i in range(0, len(attributes), 2):
            key, value = attributes[i], attributes[i + 1]
            if " " in key:
                parts = key.split(" ")
                key = f"{parts[2]}:{parts[1]}" if len(parts) > 2 else parts[1]
                if key == "xml:lang":
                    language = value
                    continue
            elif key == "lang":
                language = language or value
                continue
            elif key == "shadowrootmode":
                continue  # only HTML's parser attaches shadow roots
            self.out.append(f' {key}="{escape(value)}"')
        self.out.append(f' lang="{escape(language)}">' if language else ">")

    def _end(self, _: str) -> None:
        name = self.open.pop()
        if self.raw:
            self.raw.pop()
            if self.raw and (self.raw[0] != "noscript" or name == "noscript"):
                return
        if name not in _VOID:
            self.out.append(f"</{name}>")

    def _text(self, text: str) -> None:
        if not self.raw or self.raw[0] in _TEXT_ONLY or self.raw[0] == "noscript":
            self.out.append(escape(text, quote=False))
        elif self.raw == ["script"]:
            # Data in scripts is read; in JSON and in JavaScript's strings "\/" is "/".
            self.out.append(text.replace("</", "<\\/").replace("<!--", "<\\!--"))

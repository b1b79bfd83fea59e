"""The encoding that a page declares: HTML's "prescan a byte stream", for the whole head and not the first kilobyte."""

from __future__ import annotations

import re

import webencodings

_LOOK = 1 << 16  # bytes; browsers read to the end of the head, and some heads begin with a long script
# Every alternative matches all the rest if its end is missing, so the search is linear.
_QUOTED = rb"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+"""
_TOKEN = re.compile(
    rb"<!--(?:-?>|.*?-->|.*)"
    rb"|<meta(?=[\s/])(?P<meta>" + _QUOTED + rb")"
    rb"|<(?P<raw>script|style|title|textarea|xmp|iframe)(?=[\s/>])" + _QUOTED + rb">(?:.*?</(?P=raw)|.*)"
    rb"|</?[a-z]" + _QUOTED + rb"|<[!?/][^>]*+",
    re.I | re.S,
)
_ATTRIBUTE = re.compile(rb"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?""")
_CHARSET = re.compile(rb"""charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))""", re.I)
_XML = re.compile(rb"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*(?:"([^">]*)"|'([^'>]*)')""")


def encoding_name(label: str | bytes) -> str:
    """The name that the Encoding standard gives to `label`, in lower case; "" for other labels."""
    if isinstance(label, bytes):
        label = label.decode("latin-1")
    found = webencodings.lookup(label.strip(" \t\r\n\f\"'"))
    return found.name if found else ""


def declared(html: bytes) -> str:
    """The name of the encoding in the page's first valid `<meta>`, else in its XML declaration; "" without one."""
    head = html[:_LOOK]
    for token in _TOKEN.finditer(head):
        if token["meta"] and (name := encoding_name(_charset(token["meta"]))):
            # As in the standard: a page whose <meta> is readable as ASCII is not UTF-16.
            return "utf-8" if name.startswith("utf-16") else "windows-1252" if name == "x-user-defined" else name
    xml = _XML.match(head)
    name = encoding_name(xml[1] or xml[2] or b"") if xml else ""
    return "utf-8" if name.startswith("utf-16") else name


def _charset(meta: bytes) -> bytes:
    """The label in the attributes of a `<meta>`: `charset`, or `content` beside `http-equiv="content-type"`."""
    attributes: dict[bytes, bytes] = {}
    for key, *values in _ATTRIBUTE.findall(meta):
        attributes.setdefault(key.lower(), b"".join(values))
    if b"charset" in attributes:
        return attributes[b"charset"]
    if attributes.get(b"http-equiv", b"").strip().lower() != b"content-type":
        return b""
    content = _CHARSET.search(attributes.get(b"content", b""))
    return b"".join(part or b"" for part in content.groups()) if content else b""

"""Parses HTTP responses in archives, as recorders, old servers and cut connections leave them.

Lines end in CRLF or in LF alone (RFC 9112, 2.2), header lines may be folded, interim responses come first. Chunks are
joined up to the first error; a body without chunks under "Transfer-Encoding: chunked" was already joined by the
recorder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_END = re.compile(rb"\n\r?\n|\A\r?\n")
_STATUS = re.compile(rb"[\r\n]*HTTP/[\d.]+[ \t]+(\d{3})(?!\d)", re.I)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\n]{0,4096})?\r?\n")
_NEWLINE = re.compile(rb"\r?\n")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^"'\s;,]+)""", re.I)


@dataclass(frozen=True)
class Head:
    """Status and headers (names in lower case) of a response, and where its body begins."""

    status: int
    headers: dict[str, str]
    body: int

    def listed(self, name: str) -> list[str]:
        """The members of a header that is a list, in lower case."""
        return [word for part in self.headers.get(name, "").split(",") if (word := part.split(";")[0].strip().lower())]


def head_of(block: bytes) -> Head | None:
    """The head of the last response in `block`; None if it does not begin with a response or the head is incomplete."""
    at, status = 0, 100
    while 100 <= status < 200 and (line := _STATUS.match(block, at)):
        status = int(line[1])
        if not (end := _END.search(block, line.end())):
            return None
        fields, at = _FOLD.sub(b" ", block[line.end() : end.start()]), end.end()
    return Head(status, _headers(fields), at) if at else None


def begins(block: bytes) -> bool:
    """Whether `block` begins with the status line of a response."""
    return _STATUS.match(block) is not None


def _headers(fields: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in fields.split(b"\n")[1:]:
        name, colon, value = line.decode("latin-1").partition(":")
        key, said = name.strip().lower(), value.strip()
        if colon and key:
            # A header on several lines is one list. A page has one type: the last non-empty one, as in browsers.
            one = key == "content-type"
            headers[key] = (said or headers.get(key, "")) if one or key not in headers else f"{headers[key]}, {said}"
    return headers


def media_type(said: str) -> str:
    """`text/html` of `Text/HTML; charset=utf-8`."""
    return re.split(r"[;,\s]", said.strip().strip("\"'"), maxsplit=1)[0].lower()


def charset(said: str) -> str:
    """`utf-8` of `text/html; charset=UTF-8`; "" without a charset."""
    found = _CHARSET.search(said)
    return found[1].lower() if found else ""


def dechunked(body: bytes) -> tuple[bytes, bool]:
    """The content of the chunks of `body` and whether they are complete; `body` itself if it has no chunks."""
    parts: list[bytes] = []
    at = 0
    while line := _CHUNK.match(body, at):
        size = int(line[1], 16)
        if not size:
            return b"".join(parts), True  # trailers may follow
        part = body[line.end() : line.end() + size]
        parts.append(part)
        if len(part) < size:
            # Truncated; or, in the first line and with a line break that no server sends, text that begins with a
            # number.
            return (b"".join(parts), False) if len(parts) > 1 or line[0].endswith(b"\r\n") else (body, True)
        at = line.end() + size
        if not (newline := _NEWLINE.match(body, at)):
            if len(parts) == 1 and at < len(body):
                return body, True  # text whose first line looks like a size
            return b"".join(parts), False
        at = newline.end()
    return (b"".join(parts), False) if parts else (body, True)

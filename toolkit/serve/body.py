"""Requests -> pages: bodies within their limits, JSON checked by hand.

By hand, because pages come with half surrogate pairs, which pydantic refuses, and because a bad page of a batch must
not fail the others.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from ..classify.layout import TextFormat
from ..page import Format
from ..readers.http_message import media_type
from ..support.text import counted
from .errors import Refused
from .shapes import LONGEST_ID, LONGEST_TYPE, LONGEST_URL
from .work import Ask

if TYPE_CHECKING:
    from starlette.requests import Request

BODY_SECONDS = 60.0  # for sending a body
# The last two are what curl and others say of bytes that they know nothing about.
_RAW = (
    "text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", "",
    "application/octet-stream", "application/x-www-form-urlencoded",
)  # fmt: skip
# name=value&name=value, as forms are sent: no page, which has a tag or a space.
_FORM = re.compile(rb"[\w.\[\]-]+=[^\s<&]*(?:&[\w.\[\]-]+=[^\s<&]*)*")
_FORMATS: tuple[Format, ...] = ("html", "text")
_FIELDS = ("html", "text", "url", "id", "content_type")
_ANNOTATES = ("annotate",)
_EXTRACTS = ("keep", "format", "visible", "min_probability")  # fields that only the extraction of text has


async def read_body(request: Request, most: int) -> bytes:
    """The body; Refused with 413 as soon as it is known to be too large, with 408 where it takes too long."""
    too_large = Refused(
        413, f"the body has more than {counted(most, 'byte')}; send fewer or smaller pages, or start with --max-bytes"
    )
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise too_large
    if request.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise Refused(415, "send the body without Content-Encoding; a gzipped page itself is fine")
    parts: list[bytes] = []
    size = 0
    from starlette.requests import ClientDisconnect  # extra

    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise too_large
                parts.append(part)
    except ClientDisconnect:  # no one reads this answer, but it is no internal error
        raise Refused(400, "the connection ended before the body did") from None
    except TimeoutError:
        raise Refused(408, f"the body did not come within {BODY_SECONDS:g} seconds") from None
    return b"".join(parts)


def is_json(request: Request) -> bool:
    """Whether the request declares a JSON body."""
    return media_type(_type(request)) == "application/json"


def read_json(content: bytes) -> dict[str, Any]:
    """A JSON object; Refused with 400 for anything else."""
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON ({str(error) or type(error).__name__:.200})") from None
    if not isinstance(given, dict):
        raise Refused(422, f"give a JSON object, not {_named(given)}")
    return given


def raw_page(request: Request, content: bytes, id: str, *, url: str) -> Ask:
    """A page that is the body itself."""
    kind = media_type(said := _type(request))
    if kind not in _RAW:
        raise Refused(415, f"{kind:.100} is not a page; send application/json, text/html or text/plain")
    if kind == "application/x-www-form-urlencoded" and _FORM.fullmatch(content):
        raise Refused(
            415, 'the body is a form; send the page itself (curl --data-binary @page.html), or JSON: {"html": "..."}'
        )
    return Ask(content, id or "page", "page", None, url, said)


def refuse_unknown_parameters(request: Request, known: Iterable[str]) -> None:
    """Refused with 422 for a query parameter that the path does not have: it would be ignored."""
    known = list(known)
    if unknown := [name for name in request.query_params if name not in known]:
        has = f"known are {', '.join(known)}" if known else "this path has none"
        raise Refused(422, f"unknown query parameter {unknown[0]!r:.100}; {has}")


def json_page(given: Any, extracts: bool = False, annotates: bool = False) -> Ask:
    """A page of a JSON body. One without content, but with an address, is to be fetched. Refused with 422 for what is
    no page.
    """
    if not isinstance(given, dict):
        raise Refused(422, f"a page is a JSON object, not {_named(given)}")
    known = _FIELDS + (_EXTRACTS if extracts else ()) + (_ANNOTATES if annotates else ())
    if unknown := [name for name in given if name not in known]:
        raise Refused(422, f"unknown key {unknown[0]!r:.100}; known are {', '.join(known)}")
    for name in known:
        if name not in _EXTRACTS + _ANNOTATES and name in given and not isinstance(given[name], str):
            raise Refused(422, f"{name} is text, not {_named(given[name])}")
    id, url, said = given.get("id", "page"), given.get("url", ""), given.get("content_type", "")
    if not 1 <= len(id) <= LONGEST_ID:
        raise Refused(422, f"id has 1 to {LONGEST_ID} characters")
    if len(url) > LONGEST_URL:
        raise Refused(422, f"url has at most {LONGEST_URL} characters")
    if len(said) > LONGEST_TYPE:
        raise Refused(422, f"content_type has at most {LONGEST_TYPE} characters")
    kinds: list[Format] = [name for name in _FORMATS if name in given]
    if len(kinds) > 1:
        raise Refused(422, "give html or text, not both")
    keep = given.get("keep")
    if keep is not None and not (isinstance(keep, list) and keep and all(isinstance(name, str) for name in keep)):
        raise Refused(422, 'keep is a list of labels, as in ["article"]')
    kept = None if keep is None else tuple(keep)
    format, visible = given.get("format"), given.get("visible")
    if "format" in given and format not in get_args(TextFormat):
        raise Refused(422, f"format is {' or '.join(get_args(TextFormat))}")
    annotate = given.get("annotate", False)
    for name, value in (("visible", visible), ("annotate", annotate)):
        if name in given and not isinstance(value, bool):
            raise Refused(422, f"{name} is true or false, not {_named(value)}")
    least = given.get("min_probability")
    if "min_probability" in given and (isinstance(least, bool) or not isinstance(least, (int, float, dict))):
        raise Refused(422, f"min_probability is a number or an object of numbers, not {_named(least)}")
    wanted = (kept, format, visible, annotate, least)
    if kinds:
        return Ask(given[kinds[0]], id, "page", kinds[0], url, said, *wanted)
    if "url" not in given:
        raise Refused(422, "give html, text, or the url of a page")
    if not is_web(url):
        raise Refused(422, "url is not an http(s) address")
    return Ask(b"", id if "id" in given else "", url, None, url, "", *wanted)


def is_web(url: str) -> bool:
    """Whether `url` is an http(s) address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _type(request: Request) -> str:
    said: str = request.headers.get("content-type", "")
    return said[:LONGEST_TYPE]


def _named(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")

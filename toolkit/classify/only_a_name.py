"""Refuses a path or an address given instead of a page: a common mistake, which would silently give no text."""

from __future__ import annotations

import os
import re

from ..errors import PageblocksError, UsageError

_PLACE = re.compile(r"(?i)[a-z][a-z0-9+.-]+://\S+|(?:hub|data|mailto):\S+|www\.\S+")
_NAME = re.compile(
    r"(?i)[^\s<>]*\.(?:x?html?|txt|text|warc|wet|jsonl|ndjson|json|parquet|csv|tsv|pdf|mht|mhtml|zip)(?:\.(?:gz|zst|bz2|xz))?"
)
_LONGEST_NAME = 4096  # characters


def refuse_name(page: str | bytes) -> None:
    """Raise UsageError if the text is one path or one address."""
    if len(page) > _LONGEST_NAME:
        return
    name = (page if isinstance(page, str) else page.decode("utf-8", "replace")).strip()
    if not name or "<" in name or "\n" in name or "\r" in name or "\0" in name:
        return
    if _PLACE.fullmatch(name):
        raise only_a_name(name, "address")
    if _NAME.fullmatch(name) or _is_file(name):
        raise only_a_name(name, "path")


def _is_file(name: str) -> bool:
    try:
        return os.path.isfile(name) or (os.sep in name and os.path.isdir(name))
    except (OSError, ValueError):
        return False


def only_a_name(name: str, what: str) -> PageblocksError:
    """The error for `name`, which is a `what` ("path", "address")."""
    return UsageError(
        f"{name!r:.200} is the {what} of a page; a page is str, bytes, Page or Blocks: give its HTML or text, or read "
        "it with "
        "pageblocks.read_pages([...]) and give that to classify_many"
    )

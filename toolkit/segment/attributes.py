"""The attributes that the walk reads: names, addresses of links, and how an element is displayed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..page import Flag
from .columns import Container
from .elements import PREFORMATTED, ROLE
from .flow import beside_formula, hides, parts

_SPACED = re.compile(r"white-space(?:-collapse)?\s*:\s*(?:pre|break-spaces)", re.I).search
NAMING = frozenset(("class", "id", "role", "itemprop", "data-testid", "aria-label", "rel"))
READ = NAMING | {"href", "style", "hidden", "popover"}
READ_ALL = READ | {"aria-hidden"}
HIDDEN = int(Flag.HIDDEN)
# Marks of one element beside its flags: its style makes it a block; it repeats a formula.
APART, REPEATED = 1 << 29, 1 << 30

Attributes = Mapping[str, str | None]


def shown(node: Any, key: str, value: str | None, *, styles: dict[str, int]) -> int:
    """The flags that an attribute of READ_ALL adds, if it is neither a name nor an address."""
    if key == "style":
        if not value:
            return 0
        if value not in styles:
            spaced = PREFORMATTED if _SPACED(value) else 0
            styles[value] = spaced | (HIDDEN if hides(value) else APART if parts(value) else 0)
        return styles[value]
    if key == "aria-hidden":
        return REPEATED if value == "true" and beside_formula(node) else 0
    return HIDDEN  # hidden, popover


def body_container(attributes: Attributes) -> Container:
    """The properties of blocks that are directly in the body."""
    own = " ".join(value for key, value in attributes.items() if value and key in NAMING)
    flags = ROLE.get(attributes.get("role") or "", 0)
    if "hidden" in attributes or hides(attributes.get("style") or ""):
        flags |= HIDDEN
    return "body", "", own, flags, 0

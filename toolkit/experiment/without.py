"""Ablation: pages with something taken away before any model sees them. What a model loses then is what that was worth
to it.

Done to the blocks and not inside the model, so that it says the same of any model, whatever it makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from ..page import Blocks

_LETTERS = re.compile(r"[^\W\d_]")


def _words(page: Blocks) -> Blocks:
    """Every letter is an x: lengths, digits and punctuation stay."""
    return replace(page, text=[_LETTERS.sub("x", text) for text in page.text])


def _names(page: Blocks) -> Blocks:
    return replace(page, names=[""] * len(page))


def _links(page: Blocks) -> Blocks:
    return replace(page, href=[""] * len(page), link_density=[0.0] * len(page))


def _tags(page: Blocks) -> Blocks:
    """Tags, paths and what follows from them; hidden text is then treated as shown."""
    n = len(page)
    return replace(page, tag=["div"] * n, path=["div"] * n, flags=[0] * n, depth=[0] * n)


def _headings(page: Blocks) -> Blocks:
    return replace(page, heading=[-1] * len(page), title="")


def _containers(page: Blocks) -> Blocks:
    return replace(page, parent=[0] * len(page), above=[0])


GROUPS: dict[str, Callable[[Blocks], Blocks]] = {
    "words": _words,
    "names": _names,
    "links": _links,
    "tags": _tags,
    "headings": _headings,
    "containers": _containers,
    "page": lambda page: page,  # done by `cut`
}


def cut(page: Blocks, without: Sequence[str]) -> list[Blocks]:
    """The page without these groups. Without "page" each block is a page of its own: no neighbours, no place, no
    repetition.
    """
    for name in sorted(set(without)):
        page = GROUPS[name](page)
    return [_alone(page, i) for i in range(len(page))] if "page" in without else [page]


def _alone(page: Blocks, i: int) -> Blocks:
    columns = {
        f.name: getattr(page, f.name)[i : i + 1] for f in fields(page) if isinstance(getattr(page, f.name), list)
    }
    return replace(page, **columns | {"heading": [-1], "parent": [0], "above": [0]})


def cut_all(pages: Sequence[Blocks], targets: Sequence[Any], without: Sequence[str]) -> tuple[list[Blocks], list[Any]]:
    """Pages and what is known of their blocks, cut alike."""
    if not without:
        return list(pages), list(targets)
    parts = [cut(page, without) for page in pages]
    if "page" not in without:
        return [part for some in parts for part in some], list(targets)
    return [part for some in parts for part in some], [[value] for known in targets for value in known]

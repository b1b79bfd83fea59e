"""The data of the error browser: every wrong block in its page, most costly first, within a budget of bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from ..errors import Mismatch
from ..page import Blocks
from ..support.text import counted, encode_utf8

AROUND = 8  # neighbours kept on each side; the page shows three and opens the rest on demand
LONGEST, LONGEST_NEIGHBOUR, LONGEST_FAR = 900, 280, 100  # characters
ROW = 30  # bytes of a block besides its text
CARD = 40  # and of a card besides its blocks
BUDGET = 4_300_000  # bytes of data: the file stays under 5 MB
ERRORS_BUDGET = 3_300_000  # of these, for wrong blocks and their neighbours


@dataclass(frozen=True)
class Browser:
    """`data` goes into the file as JSON; `errors` wrong blocks are shown, `left_out` did not fit. Of all wrong blocks,
    `doubtful` have a doubtful label.
    """

    data: dict[str, Any]
    errors: int
    left_out: int
    doubtful: int
    has_confidence: bool


class Wrong(NamedTuple):
    """Wrong blocks of one page with the same text and the same mistake: one card. `blocks` are in page order."""

    page: int
    blocks: list[int]
    confidence: float
    why: str  # the label is doubtful, "" if it is not


def error_browser(
    pages: Sequence[Blocks],
    gold: Sequence[Sequence[str | None]],
    predicted: Sequence[Sequence[str]],
    *,
    probabilities: Sequence[NDArray[np.floating]] | None,
    labels: Sequence[str],
    classes: Sequence[str],
    tasks: Mapping[str, str],
    doubts: Mapping[tuple[int, int], str] | None = None,
) -> Browser:
    """Wrong blocks by cost: the most confident first, among equals the longest.

    A page in `data`: {id, title, site, url, task, size, blocks: {index: [text, gold, predicted, confidence, tag]}};
    labels are numbers. An error: [page, indices of its blocks, hash of their text, why the label is doubtful]. Blocks
    far from any wrong one come in shortened, page by page, as long as the budget lasts.
    """
    _fit(pages, gold, predicted, probabilities=probabilities)
    code = {label: i for i, label in enumerate(labels)}
    column = {label: i for i, label in enumerate(classes)}

    def confidence(page: int, block: int) -> float | None:
        where = column.get(predicted[page][block])
        return None if probabilities is None or where is None else round(float(probabilities[page][block][where]), 3)

    def row(page: int, block: int, text: str) -> list[Any]:
        true, guess = gold[page][block], code[predicted[page][block]]
        return [text, -1 if true is None else code[true], guess, confidence(page, block), pages[page].tag[block]]

    wrong = _cards(pages, gold, predicted, confidence=confidence, doubts=doubts or {})
    out: dict[int, dict[str, Any]] = {}
    errors: list[tuple[int, list[int], str, str]] = []
    spent = shown = 0
    for p, blocks, _, why in wrong:
        if spent > ERRORS_BUDGET:
            break
        page = pages[p]
        entry = out.get(p)
        if entry is None:
            entry = out[p] = _page(page, tasks)
            spent += 100 + _bytes(entry["title"] + entry["url"] + entry["task"])
        first = blocks[0]
        for i in (*range(max(0, first - AROUND), min(len(page), first + AROUND + 1)), *blocks[1:]):
            known = entry["blocks"].get(i)
            if known is None or (i == first and len(known[0]) <= LONGEST_NEIGHBOUR + 1):
                text = cut(page.text[i], LONGEST if i == first else LONGEST_NEIGHBOUR)
                entry["blocks"][i] = row(p, i, text)
                spent += _bytes(text) + ROW
        errors.append((p, blocks, page.hashes[first], why))
        spent += CARD + _bytes(why)
        shown += len(blocks)
    for p, entry in out.items():
        page, known = pages[p], entry["blocks"]
        rest = {i: cut(page.text[i], LONGEST_FAR) for i in range(len(page)) if i not in known}
        spent += sum(_bytes(text) + ROW for text in rest.values())
        if spent > BUDGET:
            break  # the costliest pages have all their blocks; of the others the neighbours are there
        known.update({i: row(p, i, text) for i, text in rest.items()})
    place = {p: n for n, p in enumerate(out)}
    return Browser(
        data={
            "labels": list(labels),
            "pages": list(out.values()),
            "errors": [[place[p], blocks, digest, why] for p, blocks, digest, why in errors],
        },
        errors=shown,
        left_out=sum(len(card.blocks) for card in wrong) - shown,
        doubtful=sum(len(card.blocks) for card in wrong if card.why),
        has_confidence=probabilities is not None,
    )


def _cards(
    pages: Sequence[Blocks],
    gold: Sequence[Sequence[str | None]],
    predicted: Sequence[Sequence[str]],
    *,
    confidence: Callable[[int, int], float | None],
    doubts: Mapping[tuple[int, int], str],
) -> list[Wrong]:
    """The wrong blocks, most costly first. Equal ones of a page are one, with the cost of the costliest."""
    alike: dict[tuple[int, str, str | None, str, bool], list[int]] = {}
    for p, (true, guess) in enumerate(zip(gold, predicted, strict=True)):
        for b, (x, y) in enumerate(zip(true, guess, strict=True)):
            if x is not None and x != y:
                alike.setdefault((p, pages[p].hashes[b], x, y, (p, b) in doubts), []).append(b)
    made = [
        Wrong(key[0], blocks, max(confidence(key[0], b) or 0.0 for b in blocks), doubts.get((key[0], blocks[0]), ""))
        for key, blocks in alike.items()
    ]
    return sorted(made, key=lambda e: (-e.confidence, -len(pages[e.page].text[e.blocks[0]]), e.page, e.blocks))


def _page(page: Blocks, tasks: Mapping[str, str]) -> dict[str, Any]:
    url = page.page.url
    return {
        "id": page.page.id,
        "title": cut(page.title, 160),
        "site": page.page.site or page.page.id,
        "url": safe_url(url),
        "task": safe_url(tasks.get(page.page.id, "")),
        "size": len(page),
        "blocks": {},
    }


def safe_url(url: str) -> str:
    """The address if a click on it can do no harm (http, https), else nothing: a page's address comes from outside."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def _bytes(text: str) -> int:
    """What a text takes in the file, where a few characters are written as six so that they end nothing."""
    return len(encode_utf8(json.dumps(text, ensure_ascii=False))) + 5 * sum(map(text.count, "<>&"))


def cut(text: str, longest: int) -> str:
    """The text, shortened to `longest` characters."""
    return text if len(text) <= longest else text[:longest].rstrip() + "…"


def _fit(
    pages: Sequence[Blocks],
    gold: Sequence[Sequence[str | None]],
    predicted: Sequence[Sequence[str]],
    *,
    probabilities: Sequence[NDArray[np.floating]] | None,
) -> None:
    given: dict[str, Sequence[Sized] | None] = {"gold": gold, "predicted": predicted, "probabilities": probabilities}
    for name, lists in given.items():
        if lists is None:
            continue
        if len(lists) != len(pages):
            raise Mismatch(f"the report has {counted(len(pages), 'page')} and {name} has {len(lists)}")
        for page, values in zip(pages, lists, strict=True):
            if len(values) != len(page):
                raise Mismatch(f"page {page.page.id} has {counted(len(page), 'block')}, {name} has {len(values)}")

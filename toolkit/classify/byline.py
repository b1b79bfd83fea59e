"""Finds the headline and the byline of a story by rules on its blocks, in any language.

Some corpora need the body alone. The labels do not separate it from headline and byline, so these are found by heading
tags, likeness to the page's title, class names, dates, and their place before the first paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ..page import Blocks, Flag

_WORD = re.compile(r"\w+")
_LONG = 20  # words of a paragraph; in languages without spaces, three characters count as a word
_LONGEST_BYLINE = 30
_LONGEST_DATE = 12  # a longer text with a date in it is a sentence
_LONGEST_KICKER = 8
_NEAR = 6  # class names nearest to a block describe it; those farther up describe the whole story
_LIKE = 0.5  # likeness to the title, from 0 to 1
_SURE = 0.75
_H1 = 0.25  # added to the likeness of an h1

_CJK = re.compile(r"[\u2e80-\ud7af]")
_NAMES = re.compile(
    r"(?i)(?:^|[\s_-])(?:by-?line|authors?|autore?s?|autoren|auteurs?|kirjoittaja|dateline|date-?time|date|datum|fecha|data|time-?stamp|time"
    r"|timeago|published|pub-?date|posted-on|entry-meta|post-meta|article-meta|article__meta|meta-?info|reading-?time|read-?time"
    r"|contributors?|journalist|redakteur|writer|credits?|signature|firma|attribution|updated|sources?|agency)(?:$|[\s_-])"
)
_BY = re.compile(
    r"(?i)^(?:by|von|par|por|di|da|de|door|av|af|przez|autor(?:in)?|text|tekst|skrevet av|автор|от|od|yazan|oleh"
    r"|بقلم|كتب|द्वारा)\b[:\s]+\S"
)
_MONTH = (
    r"(?:jan|feb|mar|mär|mrz|apr|may|mai|maj|mei|jun|jul|aug|sep|oct|okt|out|nov|dec|dez|des|déc|ene|abr|ago|dic|set|ott|gen|mag|giu|lug"
    r"|fév|avr|jui|aoû|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|oca|şub|nis|haz"
    r"|tem|ağu|eyl|eki|kas|ara|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)"
)
_DATE = re.compile(
    rf"(?i)\b\d{{1,4}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{2,4}}\b|\b\d{{1,2}}(?:\.|st|nd|rd|th|er|º)?\s*(?:de\s+)?{_MONTH}\w*"
    rf"|\b{_MONTH}\w*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b|\d{{4}}\s?[年년]|\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일]"
    r"|\b\d{1,2}[:.h]\d{2}\b\s?(?:uhr|am|pm|utc|gmt|est|edt|cet|ist|wib)?|\b\d+\s*(?:min|minutes?|minuten|хв|мин)\b"
    r"|\d{2,4}[/-][٠-٩\d]{1,2}[/-]|[٠-٩]{1,2}[/-][٠-٩]{1,2}"
)


def headline(blocks: Blocks, chosen: Collection[int] | None = None) -> set[int]:
    """Indices of the headline of the story and the kicker above it; empty if no headline is found.

    `chosen` are the indices of the blocks of the story, None for all. The headline is, in this order, the heading above
    the first paragraph that is most like the page's title, an `h1` there, any block there that is very like the title,
    or any heading that is.
    """
    among = sorted(range(len(blocks)) if chosen is None else chosen)
    title = _words(blocks.title)
    first = _first_paragraph(blocks, among)
    top = [i for i in among if first is None or i < first]
    best = _likest(blocks, [i for i in top if _is_heading(blocks, i)], title, _LIKE)
    if best is None:
        best = next((i for i in top if blocks.tag[i] == "h1"), None)
    if best is None:
        best = _likest(blocks, top, title, _SURE)
    if best is None:
        best = _likest(blocks, [i for i in among if _is_heading(blocks, i)], title, _SURE)
    if best is None:
        return set()
    said = _words(blocks.text[best])
    found = {best} | {i for i in top if _words(blocks.text[i]) == said}
    if first is None or best < first:
        found |= {i for i in top if i < best and _size(blocks.text[i]) <= _LONGEST_KICKER}
    return found


def _likest(blocks: Blocks, among: Sequence[int], title: list[str], least: float) -> int | None:
    scored = [
        (likeness + _H1 * (blocks.tag[i] == "h1"), -i)
        for i in among
        if (likeness := _likeness(blocks.text[i], title)) >= least
    ]
    return -max(scored)[1] if scored else None


def byline(blocks: Blocks, chosen: Collection[int] | None = None) -> set[int]:
    """Indices of the short blocks near the headline, up to the first or second paragraph, with author, place and date.

    `chosen` as for `headline`. Such a block is a `time` or `address` element, has a class name like `byline`, contains
    a date, or begins as bylines do ("By", "Von", "Par").
    """
    among = sorted(range(len(blocks)) if chosen is None else chosen)
    top = headline(blocks, among)
    found = set()
    paragraphs = 0
    for i in among:
        if i in top:
            continue
        if _is_byline(blocks, i, paragraphs == 0):
            found.add(i)
        elif i > min(top, default=-1) and _is_paragraph(blocks, i):
            paragraphs += 1
            if paragraphs == 2:  # the first may be a standfirst, with the byline below it
                break
    return found


def _is_byline(blocks: Blocks, i: int, top: bool) -> bool:
    text, size = blocks.text[i], _size(blocks.text[i])
    if size > _LONGEST_BYLINE:
        return False
    if top and size <= _LONGEST_DATE and _DATE.search(text):
        return True
    if _is_heading(blocks, i):
        return False
    own = " ".join(blocks.names[i].split()[:_NEAR])
    return bool(blocks.tag[i] in ("time", "address") or _NAMES.search(own) or (top and _BY.match(text)))


def _is_paragraph(blocks: Blocks, i: int) -> bool:
    return (
        not _is_heading(blocks, i)
        and _size(blocks.text[i]) >= _LONG
        and not (blocks.tag[i] != "p" and _is_byline(blocks, i, True))
    )


def _first_paragraph(blocks: Blocks, among: Sequence[int]) -> int | None:
    return next((i for i in among if _is_paragraph(blocks, i)), None)


def _is_heading(blocks: Blocks, i: int) -> bool:
    return bool(blocks.flags[i] & Flag.HEADING)


def _size(text: str) -> int:
    return len(text.split()) if not _CJK.search(text) else len(text) // 3


def _words(text: str) -> list[str]:
    text = text.lower()
    return _CJK.findall(text) + _WORD.findall(_CJK.sub(" ", text))


def _likeness(text: str, title: list[str]) -> float:
    """Share of the words of `text` that the title has; half of it if these are under 40 % of the title's own words.

    Titles often end with the site's name.
    """
    words = _words(text)
    if len(words) < 2 or not title:
        return 0.0
    here, there = set(words), set(title)
    shared = len(here & there)
    return shared / len(here) if shared >= 0.4 * len(there) else 0.5 * shared / len(here)

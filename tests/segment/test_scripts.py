"""Whether a broken line is a space: one answer for HTML and for plain text."""

from __future__ import annotations

import re
import sys
from unicodedata import category, east_asian_width, name

import pytest

from toolkit.page import Page
from toolkit.segment import segment
from toolkit.segment.invisible import UNSEEN, visible
from toolkit.segment.scripts import NARROW, WIDE, is_narrow, is_spaceless, is_wide, join
from toolkit.segment.whitespace import LINE, SEAM, is_uncommon


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("道を行く", "と見える", "道を行くと見える"),
        ("道を行く、", "Linuxの", "道を行く、 Linuxの"),
        ("Linux", "の道", "Linux の道"),
        ("道は…", "そして", "道は…そして"),
        ("他说：", "“好”", "他说：“好”"),
        ("“好”", "他说", "“好”他说"),
        ("路很长——", "桥很短", "路很长——桥很短"),
        ("방앗간은", "다리", "방앗간은 다리"),
        ("방앗간", "水車", "방앗간 水車"),
        ("방앗간은…", "다리", "방앗간은… 다리"),
        ("ﾊﾝ", "ｶｸ", "ﾊﾝｶｸ"),
        ("สะพาน", "และ", "สะพานและ"),
        ("สะพาน", "Linux", "สะพาน Linux"),
        ("ស្ពាន", "ទឹក", "ស្ពានទឹក"),
        ("ꦗꦩ꧀", "ꦧꦠꦤ꧀", "ꦗꦩ꧀ꦧꦠꦤ꧀"),
        ("ꆈꌠ", "ꁱꂷ", "ꆈꌠꁱꂷ"),
        ("水車😀", "😀水車", "水車😀 😀水車"),
        ("naïve", "étude", "naïve étude"),
        ("said…", "“no”", "said… “no”"),
        ("мельница", "у моста", "мельница у моста"),
    ],
)
def test_a_broken_line_is_a_space_where_words_are_parted_by_spaces(first: str, second: str, joined: str) -> None:
    assert join([first, second]) == joined
    for broken in ("\n", " \n  ", "\r\n\t\n"):
        assert segment(Page("t", "t.html", f"<p>{first}{broken}{second}</p>".encode())).text == [joined]
        assert segment(Page("t", "t.html", f"<p>{first}{broken}<i>{second}</i></p>".encode())).text == [joined]


def test_wide_signs_are_those_of_unicode() -> None:
    """But for Hangul, emoji, and a few that are no part of any text."""
    other = re.compile("HANGUL|WON SIGN|HALFWIDTH|SQUARE|CIRCLED IDEOGRAPH|ANGLE BRACKET|CIRCLED NUMBER|HEXAGRAM|INDEX")
    wrong = [
        name(sign, hex(ord(sign)))
        for sign in map(chr, range(0x80, sys.maxunicode))
        if category(sign) not in ("Cn", "Cs", "So", "Sk", "Sm")
        and bool(is_wide(sign)) != (east_asian_width(sign) in "WFH" and not other.search(name(sign, "")))
        and not other.search(name(sign, ""))
    ]
    assert not wrong


def test_no_script_with_spaces_is_taken_for_one_without() -> None:
    spaced = "aß Ω ж א ش देवनागरी বাংলা தமிழ் ქართული አማርኛ 한국어 ᠮᠣᠩᠭᠣᠯ ꕙ 😀 №"
    assert not [sign for sign in spaced if is_spaceless(sign)]
    assert all(map(is_narrow, "ไทลາວབོགမြខ្ᥖᦺᨲᬅꦗꪼ"))
    assert all(map(is_wide, "漢かカ、ｶ　ㄅꆈ𠀀"))


def test_the_quick_looks_miss_nothing() -> None:
    """They look at wider ranges than need be, for speed."""
    uncommon = re.compile(f"[{LINE}-{SEAM}{UNSEEN}{NARROW}{WIDE}]").match
    unseen = re.compile(f"[{UNSEEN}]").match
    signs = [chr(number) for number in range(0x80, sys.maxunicode)]
    assert not [sign for sign in signs if uncommon(sign) and not is_uncommon(sign)]
    assert not [sign for sign in signs if unseen(sign) and visible(sign) == sign]

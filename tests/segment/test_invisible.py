"""What nobody sees leaves the text; what shapes the letters and emoji around it stays."""

from __future__ import annotations

import re

import pytest

from toolkit.segment.invisible import visible

GONE = {
    "soft hyphens": ("Donau\u00addampf\u00adschiff", "Donaudampfschiff"),
    "zero-width spaces": ("แม่น้ำ\u200bสาย\u200bใหญ่", "แม่น้ำสายใหญ่"),
    "word joiner": ("re\u2060sume", "resume"),
    "byte-order mark": ("\ufeffThe mill", "The mill"),
    "invisible operators": ("f\u2061(x)\u2062y", "f(x)y"),
    "marks around a number": ("call \u202a+49 30 1234\u202c now", "call +49 30 1234 now"),
    "joiner between words": ("one \u200c two\u200d", "one  two"),
    "grapheme joiners of a preheader": ("\u034f \u200c \u034f \u200c", "   "),
    "second selector": ("\u2764\ufe0f\ufe0f\U000e0101", "\u2764\ufe0f"),
    "selector of nothing": (" \ufe0f ", "  "),
    "tags that spell no flag": ("Hello\U000e0048\U000e0069", "Hello"),
    "joiners in a row": ("می\u200c\u200cروم", "می\u200cروم"),
    "Hangul filler": ("\u3164", " "),
    "blank Braille": ("\u2800\u2800", "  "),
    "Mongolian separator in Latin": ("a\u180eb", "ab"),
}
STAYS = {
    "Persian": "می\u200cخواهم کتاب\u200cها را ببینم ۵\u200cشنبه",
    "Persian letter as it begins a word": "ه\u200d.ش",
    "Malayalam chillu at the end": "അവന\u0d4d\u200d പോയി",
    "Sinhala": "ශ\u0dca\u200dරී",
    "German ligature": "Auf\u200clage",
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "profession with a skin tone": "\U0001f469\U0001f3fd\u200d\U0001f680",
    "heart on fire": "\u2764\ufe0f\u200d\U0001f525",
    "shaking head": "\U0001f642\u200d\u2194\ufe0f",
    "keycap": "1\ufe0f\u20e3",
    "ideographic variant": "葛\U000e0100城",
    "Scotland": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "Hebrew with marks": "שלום \u200fABC\u200e!",
    "Mongolian": "ᠬᠠᠷ\u180eᠠ",
    "old Korean": "\u1112\u1160\u11ab",
    "Braille": "\u2813\u2800\u2811",
}


@pytest.mark.parametrize(("text", "right"), GONE.values(), ids=GONE)
def test_what_nobody_sees_is_gone(text: str, right: str) -> None:
    assert visible(text) == right


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_what_shapes_its_neighbours_stays(text: str) -> None:
    assert visible(text) == text


def test_all_ignorable_characters_alone_leave_nothing() -> None:
    """DerivedCoreProperties.txt, Default_Ignorable_Code_Point, Unicode 16."""
    ranges = """00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0
    FFF0-FFF8
        1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"""
    for first, last in re.findall(r"(\w+)(?:-(\w+))?", ranges):
        for number in range(int(first, 16), int(last or first, 16) + 1):
            assert not visible(chr(number)).strip(), hex(number)
            assert visible(f"The {chr(number)} mill").split() == ["The", "mill"], hex(number)


def test_text_without_them_is_the_same_object() -> None:
    for text in ("The old mill", "Die alte Mühle", "古い水車"):
        assert visible(text) is text

"""What a page draws twice is in its text once; what is said again stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.classify.repeats import once


def text(sign: str) -> str:
    """A paragraph for a capital letter, a short line for a small one."""
    return f"The paragraph that is called {sign}, and it is a long one" if sign.isupper() else sign


def kept(signs: str) -> str:
    return "".join(signs[i] for i in once([text(sign) for sign in signs], range(len(signs))))


@pytest.mark.parametrize(
    ("drawn", "wanted"),
    [
        ("AB" "AB", "AB"),  # the story in two containers
        ("AABB", "AB"),  # each paragraph twice
        ("ABC" * 3, "ABC"),
        ("hABxC" "hABxC", "hABxC"),  # the short lines of a copy go with it
        ("hAB" "AB" "C", "hABC"),  # the copy has no headline
        ("VRWRX" "VRWRX", "VRWRX"),  # a song drawn twice
        ("RVRWR" "RVRWR", "RVRWR"),  # and one that begins and ends with its refrain
        ("AABB" "AABB", "AB"),
        ("AxBABx" "AxBABx", "AxBABx"),  # all of it twice, and each paragraph twice in it
    ],
)  # fmt: skip
def test_two_copies_beside_each_other_are_layout(drawn: str, wanted: str) -> None:
    assert kept(drawn) == wanted


@pytest.mark.parametrize(
    "said",
    ["VRWRXR", "RVRWR", "ABCA", "AxA", "xx", "xyxy", "xyAxy", "VRVSVRWS"],  # R: a refrain
)
def test_what_comes_again_after_other_text_stays(said: str) -> None:
    assert kept(said) == said


@pytest.mark.parametrize(
    "sentence",
    [
        "The night ferry left the harbour on Monday with ninety on board.",
        "Ночной паром вышел из гавани в понедельник, на борту девяносто человек.",
        "渡船星期一晚上离开了港口，船上有九十名乘客，大多数是回家的岛民。",
        "夜の渡し船は月曜日に港を出て、九十人の乗客を島へ運びました。",
        "밤 여객선이 월요일에 항구를 떠났다. 승객은 모두 아흔 명이었다.",
        "เรือข้ามฟากออกจากท่าเมื่อวันจันทร์พร้อมผู้โดยสารเก้าสิบคนที่กำลังกลับบ้าน",
        "ເຮືອຂ້າມຟາກອອກຈາກທ່າໃນວັນຈັນພ້ອມກັບຜູ້ໂດຍສານເກົ້າສິບຄົນທີ່ກັບບ້ານ",
        "សាឡាងបានចាកចេញពីកំពង់ផែនៅថ្ងៃច័ន្ទជាមួយនឹងអ្នកដំណើរកៅសិបនាក់",
        "ညသင်္ဘောသည်တနင်္လာနေ့တွင်ဆိပ်ကမ်းမှခရီးသည်ကိုးဆယ်နှင့်ထွက်ခွာခဲ့သည်",
        "གྲུ་གཟིངས་དེ་གཟའ་ཟླ་བའི་ཉིན་མི་དགུ་བཅུ་དང་མཉམ་དུ་གྲུ་ཁ་ནས་ཐོན་སོང་།",
    ],
)
def test_every_script(sentence: str) -> None:
    short = sentence.split()[0][:6]
    assert once([sentence, short, sentence, short], range(4)) == [0, 1]
    assert once([short, short], range(2)) == [0, 1]
    assert once([sentence, f"{short}!" * 30, sentence], range(3)) == [0, 1, 2]


def test_white_space_and_case_do_not_make_another_text() -> None:
    verse = "The tide comes in and lifts the boats,\n  and all the ropes hang slack"
    assert once([verse, " ".join(verse.upper().split())], range(2)) == [0]


def test_blocks_that_were_not_chosen_may_stand_between_while_they_are_short() -> None:
    assert once([text("A"), "Share", text("A")], [0, 2]) == [0]
    assert once([text("A"), text("B"), text("C"), text("A")], [0, 3]) == [0, 3]


def test_several_paragraphs_that_come_again_are_layout_wherever_they_stand() -> None:
    story = [f"{text(sign)}, {'and it goes on for a while ' * 3}" for sign in "ABCD"]
    around = ["Menu", *story, text("X"), text("Y"), *story, text("Z")]
    assert [around[i] for i in once(around, range(len(around)))] == ["Menu", *story, text("X"), text("Y"), text("Z")]
    refrain = [
        f"Oh row me home across the foam before the lamps go out, {k}" for k in "123"
    ]  # three long lines, each a block
    song = [text("V"), *refrain, text("W"), *refrain, text("X"), *refrain]
    assert once(song, range(len(song))) == list(range(len(song)))


@given(st.lists(st.sampled_from("ABCx"), max_size=12, unique=True).map("".join), st.text("DEFy", max_size=12))
def test_a_copy_of_whatever_goes_and_nothing_else(run: str, rest: str) -> None:
    left = kept(run + run + rest)
    assert left == (run if run != "x" else "xx") + kept(rest)


@given(st.text("ABx", max_size=40))
def test_no_text_is_lost(signs: str) -> None:
    assert set(kept(signs)) == set(signs)


@pytest.mark.parametrize("unit", ["A", "AB", "ABA", "AABAB"])
def test_a_hostile_page_takes_no_time(unit: str) -> None:
    assert kept(unit * 40_000) in (unit, "AB", "A", "ABA")

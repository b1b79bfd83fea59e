"""Plain text: a line a block, blank lines between blocks, lines broken at a width, indents and bullets."""

from __future__ import annotations

from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import BadPage, PageblocksError
from toolkit.page import Blocks, Flag, Page
from toolkit.segment import segment
from toolkit.segment.invisible import visible
from toolkit.segment.wrapped import display_width, wrap_width

PROSE = (
    "The ferry that links the two shores was taken out of service on Monday after a crack had been found in one of "
    "its ramps, "
    "and nobody at the county office could say on Tuesday when it will sail again, though a replacement was promised "
    "to us all."
)


def text_page(text: str) -> Blocks:
    return segment(Page("t", "t.txt", text.encode(), format="text"))


def test_a_line_is_a_block() -> None:
    blocks = text_page(
        "Menu\nHome\nA headline that is a little longer than the rest\n" + PROSE + "\n" + PROSE + " Again.\n"
    )
    assert blocks.text == ["Menu", "Home", "A headline that is a little longer than the rest", PROSE, PROSE + " Again."]
    assert (blocks.start, blocks.end) == ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])


def test_blank_lines_part_blocks_and_containers() -> None:
    blocks = text_page("one\ntwo\n\n \t\nthree\n")
    assert blocks.text == ["one", "two", "three"]
    assert blocks.start == [0, 1, 4]
    one, two, three = blocks.parent
    assert one == two != three
    assert [names.split() for names in blocks.names] == [["gap-above"], ["gap-below"], ["gap-above", "gap-below"]]


@pytest.mark.parametrize("width", [60, 72, 79, 100])
def test_hard_wrapped_paragraphs_are_joined(width: int) -> None:
    paragraphs = [PROSE, PROSE[::-1].replace(",", " "), PROSE + " And so on."]
    text = "\n\n".join("\n".join(wrap(paragraph, width)) for paragraph in paragraphs)
    assert text_page("Short headline\n\n" + text).text == ["Short headline", *(" ".join(p.split()) for p in paragraphs)]


def test_wrapped_bullets_stay_apart() -> None:
    items = [f"* {PROSE}", f"* {PROSE} Twice."]
    text = "\n".join("\n".join(wrap(item, 70, subsequent_indent="  ")) for item in items)
    blocks = text_page(text)
    assert blocks.text == items
    assert all(flags & Flag.LIST for flags in blocks.flags)


@pytest.mark.parametrize("mark", ["*", "-", "•", "1.", "(2)", "b)", "–", "»"])
def test_bullets_are_list_items(mark: str) -> None:
    blocks = text_page(f"Intro\n  {mark} item\nOutro")
    assert blocks.text == ["Intro", f"{mark} item", "Outro"]
    assert blocks.flags == [0, Flag.LIST, 0]
    assert blocks.names[1].split() == ["bullet", "indent-1"]
    assert blocks.depth[1] == 1


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_newline(newline: str) -> None:
    assert text_page(newline.join(["a", "b", "", "c"])).start == [0, 1, 3]


def test_terminal_escapes_and_nulls_are_dropped() -> None:
    assert (
        text_page("\x1b[1;31mred\x1b[0m alert\n" + "long enough a line that some NULs make no binary\x00\n").text[0]
        == "red alert"
    )


WRAPPED = {
    "Japanese": ("水車小屋は橋のそばにあり、川沿いの道を行くと見えます。屋根は赤く、壁は白く塗られています。" * 4, ""),
    "Chinese": ("水磨坊在桥的旁边——沿着河边的小路走，就能看见。屋顶是红的……墙是白的，门前有一棵“老”树。" * 4, ""),
    "Thai": ("โรงสีเก่าตั้งอยู่ข้างสะพานและถนนเลียบแม่น้ำก็นำไปถึงที่นั่นหลังคาสีแดงและผนังสีขาวมีต้นไม้เก่าอยู่หน้าประตู" * 4, ""),
    "Lao": ("ໂຮງສີເກົ່າຕັ້ງຢູ່ຂ້າງຂົວແລະທາງລຽບແມ່ນ້ຳກໍພາໄປຮອດຫັ້ນຫຼັງຄາສີແດງ" * 8, ""),
    "Khmer": ("រោងម៉ាស៊ីនកិនចាស់នៅក្បែរស្ពានហើយផ្លូវតាមមាត់ទន្លេនាំទៅទីនោះ" * 9, ""),
    "Korean": ("방앗간은 다리 옆에 있고 강가의 길을 따라가면 보인다. 지붕은 빨갛고 벽은 하얗다. " * 5, " "),
}


def broken(text: str, width: int) -> list[str]:
    """`text` cut at a width as a mail program does it: marks stay with their letters, a space goes at a line's end."""
    lines = [""]
    for sign in text:
        if display_width(lines[-1] + sign) > width:
            lines.append("")
        lines[-1] += sign
    return lines


@pytest.mark.parametrize("width", [60, 76])
@pytest.mark.parametrize(("text", "space"), WRAPPED.values(), ids=WRAPPED)
def test_scripts_without_spaces_are_joined_without(text: str, space: str, width: int) -> None:
    lines = wrap(text, width // 2) if space else broken(text, width)
    assert len(lines) > 4
    wanted = " ".join(text.split())
    assert text_page("\n".join(lines) + "\n\n" + "\n".join(lines)).text == [wanted, wanted]


def test_paragraphs_of_japanese_text_begin_with_a_wide_space() -> None:
    paragraph = (
        "\u3000" + "水車小屋は橋のそばにあり、川沿いの道を行くと見えます。" * 4
    )  # a last line without room for a word
    lines = broken(paragraph, 72)
    assert text_page("\n".join(lines * 2)).text == [paragraph.strip()] * 2


def test_columns() -> None:
    assert [display_width(text) for text in ("quay", "水車", "ｽｲ", "ไม้", "e\u0301", "방앗간", "😀", "—")] == [
        4,
        4,
        2,
        2,
        1,
        6,
        2,
        1,
    ]


def test_what_nobody_sees_is_no_block_and_in_no_word() -> None:
    assert text_page("\ufeffThe old\u00ad mill\n\u200b\u2060\nre\u200bsumé\n\u00ad").text == ["The old mill", "resumé"]
    assert text_page("می\u200cخواهم 👩\u200d🚀").text == ["می\u200cخواهم 👩\u200d🚀"]


def test_no_text() -> None:
    with pytest.raises(BadPage, match=r"^t\.txt: "):
        text_page(" \n\t\n\u00a0")


def test_free_lines_have_no_width() -> None:
    assert wrap_width(["x" * n for n in (40, 75, 110, 125, 61, 90)]) == 0
    assert wrap_width(["x" * n for n in (300, 310, 320, 305)]) == 0
    assert wrap_width(["x" * n for n in (70, 72, 69, 71, 12)]) == 71


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1b"), min_size=1))
def test_no_character_is_lost_or_doubled(text: str) -> None:
    content = text.encode()
    try:
        blocks = segment(Page("t", "t.txt", content, format="text"))
    except PageblocksError:
        return
    want = "".join(visible(content.decode("utf-8-sig")).split())
    assert "".join("".join(blocks.text).split()) == want
    assert all(start < end for start, end in zip(blocks.start, blocks.end, strict=True))
    assert all(end <= start for end, start in pairwise_of(blocks))


def pairwise_of(blocks: Blocks) -> list[tuple[int, int]]:
    return list(zip(blocks.end, blocks.start[1:], strict=False))

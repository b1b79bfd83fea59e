"""What does not cut a sentence, what does not stand in it, and what is a word apart."""

from __future__ import annotations

import pytest

from toolkit.page import Page
from toolkit.segment import segment


def texts(html: str) -> list[str]:
    return segment(Page("t", "t.html", html.encode())).text


def shown(html: str) -> list[str]:
    return [block.text for block in segment(Page("t", "t.html", html.encode())) if not block.hidden]


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        (
            "<p>The kettle<label for=n></label><input type=checkbox id=n> sings at six.</p>",
            ["The kettle sings at six."],
        ),
        (
            "<p>A <button>spout</button> pours, and the lid <button>rattles</button>.</p>",
            ["A spout pours, and the lid rattles."],
        ),
        ("<p><button>Spout</button> is what pours.</p>", ["Spout is what pours."]),
        (
            "<p>Klicken Sie auf <button>Weiter</button>, dann auf <label>Ja</label>.</p>",
            ["Klicken Sie auf Weiter, dann auf Ja."],
        ),
        ("<p>Der <button>Kessel</button> Tee ist leer.</p>", ["Der Kessel Tee ist leer."]),
        ("<p>水壶<button>六点</button>响了。</p>", ["水壶六点响了。"]),
        ("<p>Press <span><button>Ctrl</button></span> <button>C</button> now.</p>", ["Press Ctrl C now."]),
        ("<p>It goes on<input type=hidden> behind it.</p>", ["It goes on behind it."]),
        ("<form><p>It goes on<input type=hidden> behind it.</p></form>", ["It goes on behind it."]),
        ("<div>One<hr hidden> half, and <textarea hidden></textarea>another.</div>", ["One half, and another."]),
        ("<div>One<div style='display:none'></div> half.</div>", ["One half."]),
        ("<p>One <select hidden><option></option></select>half.</p>", ["One half."]),
        ("<p>It sings at <input type=text> in the <input> morning.</p>", ["It sings at in the morning."]),
    ],
)
def test_what_is_part_of_a_sentence_or_unseen_does_not_cut_it(html: str, blocks: list[str]) -> None:
    assert texts(html) == blocks


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<form><label>Name</label><input placeholder=Anna><button>Send</button><button>Clear</button></form>",
         ["Name", "Anna", "Send", "Clear"]),
        ("<form>Name: <input placeholder=Anna> town: <input placeholder=Oslo></form>", ["Name:", "Anna", "town:",
        "Oslo"]),
        ("<form>Name <input> Town <input></form>", ["Name", "Town"]),
        ("<form><input type=radio> Yes <input type=radio> No</form>", ["Yes", "No"]),
        ("<div>The story ends here. <button>Read on</button></div>", ["The story ends here.", "Read on"]),
        ("<div>12 <button>Like</button> 3 <button>Share</button> 4</div>", ["12", "Like", "3", "Share", "4"]),
        ("<div><a>Ann</a> <button>Follow</button> <span>March 3</span></div>", ["Ann", "Follow", "March 3"]),
        ("<button>Yes</button><button>No</button>", ["Yes", "No"]),
        ("<p>before<hr>after", ["before", "after"]),
        ("<label>Land</label><select><option>Norge<option>Sverige</select>", ["Land", "Norge | Sverige"]),
    ],
)  # fmt: skip
def test_controls_beside_text_are_blocks(html: str, blocks: list[str]) -> None:
    assert texts(html) == blocks


def test_a_field_in_a_sentence_follows_it() -> None:
    html = (
        "<p>It sings at <input placeholder=hour> o'clock on <select><option>Monday<option>Tuesday</select> "
        "mornings.</p>"
    )
    page = segment(Page("t", "t.html", html.encode()))
    assert page.text == ["It sings at o'clock on mornings.", "hour", "Monday | Tuesday"]
    assert list(zip(page.start, page.end, strict=True)) == [(0, 5), (1, 1), (2, 4)]


@pytest.mark.parametrize(
    ("html", "text", "unseen"),
    [
        ("<td><span style='display:none'>0007</span>7 cups", "7 cups", ["0007"]),
        ("<p>Write to pot@<b hidden>no</b>kitchen.example.</p>", "Write to pot@kitchen.example.", ["no"]),
        ("<p>The <i style='visibility: hidden'>old <b>tin</b></i>kettle.</p>", "The kettle.", ["old tin"]),
        ("<p>The kettle <span hidden>(see above)</span></p>", "The kettle", ["(see above)"]),
        ("<div>The <div hidden><p>one</p><p>two</p></div>kettle.</div>", "The kettle.", ["one", "two"]),
        ("<p>Kjelen <span hidden>en<span style='display:none'>to</span></span>synger.</p>", "Kjelen synger.", ["ento"]),
        ("<dialog><p>Not open.</p></dialog><p>Seen.</p>", "Seen.", ["Not open."]),
        ("<div popover>Not open.</div><p>Seen.</p>", "Seen.", ["Not open."]),
        ("<p>It <textarea hidden>draft</textarea>sings.</p>", "It sings.", ["draft"]),
    ],
)
def test_hidden_words_are_blocks_of_their_own(html: str, text: str, unseen: list[str]) -> None:
    page = segment(Page("t", "t.html", html.encode()))
    assert [b.text for b in page if not b.hidden] == [text]
    assert [b.text for b in page if b.hidden] == unseen
    assert page.start == sorted(page.start)


def test_an_open_dialog_is_seen() -> None:
    assert shown("<dialog open><p>Open.</p></dialog>") == ["Open."]


def test_a_hidden_element_in_a_link_leaves_the_link_s_address_to_the_block() -> None:
    page = segment(Page("t", "t.html", b"<p><a href=/x>More <span hidden>about kettles</span></a></p>"))
    assert (page.href, page.text) == (["/x", ""], ["More", "about kettles"])


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<nav><a href=/a>Tea</a><a href=/b>Pots</a></nav>", "Tea Pots"),
        ("<nav><a>Tea</a><a>Pots</a></nav>", "Tea Pots"),
        ("<nav><a href=#>Tea!</a><a href=#>Pots</a></nav>", "Tea! Pots"),
        ("<nav><a href=/a>首页</a><a href=/b>新闻</a></nav>", "首页 新闻"),
        ("<nav><a href=/1>1</a><a href=/2>2</a></nav>", "1 2"),
        ("<p>The <a href=/k>K</a><a href=/k>ettle</a> sings.</p>", "The Kettle sings."),
        ("<h2><a href=/k><b>K</b></a><a href=/k>ettle</a></h2>", "Kettle"),
        ("<p>See <a href=/a>tea</a><a href=/b>pots</a>.</p>", "See tea pots."),
        ("<p>See <a href=/a>(</a><a href=/b>tea</a><a href=/c>)</a>.</p>", "See (tea)."),
        ("<p>这是<a href=/a>东</a><a href=/b>港</a>的船。</p>", "这是东港的船。"),
        ("<p><a href=/a>東</a><a href=/b>港</a></p>", "東港"),
        ("<p>ไป<a href=/a>บ้าน</a><a href=/b>เรา</a>นะ</p>", "ไปบ้านเรานะ"),
        ("<p><a href=/a>ke<b>tt</b>le</a></p>", "kettle"),
        ("<p><a href=/a>tea</a>-<a href=/b>pot</a></p>", "tea-pot"),
        ("<p><a href=/a>tea </a><a href=/b>pot</a></p>", "tea pot"),
    ],
)
def test_neighbouring_links_are_words_apart_in_menus_only(html: str, text: str) -> None:
    assert texts(html) == [text]


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<k-page><k-title>Tea</k-title><k-para>It is hot.</k-para></k-page>", ["Tea", "It is hot."]),
        ("<k-page><k-a>Tea</k-a><k-b>is hot</k-b></k-page>", ["Tea is hot"]),
        ("<p>The <k-term>kettle</k-term>s sing.</p>", ["The kettles sing."]),
        ("<p>The <k-body>kettle</k-body>s sing.</p>", ["The kettles sing."]),
        ("<h2><k-title>Tea</k-title></h2>", ["Tea"]),
        ("<k-card><img src=a><k-caption>A pot</k-caption><p>Text</p></k-card>", ["A pot", "Text"]),
    ],
)
def test_custom_elements_part_words(html: str, blocks: list[str]) -> None:
    assert texts(html) == blocks


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p><ruby>茶<rt>ちゃ</rt></ruby>を<ruby>飲<rp>(</rp><rt>の</rt><rp>)</rp></ruby>む。</p>", "茶を飲む。"),
        ("<p><ruby><rb>茶</rb><rb>碗</rb><rtc><rt>chá</rt><rt>wǎn</rt></rtc></ruby>。</p>", "茶碗。"),
        (
            "<p>Let <math><semantics><mi>x</mi><annotation encoding=a>x_tex</annotation></semantics></math> be.</p>",
            "Let x be.",
        ),
        (
            "<p>Let <span><span><math><mi>x</mi></math></span><span aria-hidden=true><i>x</i></span></span> be.</p>",
            "Let x be.",
        ),
        (
            "<p>Let <span><span aria-hidden=true>x</span><span><math><mi>x</mi></math></span></span> be.</p>",
            "Let x be.",
        ),
        ("<p>Let <span style='display:none'><math><mi>x</mi></math></span><img alt=x> be.</p>", "Let x be."),
        ("<p>Tea <span aria-hidden=true>and pots</span>.</p>", "Tea and pots."),
    ],
)
def test_a_second_form_of_the_same_is_read_once(html: str, text: str) -> None:
    assert texts(html) == [text]


def test_positions_count_what_is_not_read() -> None:
    html = "<p><ruby>茶<rt>ちゃ</rt></ruby>を飲む。</p><p>Next</p>"
    page = segment(Page("t", "t.html", html.encode()))
    assert list(zip(page.start, page.end, strict=True)) == [(0, 3), (3, 4)]

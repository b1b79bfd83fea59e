"""What is a block, what a block carries, and what never becomes one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from toolkit.errors import BadPage, PageblocksError
from toolkit.page import Block, Blocks, Flag, Page
from toolkit.segment import segment

Make = Callable[..., Blocks]


def texts(html: str) -> list[str]:
    return segment(Page("t", "t.html", html.encode("utf-8", "surrogatepass"))).text


def one(html: str, text: str) -> Block:
    return next(b for b in segment(Page("t", "t.html", html.encode())) if b.text == text)


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<p>One <b>two</b> <i>th<u>r</u>ee</i>.<p>Four", ["One two three.", "Four"]),
        ("<div>Lead<p>Para</p>tail</div>", ["Lead", "Para", "tail"]),
        ("<ul><li>A<li>B<ul><li>C</ul></ul>", ["A", "B", "C"]),
        ("<table><caption>T</caption><tr><th>H<td>1<td>2</table>", ["T", "H", "1", "2"]),
        ("<dl><dt>Term<dd>Meaning</dl>", ["Term", "Meaning"]),
        ("<figure><img alt=no><figcaption>Cap</figcaption></figure>", ["Cap"]),
        ("<details><summary>More</summary>Inside</details>", ["More", "Inside"]),
        ("<form><fieldset><legend>Who</legend><label>Name</label><textarea>typed</textarea></fieldset></form>",
         ["Who", "Name", "typed"]),
        ("<button>Go <b>on</b></button><button>Stop</button>", ["Go on", "Stop"]),
        ("before<hr>after", ["before", "after"]),
        ("<h1>Big</h1><h2>Small</h2>", ["Big", "Small"]),
        ("<my-card>in <x-y>own</x-y> tags</my-card>", ["in own tags"]),
    ],
)  # fmt: skip
def test_block_markup_splits_and_inline_markup_does_not(html: str, blocks: list[str]) -> None:
    assert texts(html) == blocks


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<p>one line<br>same block</p>", ["one line\nsame block"]),
        ("<p>one<br><br>two</p>", ["one", "two"]),
        ("<p>one<br> \n <br/>two<br><br><br>three</p>", ["one", "two", "three"]),
        ("<p><br><br>only</p>", ["only"]),
        ("<p>a<br>b<br>c</p>", ["a\nb\nc"]),
        ("<p>a<br><b></b><br>b</p>", ["a", "b"]),
    ],
)
def test_two_line_breaks_in_a_row_part_blocks(html: str, blocks: list[str]) -> None:
    assert texts(html) == blocks


@pytest.mark.parametrize(
    "style", ["display:block", "color:red; DISPLAY : Flex", "display:table-cell", "display: list-item"]
)
def test_a_span_displayed_as_a_block_is_one(style: str) -> None:
    assert texts(f"<div><span style='{style}'>one</span><span style='{style}'>two</span></div>") == ["one", "two"]


def test_a_span_displayed_inline_is_none() -> None:
    assert texts("<p>a <span style='display:inline-block'>b</span> <span style='display:inline'>c</span>") == ["a b c"]


@pytest.mark.parametrize(
    "leak",
    [
        "<script>secret()</script>", "<style>.secret{}</style>", "<template><p>secret</p></template>",
        "<!-- secret -->",
        "<noscript><p>secret</p></noscript>", "<svg><title>secret</title><text>secret</text></svg>",
        "<iframe>secret</iframe>",
        "<object>secret</object>", "<video>secret</video>", "<canvas>secret</canvas>",
        "<datalist><option>secret</datalist>",
        "<![CDATA[secret]]>", "<?php secret ?>", "<img alt=secret title=secret>", "<input type=hidden value=secret>",
        "<input type=password value=secret>", "<ruby>漢<rp>secret</rp></ruby>",
        "<script><!--<script>secret</script>--></script>",
    ],
)  # fmt: skip
def test_what_a_reader_never_sees_never_leaks(leak: str) -> None:
    html = f"<p>start</p>{leak}<p>end {leak} of it</p>"
    assert "secret" not in " ".join(texts(html))
    assert texts(html)[0] == "start"


def test_title_is_no_block_and_is_kept_apart() -> None:
    blocks = segment(Page("t", "t.html", b"<title> The \n title </title><p>Text"))
    assert (blocks.title, blocks.text) == ("The title", ["Text"])


@pytest.mark.parametrize(
    ("html", "text", "flag"),
    [
        ("<input type=submit value='Send it'>", "Send it", Flag.BUTTON),
        ("<input type=reset value=Clear>", "Clear", Flag.BUTTON),
        ("<input placeholder='Your name'>", "Your name", Flag.FORM),
        ("<input type=EMAIL placeholder='you@example.org'>", "you@example.org", Flag.FORM),
        ("<input type=nonsense placeholder=Free>", "Free", Flag.FORM),
        ("<textarea placeholder='Say it'></textarea>", "Say it", Flag.FORM),
    ],
)
def test_the_words_of_controls_are_blocks_marked_optional(html: str, text: str, flag: Flag) -> None:
    block = one(f"<p>x</p>{html}", text)
    assert block.optional
    assert block.flags & flag
    assert block.start == block.end  # no text node stands behind it


@pytest.mark.parametrize("kind", ["hidden", "checkbox", "radio", "file", "image", "range", "color"])
def test_controls_that_show_no_words_give_none(kind: str) -> None:
    assert texts(f"<p>x</p><input type={kind} placeholder=no value=no>") == ["x"]


def test_the_options_of_a_select_are_one_block() -> None:
    html = (
        "<label>Land<select class=c><option>Norge<optgroup label=no><option> Sverige </optgroup></select></label><p>x"
    )
    block = one(html, "Norge | Sverige")
    assert block.flags & Flag.OPTIONS
    assert block.flags & Flag.FORM
    assert (block.tag, block.start, block.end) == ("select", 1, 3)


@pytest.mark.parametrize(
    "how", ["hidden", "style='display:none'", "style='visibility : hidden'", 'style="color:red;display: none"']
)
def test_hidden_text_is_kept_and_marked(how: str) -> None:
    blocks = segment(Page("t", "t.html", f"<p>seen<div {how}><p>not <b>seen</b></p></div><p>seen again".encode()))
    assert [(b.text, b.hidden) for b in blocks] == [("seen", False), ("not seen", True), ("seen again", False)]


@pytest.mark.parametrize(
    ("html", "hidden"),
    [
        ("<p><span hidden>all of it</span></p>", True),
        ("<p><span hidden>icon</span> and words that show</p>", False),
        ("<p><b hidden>one</b> <i hidden>two</i></p>", True),
        ("<p><b hidden><i>deep</i></b></p>", True),
        ("<my-dialog hidden><div><p>in a hidden element</p></div></my-dialog>", True),
        ("<span style='display:none'><p>in a hidden span</p></span>", True),
        ("<span hidden>gone</span><p>after it</p>", None),
    ],
)
def test_a_block_is_hidden_when_none_of_its_text_shows(html: str, hidden: bool | None) -> None:
    blocks = segment(Page("t", "t.html", html.encode()))
    assert blocks[-1].hidden is bool(hidden)


def test_context_is_carried() -> None:
    html = (
        "<nav class='top bar'><ul><li><a href=/a>A</a></li></ul></nav><main><article id=story><h1>Head</h1><p>Text</p>"
        "<figure><figcaption>Cap</figcaption></figure><aside><p>By the way</p></aside><blockquote>Quote</blockquote>"
        "<pre>code</pre><table><tr><td>Cell</td></tr></table></article></main><footer role=contentinfo>Foot</footer>"
        "<div role=dialog>Box</div>"
    )
    blocks = {b.text: b for b in segment(Page("t", "t.html", html.encode()))}
    assert blocks["A"].flags == Flag.NAV | Flag.LIST | Flag.LINK
    assert blocks["A"].names.split() == ["top", "bar"]
    assert (blocks["A"].href, blocks["A"].link_density, blocks["A"].path) == ("/a", 1.0, "/nav/ul/li")
    assert blocks["Text"].flags == Flag.MAIN | Flag.ARTICLE
    assert (blocks["Text"].heading, blocks["Head"].heading) == ("Head", "")
    assert blocks["Cap"].flags & Flag.CAPTION
    assert blocks["By the way"].flags & Flag.ASIDE
    assert blocks["Quote"].flags & Flag.QUOTE
    assert blocks["code"].flags & Flag.CODE
    assert blocks["Cell"].flags & Flag.TABLE
    assert blocks["Foot"].flags & Flag.FOOTER
    assert blocks["Box"].flags & Flag.DIALOG
    assert blocks["Text"].depth == blocks["Text"].path.count("/") == 3
    assert (blocks["Text"].start, blocks["Text"].end) == (2, 3)


def test_blocks_of_one_container_share_their_parent() -> None:
    blocks = segment(Page("t", "t.html", b"<div>a<p>b</p>c</div><div>d</div>"))
    a, b, c, d = blocks.parent
    assert a == c != b
    assert blocks.above[b] == a
    assert blocks.above[a] == blocks.above[d] == 0


def test_link_density_counts_linked_characters() -> None:
    block = one("<p>abcd <a href=/x>efgh</a></p>", "abcd efgh")
    assert block.link_density == pytest.approx(4 / 9)
    assert not block.flags & Flag.LINK


def test_neighbouring_links_are_words_apart() -> None:
    assert texts("<div><a>Home</a><a>News</a></div>") == ["Home News"]


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ("<html lang=nb-NO><p>x", "nb"),
        (
            "<html lang='x'><p>This is a text of which the words alone tell the language, and they do it well enough.",
            "en",
        ),
        ("<p>Dies ist ein Satz, an dem man die Sprache der Seite auch ohne Angabe gut erkennen kann.", "de"),
    ],
)
def test_language(html: str, language: str) -> None:
    assert segment(Page("t", "t.html", html.encode())).language == language


def test_white_space_is_one_space_whatever_it_is() -> None:
    assert texts("<p> a\n\t b&nbsp;c&#12288;d  </p><p>\u2003</p>") == ["a b c d"]


def test_ids_are_stable_and_apart() -> None:
    html = b"<p>same<p>same<p>other"
    first, second = (segment(Page("t", "t.html", html)).ids for _ in range(2))
    assert first == second
    assert len(set(first)) == 3


@pytest.mark.parametrize(
    "html", ["<p></p>", "<script>x</script>", "<!doctype html>", "<frameset><frame src=x></frameset>", "<p>&nbsp;"]
)
def test_a_page_without_text_is_one_clear_line(html: str) -> None:
    with pytest.raises(BadPage, match=r"^t\.html: .*no text[^\n]*$"):
        segment(Page("t", "t.html", html.encode()))


@pytest.mark.parametrize(
    "html",
    [
        "no markup at all", "<p", "<p class=", "<p>x</p", "<<<>>>x", "<p>&#xD800;&#0;&#x110000;&bogus;&amp x</p>",
        "</p></div>x",
        "<table>out<tr><td>in</table>", "<a><p>x<a>y</a></p></a>", "<b><p>x</b>y</p>", "<p>x\x00y</p>",
        "<select><p>x</select>y",
        "<plaintext><p>x", "<xmp><p>x</xmp>", "<math><mi>x</mi></math>", "<svg><foreignObject><p>x</p></svg>y",
        "<frameset><p>x",
        "<body><template><p>y</body>", "<p title='a\"b' \"=\"c\" =d>x", "<p>\ud800 lone</p>",
    ],
)  # fmt: skip
def test_broken_markup_never_crashes(html: str) -> None:
    try:
        blocks = segment(Page("t", "t.html", html.encode("utf-8", "surrogatepass")))
    except PageblocksError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert all(text.strip() for text in blocks.text)
        "".join(blocks.text).encode()  # no lone surrogates


POSTS = "".join(
    f"<div class=post><p>Post {k}: the kettle whistles in the key of a flat, and the neighbours have noticed.</p></div>"
    for k in range(9)
)


@pytest.mark.parametrize("shell", ["<div id=app>Loading</div>", ""])
def test_a_page_drawn_by_a_script_is_read_without_it(shell: str) -> None:
    blocks = segment(
        Page("t", "t.html", f"<title>Kettles</title><body>{shell}<noscript><h1>Kettles</h1>{POSTS}</noscript>".encode())
    )
    assert blocks.title == "Kettles"
    assert [block.tag for block in blocks][-10:] == ["h1", *["p"] * 9]
    assert blocks[-1].text.startswith("Post 8: the kettle")


@pytest.mark.parametrize(
    "page",
    [
        f"<p>{'The page itself says enough. ' * 10}</p><noscript>{POSTS}</noscript>",
        "<p>Loading</p><noscript>Please enable JavaScript to see this page.</noscript>",
    ],
)
def test_what_stands_in_for_scripts_is_no_part_of_a_page_that_has_text(page: str) -> None:
    assert len(texts(page)) == 1


def test_a_bomb_in_noscript_is_refused() -> None:
    bomb = "<p " + " ".join(f"a{k}" for k in range(60_000)) + ">x</p>"
    with pytest.raises(BadPage, match="attributes"):
        texts(f"<p>Loading</p><noscript>{bomb}</noscript>")


def test_a_block_knows_of_a_picture_before_it() -> None:
    html = (
        "<p>One</p><img src=a.jpg><p>Below</p><p>Two <img src=b.jpg> "
        "three</p><p>Four<td><video>old</video><p>Five<p>Six"
    )
    found = segment(Page("a", "a", html.encode()))
    pictured = [text for text, flags in zip(found.text, found.flags, strict=True) if flags & Flag.PICTURED]
    assert pictured == ["Below", "Four", "Five"]


@pytest.mark.parametrize(
    ("html", "names", "href"),
    [
        ("<a id=top href=#x><i class=icon> </i></a><p class=own>Text", "own", ""),
        ("<div><b class=x> </b></div><p class=own>Text", "own", ""),
        ("<span class=wrap><input type=hidden> </span><p class=own>Text", "own", ""),
        ("<span class=wrap><select><option>no</select></span><p class=own>Text", "own", ""),
        ("<p class=own>Text<i class=icon> </i></p>", "own", ""),
        ("<p class=own><q role=main> </q>Text", "own", ""),
        ("<a href=/x class=card><i class=icon> </i><p class=own>Text</a>", "card own", "/x"),
        ("<p class=own><a href=/x class=link><i class=icon> </i>Text</a>", "link own", "/x"),
        ("<p class=own>One <b class=two>two</b> <i class=icon> </i>three", "two own", ""),
    ],
)
def test_an_inline_element_counts_where_it_holds_text(html: str, names: str, href: str) -> None:
    block = segment(Page("t", "t.html", html.encode()))[-1]
    assert (block.names.split(), block.href) == (names.split(), href)
    assert not block.flags & (Flag.MAIN | Flag.QUOTE)

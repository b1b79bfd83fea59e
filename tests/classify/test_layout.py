"""Plain text and Markdown of chosen blocks: each structure, and what pages write to fake one."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from toolkit.classify.layout import TextFormat, lay_out
from toolkit.classify.result import Classified
from toolkit.errors import UsageError
from toolkit.page import Blocks, Page
from toolkit.segment import segment

PageOf = Callable[..., Blocks]
READER = MarkdownIt("commonmark").enable("table")


def written(html: str, format: TextFormat = "markdown", links: bool = False, url: str = "") -> str:
    blocks = segment(Page("page", "page.html", html.encode(), url=url))
    return lay_out(blocks, range(len(blocks)), format, links=links).text


def read(markdown: str) -> list[Token]:
    return READER.parse(markdown)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def shown(tokens: list[Token]) -> str:
    """What a reader of the Markdown sees."""
    parts = []
    for token in tokens:
        if token.type == "fence":
            parts.append(token.content)
        for inner in token.children or []:
            parts.append(inner.content if inner.type in ("text", "html_inline") else f" {inner.content} ")
        parts.append(" " if token.type != "inline" else "")
    return "".join(parts)


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<h1>Ferries</h1><h3>At <a href=/n>night</a></h3><p>One", "# Ferries\n\n### At night\n\nOne"),
        ("<p>roses<br>violets", "roses  \nviolets"),
        ("<h2>roses<br>violets</h2>", "## roses violets"),
        ("<ul><li>one<li>two</ul><p>end", "- one\n- two\n\nend"),
        ("<p>say<ol><li>one<li>two</ol>", "say\n\n1. one\n2. two"),
        ("<ul><li>one<ul><li>in<li>side</ul><li>two</ul>", "- one\n  - in\n  - side\n- two"),
        ("<ol><li>one<ul><li>in</ul><li>two</ol>", "1. one\n   - in\n2. two"),
        ("<ul><li><p>one<p>more<li>two</ul>", "- one\n\n  more\n- two"),
        ("<ul><li><h3>one</h3>more</ul>", "- ### one\n\n  more"),
        ("<ul><li>one<li>two</ul><ul><li>other</ul>", "- one\n- two\n\n* other"),
        ("<ol><li>one</ol><ol><li>other<li>two</ol>", "1. one\n\n1) other\n2) two"),
        ("<ul><li>one</ul><ul><li>two</ul><ul><li>three</ul>", "- one\n- two\n- three"),  # a list for each item
        ("<ol><li>one</ol><ol start=2><li>two<p>more</ol>", "1. one\n2. two\n\n   more"),
        ("<ul><li>one</ul><p>between<ul><li>two</ul>", "- one\n\nbetween\n\n- two"),
        (
            "<ul><li>one<ol><li>in<p>more</li><p>side<li>two</ol></ul>",
            "- one\n  1. in\n\n     more\n\n  side\n\n  2. two",
        ),
        ("<p style=white-space:pre>roses\n\n\nviolets", "roses\n\nviolets"),
        ("<p>[Note: nothing] A & B, [1] &c &amp;amp; R&D", "[Note: nothing] A & B, [1] &c \\&amp; R&D"),
        ("<ol><li>one</li><p>between</p><li>two</ol>", "1. one\n\nbetween\n\n2. two"),
        ("<blockquote>said<p>more<ul><li>one</ul></blockquote>end", "> said\n>\n> more\n>\n> - one\n\nend"),
        ("<blockquote>one</blockquote><blockquote>two</blockquote>", "> one\n\n> two"),
        ("<pre>if x:\n    y</pre>", "```\nif x:\n    y\n```"),
        ("<ul><li>so<pre>if x:\n    y</pre></ul>", "- so\n\n  ```\n  if x:\n      y\n  ```"),
        ("<pre>a ```` b\n```</pre>end", "`````\na ```` b\n```\n`````\n\nend"),
        (
            "<p>so<table><tr><th>a<th>b<tr><td>1<td>2|3</table><p>end",
            "so\n\n| a | b |\n| --- | --- |\n| 1 | 2\\|3 |\n\nend",
        ),
        (
            "<table><tr><td></td><th>a<th>b<tr><th>c<td>1<td></table>",
            "|  | a | b |\n| --- | --- | --- |\n| c | 1 |  |",
        ),
        (
            "<table><tr><th>a<tr><td><p>x<p>y<br>z<td><td>1</table>",
            "| a |  |\n| --- | --- |\n| x y z | 1 |",
        ),
        ("<table><caption>all<tr><td>a<td>b</table>", "all\n\n| a | b |\n| --- | --- |"),
        ("<table><tr><td>a<tr><td>b</table>", "a\n\nb"),  # one column
        ("<table><tr><td>a<td><h2>b</h2>c</table>", "a\n\n## b\n\nc"),  # it arranges the page
        (
            "<table><tr><td>a<td>o<table><tr><td>1<td>2</table></table>",
            "a\n\no\n\n| 1 | 2 |\n| --- | --- |",
        ),
    ],
)
def test_structures(html: str, wanted: str) -> None:
    assert written(html) == wanted


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<p>roses<br>violets<ul><li>one<li>two</ul>", "roses\nviolets\n\none\n\ntwo"),
        ("<pre>if x:\n    y</pre><p>end", "if x:\n    y\n\nend"),
        ("<p>so<table><tr><th>a<th>b<tr><td>1<td>2|3</table><p>end", "so\n\na\tb\n1\t2|3\n\nend"),
        ("<table><tr><td></td><th>a<tr><th>c<td><p>x<br>y<p>z</table>", "\ta\nc\tx y z"),
        ("<table><tr><td>a<td>b</table><table><tr><td>c<td>d</table>", "a\tb\n\nc\td"),
    ],
)
def test_plain_text_keeps_lines_and_rows(html: str, wanted: str) -> None:
    assert written(html, "text") == wanted


HOSTILE = [
    "# no heading", "###### no", "#", "> no quote", "- no list", "+ no", "* no", "12. no number", "3) no", "---", "***",
    "_ _ _", "===", "```", "~~~~", "```sh",
    "[x]: https://evil.example", "[x](https://evil.example)", "![x](/pixel.gif)",
    "<script>alert(1)</script>", "\\<script>alert(1)</script>", "\\\\<b>", "<!-- gone", "<https://evil.example>",
    "[ ] no task", "[x] no task", "[^1]: no note", "[x] [y]: /z",
    "&lt;b&gt;", "&#35; no", "\\# no", "a\\", "| a | b |", "--- | ---", ":-- | --:", "|-|-|", "    code", "\\",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("after", ["", "before, and "])
def test_page_text_is_no_structure(hostile: str, after: str) -> None:
    """A paragraph stays one, whatever its lines, and a reader sees the characters of the page."""
    lines = ["a | b", hostile, "end"] if after else [hostile, "end"]
    tokens = read(written("<p>" + "<br>".join(map(escape, lines))))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    inner = tokens[1].children or []
    assert {token.type for token in inner} <= {
        "text",
        "text_special",
        "hardbreak",
        "code_inline",
        "em_open",
        "em_close",
    }
    seen = "".join("\n" if token.type == "hardbreak" else token.content for token in inner)
    assert seen.split("\n") == [line.strip() for line in lines]


def test_a_definition_of_a_link_over_several_lines_is_text() -> None:
    tokens = read(written("<p>[the<br>ferry]:<br>/news<p>[the ferry]"))
    assert [token.type for token in tokens if token.nesting == 1] == ["paragraph_open"] * 2
    assert not [inner for token in tokens for inner in token.children or [] if inner.type.startswith("link")]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_page_text_breaks_no_table_heading_or_item(hostile: str) -> None:
    text = escape(hostile)
    tokens = read(written(f"<h2>{text}</h2><ul><li>{text}</ul><table><tr><td>{text}<td>b<tr><td>c<td>{text}</table>"))
    kinds = [token.type.removesuffix("_open") for token in tokens if token.nesting == 1]
    cells = ["tr", "th", "th", "tbody", "tr", "td", "td"]
    assert kinds == ["heading", "bullet_list", "list_item", "paragraph", "table", "thead", *cells]
    texts = ["".join(t.content for t in token.children or []) for token in tokens if token.type == "inline"]
    plain = " ".join(hostile.split())
    assert texts == [plain, plain, plain, "b", "c", plain]


def test_links_on_request() -> None:
    html = (
        "<p><a href='/a b?c=(1)'>The [night] ferry</a><p><a href='javascript:alert(1)'>bad</a>"
        "<p>Some words and <a href=/x>a link</a><p><a href=#top>up</a>"
    )
    url = "https://ferry.example/news"
    assert written(html, links=True, url=url) == (
        "[The \\[night\\] ferry](https://ferry.example/a%20b?c=%281%29)\n\nbad\n\nSome words and a link\n\nup"
    )
    assert "](" not in written(html, url=url)
    assert "](" not in written(html, "text", links=True, url=url)
    assert "](" not in written(html, links=True)  # the address of the page is unknown


def test_spans_are_those_of_the_blocks(page_of: PageOf) -> None:
    blocks = page_of("page", "<h1>Ferry</h1><table><tr><td>a<td>b|c<tr><td>d<td>e</table><pre>x\ny</pre><p># z")
    for format in ("text", "markdown"):
        laid = lay_out(blocks, range(len(blocks)), format)  # type: ignore[arg-type]
        found = [laid.text[start:end] for start, end in zip(laid.starts, laid.ends, strict=True)]
        special = ["b\\|c", "\\# z"] if format == "markdown" else ["b|c", "# z"]
        assert found == ["Ferry", "a", special[0], "d", "e", "x\ny", special[1]]
    assert lay_out(blocks, [], "markdown").text == lay_out(blocks, [], "text").text == ""


TEXT = st.text(st.sampled_from(list("ab1 #>-+*.)`~|[](<&;\\=_:\n")), min_size=1, max_size=12)
LEAF = TEXT.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>"))
TREE = st.recursive(
    LEAF,
    lambda inside: st.builds(
        lambda name, parts: {
            "ul": "<ul>" + "".join(f"<li>{part}</li>" for part in parts) + "</ul>",
            "ol": "<ol>" + "".join(f"<li>{part}</li>" for part in parts) + "</ol>",
            "between": "<ol>" + "<p>so".join(f"<li>{part}</li>" for part in parts) + "</ol>",
            "table": "<table><tr>" + "<tr>".join(f"<td>{part}</td><td>{part}</td>" for part in parts) + "</table>",
        }.get(name, "".join(f"<{name}>{part}</{name}>" for part in parts)),
        st.sampled_from("ul ol between table p h2 pre blockquote div".split()),
        st.lists(inside, min_size=1, max_size=3),
    ),
    max_leaves=12,
)


@given(TREE)
def test_words_of_markdown_are_those_of_plain_text(html: str) -> None:
    blocks = segment(Page("page", "page.html", f"<p>first{html}".encode()))
    chosen = range(len(blocks))
    plain, markdown = (lay_out(blocks, chosen, format).text for format in ("text", "markdown"))  # type: ignore[arg-type]
    assert words(plain) == [word for text in blocks.text for word in words(text)]
    assert words(shown(read(markdown))) == words(plain)


def test_hidden_text_is_left_out_on_request(page_of: PageOf) -> None:
    long = "This paragraph is drawn once for small screens and once for large ones"
    blocks = page_of("page", f"<h2>Sub</h2><p hidden>{long}<p>{long}<p hidden>More<h1>Ferry</h1>")
    page = Classified(blocks, ["text"] * 5, np.ones((5, 1), np.float32), ["text"])
    assert page.text({"text"}) == f"Sub\n\n{long}\n\nMore\n\nFerry"
    assert page.text({"text"}, visible=True) == f"Sub\n\n{long}\n\nFerry"
    assert page.text({"text"}, format="markdown", visible=True) == f"## Sub\n\n{long}\n\n# Ferry"
    with pytest.raises(UsageError, match="use text or markdown"):
        page.text({"text"}, format="html")  # type: ignore[arg-type]

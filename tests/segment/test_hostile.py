"""Pages made to break a parser: each is cut into blocks or refused in one line, and none takes long or much memory.

No clock is looked at: without its bound each of these takes minutes or all memory, and the suite's time limit ends it.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable

import pytest
from growth import grows_linearly

from toolkit.errors import BadPage, PageblocksError
from toolkit.page import Blocks, Page
from toolkit.segment import segment
from toolkit.segment.cost import ATTRIBUTES, refuse_costly

MANY = 1_000_000
TAGS = "b big code em font i s small strike strong tt u".split()


def cut(html: str) -> Blocks:
    return segment(Page("h", "h.html", html.encode("utf-8", "surrogatepass")))


REFUSED: dict[str, Callable[[], str]] = {
    "100,000 nested elements": lambda: "<div>" * 100_000 + "x",
    "50 MB of nested elements": lambda: "<div>" * 10_000_000,
    "100 MB of text": lambda: "x " * 50_000_000,
    "deep, and end tags that look for what is not open": lambda: "<div>" * 19_000 + "</p>" * 500_000,
    "a million attributes": lambda: "<p " + " ".join(f"a{i}" for i in range(MANY)) + ">x",
    "a million attributes with values": lambda: "<p " + "".join(f"a{i}='<b>'" for i in range(MANY)) + ">x",
    "attributes of an end tag": lambda: "</p " + " ".join(f"a{i}" for i in range(MANY)) + ">x",
    "formatting that nobody closes": lambda: "".join(f"<font color={i}><p>x" for i in range(20_000)),
    "formatting in letters of both sizes": lambda: "".join(f"<Font color={i}><p>x" for i in range(20_000)),
    "formatting that is closed in the wrong place": lambda: (
        "<div>"
        + "".join(f"<b id={i}>" for i in range(9000))
        + "<table><td>"
        + "</b>" * 9000
        + "</table></div>"
        + "<p>y</p>" * 9000
    ),
    "formatting without attributes": lambda: (
        "<p>" + "".join(f"<{tag}>" * 3 for tag in TAGS) + "<address>x</address>" * 300_000
    ),
    "formatting between the rows of a table": lambda: (
        "<table>" + "".join(f"<{tag}>" * 3 for tag in TAGS) + "x<tr>" * 300_000
    ),
    "formatting that comes back outside of its paragraph": lambda: "<p><b></p>x" * 100_000,
    "formatting in table after table": lambda: "".join(f"<b id={i}><table>" for i in range(20_000)),
    "formatting in forms of a form": lambda: "".join(f"<form><dd><b id={i}>x" for i in range(20_000)),
    "buttons that end each other": lambda: "<tt><button></div><div>" * 100_000,
    "more tags than anybody reads": lambda: "<p>x" * 1_100_000,
    "nested tables": lambda: "<table><tr><td>" * 60_000 + "<div>" * 30_000,
    "end tags in comments": lambda: "<div><!--</div>-->" * 100_000,
    "end tags in attributes": lambda: "<div title='</div>'>" * 100_000,
    "end tags in a text field": lambda: "<div><textarea></div></textarea>" * 100_000,
    "end tags in a script": lambda: "<div><script><!--<script></script></div>--></script>" * 100_000,
    "end tags of what is not open": lambda: "<div></span>" * 100_000,
    "end tags that reach beyond a block": lambda: "<span><p></span><div></div>" * 100_000,
    "readings without a ruby": lambda: "<rt>" * 100_000,
    "groups of options without a list": lambda: "<optgroup>" * 100_000,
    "cells in a drawing": lambda: "<svg>" + "<td>" * 100_000,
    "paragraphs in formulas": lambda: "<math><annotation-xml encoding=text/html><p>" * 100_000,
    "terms and items in turn": lambda: "<dt><li>" * 100_000,
    "ends of formatting in comments": lambda: "".join(f"<b id={i}><!--</b>--><p>" for i in range(20_000)),
    "nested forms and links": lambda: "<div><a><form>" * 50_000 + "x",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_line(name: str) -> None:
    with pytest.raises(BadPage, match=r"^h\.html: [^\n]+$"):
        cut(REFUSED[name]())


@pytest.mark.parametrize("tag", ["td", "th", "caption", "button", "object"])
def test_the_guard_takes_no_longer_than_the_page(tag: str) -> None:
    start = "<p>Words.</p>" + "".join(f"<b id={k}></b>" for k in range(300))

    def look(n: int) -> None:
        with contextlib.suppress(PageblocksError):  # to refuse it is right, too
            assert cut(start + f"<{tag}>" * n).text == ["Words."]

    assert grows_linearly(look, 30_000)


CUT: dict[str, Callable[[], tuple[str, int]]] = {
    "10,000 rows": lambda: ("<table>" + "<tr><td>a<td>b" * 10_000, 20_000),
    "200,000 paragraphs": lambda: ("<p>x" * 200_000, 200_000),
    "5,000 deep": lambda: ("<div>" * 5000 + "x", 1),
    "10,000 deep inline": lambda: ("<span>" * 10_000 + "x", 1),
    "unclosed list items": lambda: ("<ul>" + "<li>x" * 50_000, 50_000),
    "many line breaks": lambda: ("x" + "<br>" * (MANY - 9) + "y", 2),
    "one text of ten megabytes": lambda: ("<p>" + "word " * 2_000_000, 1),
    "options": lambda: ("<select>" + "<option>x" * 100_000 + "</select>", 1),
    "entities": lambda: ("<p>" + "&am&bogus;&#0;&#xFFFFFFFF;" * 50_000, 1),
    "NULs": lambda: ("<p>some words and \x00" + "more " * 20 + "\x00", 1),
    "a long name": lambda: ("<" + "x" * MANY + ">text", 1),
    "a long class": lambda: ("<p class='" + "x " * MANY + "'>text", 1),
    "a long script": lambda: ("<p>x<script>" + "if (a<b && c) { d = '" * 15_000 + "</script>", 1),
    "a picture in an address": lambda: ("<p>x<img src='data:image/png;base64," + "A/b+" * 500_000 + "'>", 1),
    "many comments": lambda: ("<p>x" + "<!-- a b c -->" * 200_000, 1),
    "attributes to the limit": lambda: ("<p " + " ".join(f"a{i}" for i in range(ATTRIBUTES // 4)) + ">x", 1),
}


@pytest.mark.parametrize("name", CUT)
def test_cut_as_any_other_page(name: str) -> None:
    html, count = CUT[name]()
    assert len(cut(html)) == count


def test_long_text_pages() -> None:
    for text in (
        "word " * 2_000_000,
        "x\n" * 300_000,
        "- \n" * 100_000 + "x",
        "\t" * 500_000 + "x",
        " " * MANY + "x\n" * 9,
    ):
        assert len(segment(Page("t", "t.txt", text.encode(), "text"))) >= 1
    for content, why in ((b"x\n" * 20_000_000, "MB"), (b"x\n" * 1_100_000, "lines")):
        with pytest.raises(BadPage, match=why):
            segment(Page("t", "t.txt", content, "text"))


def test_ordinary_pages_pass_the_bounds() -> None:
    card = "<div class='c{0}'><i class='icon-{0}'></i><b id=b{0}>x</b><svg><path d='M0'/></svg></div>"
    cards = "".join(card.format(i) for i in range(5000))
    refuse_costly(cards.encode(), "cards")
    refuse_costly(b"<table><tr>" + b"<td><font color=red>x</td>" * 20_000, "old")
    refuse_costly(b"<p>x" * 100_000, "flat")
    refuse_costly(b"<div><span>a<i>b</div>" * 40_000, "sloppy")  # what is not closed ends with its parent
    refuse_costly(b"<ul><li>a<p>b<li>c</ul><dl><dt>d<dd>e</dl><ruby>f<rt>g</ruby>" * 10_000, "without end tags")
    refuse_costly(b"<script>if (a) b('<div>')</script><!-- <div> --><a title='<div>'></a>" * 20_000, "no tags")


@pytest.mark.parametrize("html", ["'<div>' * 5000 + 'x'", "'<b id=1>' * 9000 + '<p>x' * 9000", "'<p>x' * 500_000"])
def test_memory_is_bounded(html: str) -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from toolkit.page import Page; from toolkit.segment import segment\n"
        f"print(len(segment(Page('h', 'h', ({html}).encode()))), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss "
        "// 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-500:]

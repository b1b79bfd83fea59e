"""What the guard counts is at least what the parser makes of a page, and hardly more on ordinary pages."""

from __future__ import annotations

import random

import pytest

from toolkit.segment.nesting import nested
from toolkit.segment.parser import parse

TIMES = 200
TOKENS = """
    <p> </p> <b> </b> <i> </i> <b+id=%> <font+color=%> </font> <a> </a> <a+href=%> <nobr> </nobr> x x <div> </div>
    <table> </table> <tr> </tr> <td> </td> <th> <caption> </caption> <tbody> <object> </object> <applet> </applet>
    <button> </button> <template> </template> <select> </select> <option> <li> <ul> </ul> <h1> </h1> <span> </span>
    <svg> </svg> <math> <mi> <foreignObject> <form> </form> <br> <img> <ruby> <rt> <dd> <address> </address> <marquee>
    <hr> <textarea> </textarea> <input> <em> <u> <s> <tt> </em> <section> <xmp> </xmp> <colgroup> <col> <body> </body>
    <html> </br> <title> </title> <details> <summary>
""".split()


def page(doctype: str, before: list[str], again: list[str]) -> bytes:
    repeated = "".join("".join(again).replace("%", str(i)) for i in range(TIMES))
    return (doctype + "".join(before) + repeated).replace("+", " ").encode()


def counted(html: bytes) -> tuple[int, int]:
    """How deep the guard says that it nests, and how many elements there are at most."""
    found = list(nested(html))
    return max((depth for depth, _ in found), default=0), len(found) + (found[-1][1] if found else 0)


def made(html: bytes) -> tuple[int, int]:
    """The same of the parser's tree."""
    deepest = count = 0
    todo = [(parse(html).root, 1)]
    while todo:
        node, depth = todo.pop()
        deepest, count = max(deepest, depth), count + 1
        child = node.child if node is not None else None
        while child is not None:
            if child.is_element_node:
                todo.append((child, depth + 1))
            child = child.next
    return deepest, count


def check(html: bytes) -> None:
    (depth, elements), (deepest, count) = counted(html), made(html)
    assert deepest <= 1.3 * depth + 40
    assert count <= 3 * elements + 100  # the parser adds the parts of tables


@pytest.mark.parametrize("doctype", ["", "<!doctype html>"])
@pytest.mark.parametrize(
    "again",
    [
        "<p><b></p>x",
        "<p><b>x",
        "<b id=%><table>",
        "<table><b>x",
        "<table><tr><td><b>x",
        "<table><b id=%><tr>x",
        "<form><td><dd><font color=%>",
        "<dd><form><b id=%></form>",
        "<tt><button></div><div>",
        "<b><p>x</b>",
        "<a href=%><div>",
        "<nobr><div>x",
        "<div></b><b id=%>x</div>",
        "<applet><rt><select></applet>",
        "<select><input><div>",
        "<address><i><math><foreignObject><a href=%></br>",
        "<a></a><address><a href=%><math><font>",
        "<title><span></title><svg>",
        "<caption></i><rt></tr>",
        "<select></a><a><a><font color=%>",
        "<template><col><title></template><span>",
        "<ul><b id=%><td></br><col>",
        "<p><span><span><span><table><td>",
        "<table><td><object><b id=%></td></table><p>x",
        "<b id=%><template></b></template><p>x",
    ],
)
def test_formatting_that_comes_back(doctype: str, again: str) -> None:
    check(page(doctype, [], [again]))
    check(page(doctype, ["<b><i><u>"], [again]))


@pytest.mark.parametrize("seed", range(600))
def test_tags_without_any_order(seed: int) -> None:
    order = random.Random(seed)
    before = order.choices(TOKENS, k=order.randrange(6))
    check(page(order.choice(["", "<!doctype html>"]), before, order.choices(TOKENS, k=order.randrange(1, 9))))


def test_ordinary_pages_open_little_again() -> None:
    assert list(nested(b"<p><b>Tide</b> at <i>six</i>.</p>" * 50))[-1] == (1, 0)
    assert list(nested(b"<p><b>Tide at six.<p>Moon at ten.</b>" * 50))[-1][1] <= 250
    assert list(nested(b"<table><tr><td><b>Tide<td><font color=red>six" * 50))[-1][1] == 0
    assert list(nested(b"<ul><li><a href=x>Tide</a><li><em>six</em></ul>" * 50))[-1] == (2, 0)

"""Random pages, well made and broken, from a seed."""

from __future__ import annotations

import random

TAGS = """
    a abbr article aside b blockquote body br button caption center code col dd div dl dt em fieldset figcaption figure
    font footer form frameset h1 h2 head header hr html i iframe img input label legend li main math mi nav nobr
    noscript object ol optgroup option p path plaintext pre q rp rt ruby script section select selectedcontent small
    span strike strong style sub summary svg table tbody td template textarea tfoot th thead title tr tt u ul var video
    x-y xmp annotation-xml foreignObject desc marquee dialog
""".split()
ATTRIBUTES = (
    "class=a", "id='b c'", "hidden", "style='display:none'", "style='display:block'", "role=heading", "role=dialog",
    "href=/x",
    "type=submit", "type=hidden", "value='Press | me'", "placeholder='Type here'", "lang=nb", "=", '"', "a=\"<p>\"",
    "a='>'", "/",
    "style", "class", "\x00=\x00", "type=search", "selected", "xlink:href=#a",
)  # fmt: skip
TEXTS = (
    "word", " two words ", "\n", "\t ", "&nbsp;", "&amp;", "&lt;p&gt;", "&bogus;", "&#0;", "&#xD800;", "&#1114112;",
    "&amp", "|",
    " | ", "漢字", "é", "\u00a0", "\u2028", "\ufeff", "\x00", "\x0b", "\x0c", "\x85", "\x1c", "<", ">", "</", "<!",
    "<!--", "-->",
    "--!>", "<![CDATA[", "]]>", "<?", "\U0001f600", "<!doctype html>", "\r\n", "\x1b[1m", "0", "• ", "1. ", "<p",
    "<p class=",
)  # fmt: skip


def random_page(chance: random.Random) -> str:
    """A page of up to some hundred pieces; its elements mostly close, often in the wrong order."""
    out: list[str] = ["<!doctype html><body>"] if chance.random() < 0.5 else []
    opened: list[str] = []
    few = chance.sample(TAGS, chance.randint(2, 12)) if chance.random() < 0.7 else TAGS
    for _ in range(chance.choice((3, 10, 30, 100, 300))):
        kind = chance.random()
        if kind < 0.4:
            tag = chance.choice(few)
            more = "".join(" " + chance.choice(ATTRIBUTES) for _ in range(chance.choice((0, 0, 0, 1, 2))))
            out.append(f"<{tag}{more}>")
            opened.append(tag)
        elif kind < 0.65 and opened:
            out.append(f"</{opened.pop() if chance.random() < 0.8 else chance.choice(opened)}>")
        elif kind < 0.7:
            out.append(f"</{chance.choice(TAGS)}>")
        else:
            out.append(chance.choice(TEXTS))
    return "".join(out)


def random_bytes(chance: random.Random) -> bytes:
    """A random page with some of its bytes changed, cut out or doubled."""
    content = bytearray(random_page(chance).encode(chance.choice(("utf-8", "utf-8", "utf-16", "cp1252")), "replace"))
    for _ in range(chance.choice((0, 1, 3, 20))):
        if not content:
            break
        at = chance.randrange(len(content))
        what = chance.random()
        if what < 0.5:
            content[at] = chance.randrange(256)
        elif what < 0.75:
            del content[at : at + chance.randint(1, 20)]
        else:
            content[at:at] = content[chance.randrange(len(content)) :][:40]
    return bytes(content)

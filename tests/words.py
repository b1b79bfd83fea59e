"""The words of a page, found another way than segmentation finds them: text node by text node, ancestors looked at one by one."""

from __future__ import annotations

from collections import Counter

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from toolkit.page import Blocks, Flag
from toolkit.segment.invisible import visible

UNSEEN = set(
    "annotation annotation-xml applet audio base canvas datalist embed frame frameset head iframe link meta noembed noframes"
    " noscript object param rp rt rtc script source style svg template title track video -comment".split()
)
# Not compared: bars stand between options too, and whether the others are seen depends on the text around.
_RANGES = ((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xE0000, 0xE0FFF))
UNCERTAIN = set("|\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufeff").union(
    *(map(chr, range(first, last + 1)) for first, last in _RANGES)
)


def page_characters(html: str) -> Counter[str]:
    """How often each character stands on the page where its markup shows it."""
    tree = LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS.value, scripting=True)
    if tree.body is None:
        return Counter()
    unseen: dict[int, bool] = {}
    out: list[str] = []
    for node in tree.body.traverse(include_text=True):
        above = unseen.get(node.parent.mem_id, False) if node.parent is not None else False
        if node.tag == "-text":
            if not above:
                out.append(node.text_content or "")
        else:
            unseen[node.mem_id] = above or node.tag in UNSEEN or is_drawn_formula(node)
    return characters(out)


def is_drawn_formula(node: LexborNode) -> bool:
    """Whether a neighbour has the same formula as MathML."""
    return node.attributes.get("aria-hidden") == "true" and any(is_formula(node, side) for side in ("prev", "next"))


def is_formula(node: LexborNode, side: str) -> bool:
    beside = getattr(node, side)
    while beside is not None and (beside.tag in UNSEEN or (beside.tag == "-text" and not (beside.text_content or "").strip())):
        beside = getattr(beside, side)
    return beside is not None and (beside.tag == "math" or (beside.child is not None and beside.child.tag == "math"))


def page_views(html: str) -> tuple[Counter[str], Counter[str]]:
    """The characters with scripts and without: which of the two a page is read as depends on how much each shows."""
    opened = html.replace("<noscript", "<section").replace("</noscript", "</section")
    return page_characters(html), page_characters(opened)


def block_characters(blocks: Blocks) -> Counter[str]:
    """The characters of the blocks, without texts of attributes."""
    return characters([text for text, flags in zip(blocks.text, blocks.flags, strict=True) if not flags & Flag.OPTIONAL])


def characters(texts: list[str]) -> Counter[str]:
    return Counter(c for c in visible("\n".join(texts)) if c not in UNCERTAIN and not c.isspace())

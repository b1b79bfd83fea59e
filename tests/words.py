"""The words of a page, found another way than segmentation finds them: text node by text node, ancestors looked at one by one."""

from __future__ import annotations

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from toolkit.page import Blocks, Flag

UNSEEN = set(
    "applet audio base canvas datalist embed frame frameset head iframe link meta noembed noframes noscript object param rp"
    " script source style svg template title track video".split()
)


def page_characters(html: str) -> str:
    """All characters of the page that its markup shows, without white space, in document order."""
    tree = LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS.value, scripting=True)
    if tree.body is None:
        return ""
    unseen: dict[int, bool] = {}
    out: list[str] = []
    for node in tree.body.traverse(include_text=True):
        above = unseen.get(node.parent.mem_id, False) if node.parent is not None else False
        if node.tag == "-text":
            if not above:
                out.append(node.text_content or "")
        else:
            unseen[node.mem_id] = above or node.tag in UNSEEN
    return "".join("".join(out).replace("|", "").split())  # the bars stand between options too


def page_views(html: str) -> tuple[str, str]:
    """The characters with scripts and without: which of the two a page is read as depends on how much each shows."""
    opened = html.replace("<noscript", "<section").replace("</noscript", "</section")
    return page_characters(html), page_characters(opened)


def block_characters(blocks: Blocks) -> str:
    """The characters of the blocks, texts of attributes and bars apart."""
    texts = [text for text, flags in zip(blocks.text, blocks.flags, strict=True) if not flags & Flag.OPTIONAL]
    return "".join("".join(texts).replace("|", "").split())

"""The words of a page, found another way than segmentation finds them: text node by text node, ancestors looked at one
by one.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from toolkit.page import Blocks, Flag
from toolkit.segment.invisible import visible

UNSEEN = set(
    "annotation annotation-xml applet audio base canvas datalist embed frame frameset head iframe link meta noembed "
    "noframes"
    " noscript object param rp rt rtc script source style svg template title track video -comment".split()
)
# Elements that can have a shadow root, beside those with a hyphen in their names, and what has one but is no custom
# element.
HOSTS = set("article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span".split())
NO_HOSTS = set(
    "annotation-xml color-profile font-face font-face-src font-face-uri font-face-format font-face-name "
    "missing-glyph".split()
)
ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
UNESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}
MARKUP = re.compile(r"<style\b.*?</style>|<!--.*?-->|<[^<>]*>", re.S)
WORD = re.compile(r"\w+")
# Not compared: bars stand between options too, and whether the others are seen depends on the text around.
_RANGES = ((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xE0000, 0xE0FFF))
UNCERTAIN = set("|\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufeff").union(
    *(map(chr, range(first, last + 1)) for first, last in _RANGES)
)


def page_characters(html: str) -> Counter[str]:
    """How often each character stands on the page where its markup shows it: in the flat tree of the DOM standard.

    The children of a shadow host show in the slots of its shadow tree, each in the first one of its name.
    """
    tree = LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS.value, scripting=True)
    if tree.body is None:
        return Counter()
    contents = template_contents(tree)
    out: list[str] = []
    todo: list[tuple[LexborNode, bool, Slotted | None]] = [(tree.body, False, None)]
    while todo:
        node, unseen, slotted = todo.pop()
        if node.tag == "-text":
            if not unseen:
                out.append(node.text_content or "")
            continue
        inside = children(node)
        if (template := shadow_root(node, inside)) is not None:
            slotted = Slotted([child for child in inside if child.mem_id != template.mem_id], slotted)
            inside = children(contents[template.mem_id])
        elif node.tag == "slot" and slotted is not None and (given := slotted.take(node.attributes.get("name") or "")):
            inside, slotted = given, slotted.around
        todo += [
            (child, unseen or child.tag in UNSEEN or is_drawn_formula(child), slotted)
            if child.tag != "-text"
            else (child, unseen, slotted)
            for child in reversed(inside)
        ]
    return characters(out)


class Slotted:
    """The children of a shadow host by the slots that they go to; `around` is the tree that the host stands in."""

    def __init__(self, nodes: list[LexborNode], around: Slotted | None) -> None:
        self.around = around
        self._nodes: dict[str, list[LexborNode]] = {}
        for node in nodes:
            if node.is_element_node or node.is_text_node:
                name = (node.attributes.get("slot") or "") if node.is_element_node else ""
                self._nodes.setdefault(name, []).append(node)

    def take(self, name: str) -> list[LexborNode]:
        return self._nodes.pop(name, [])


def children(node: LexborNode) -> list[LexborNode]:
    found, child = [], node.first_child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def template_contents(tree: LexborHTMLParser) -> dict[int, LexborNode]:
    """What is in each template, also in those in templates."""
    found: dict[int, LexborNode] = {}
    todo = list(tree.template_fragments())
    while todo:
        fragment = todo.pop()
        found[fragment.parent.mem_id] = fragment
        todo += fragment.template_fragments()
    return found


def shadow_root(host: LexborNode, nodes: list[LexborNode]) -> LexborNode | None:
    """The template that becomes the shadow root of `host`."""
    name = host.tag or ""
    if name not in HOSTS and not ("-" in name and name[:1].isalpha() and name not in NO_HOSTS):
        return None
    for node in nodes:
        if node.tag == "template" and (node.attributes.get("shadowrootmode") or "").lower() in ("open", "closed"):
            return node
    return None


def is_drawn_formula(node: LexborNode) -> bool:
    """Whether a neighbour has the same formula as MathML."""
    return node.attributes.get("aria-hidden") == "true" and any(is_formula(node, side) for side in ("prev", "next"))


def is_formula(node: LexborNode, side: str) -> bool:
    beside = getattr(node, side)
    while beside is not None and (
        beside.tag in UNSEEN or (beside.tag == "-text" and not (beside.text_content or "").strip())
    ):
        beside = getattr(beside, side)
    return beside is not None and (beside.tag == "math" or (beside.child is not None and beside.child.tag == "math"))


def page_views(html: str) -> tuple[Counter[str], Counter[str]]:
    """The characters with scripts and without: which of the two a page is read as depends on how much each shows."""
    return page_characters(html), page_characters(opened(html))


def opened(html: str) -> str:
    """The page as a browser without scripting reads it; text that shows the tag itself (in <plaintext>) changes with
    it.
    """
    return html.replace("<noscript", "<section").replace("</noscript", "</section")


def block_characters(blocks: Blocks) -> Counter[str]:
    """The characters of the blocks, without texts of attributes."""
    return characters(
        [text for text, flags in zip(blocks.text, blocks.flags, strict=True) if not flags & Flag.OPTIONAL]
    )


def characters(texts: list[str]) -> Counter[str]:
    return Counter(c for c in visible("\n".join(texts)) if c not in UNCERTAIN and not c.isspace())


def words_outside(blocks: Blocks, html: str) -> set[str]:
    """The words of blocks that stand nowhere in the page's source, whether as they are or escaped, once or more
    often.
    """
    wanted = {word for text in blocks.text for word in WORD.findall(text)}
    for _ in range(4):
        wanted -= set(WORD.findall(visible(html)))
        wanted -= set(WORD.findall(visible(MARKUP.sub("", html))))
        html = unescape(
            ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else UNESCAPED.get(found[2], found[2]), html)
        )
        html = html.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return wanted

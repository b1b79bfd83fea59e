"""The table of HTML elements that the walk uses: which are blocks, inline, skipped and so on."""

from __future__ import annotations

import re

from ..page import Flag

# The walk compares these numbers. MUTE: the text is not read, but the text nodes count, so that positions of labels
# stay valid.
INLINE, LINK, BLOCK, CUSTOM, DIALOG, CONTROL, FIELD, SELECT, BREAK, PICTURE, MUTE, SKIP = range(12)

_BLOCKS = """address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup html legend li listing main menu nav ol optgroup p plaintext pre
    search section summary table tbody td tfoot th thead tr ul xmp""".split()
# Never text that a reader sees: code, inert copies, media and graphics, and replacements for when scripting is off.
_SKIPPED = """applet datalist frame frameset head noembed noframes noscript param rp script source style svg template
track meta
    link title base""".split()
# Ruby readings and other notations of a formula: a second form of the text beside them.
_MUTED = "annotation annotation-xml rt rtc".split()
# No text either, but a caption may belong to them.
_PICTURES = "audio canvas embed iframe img object video".split()

KIND: dict[str | None, int] = {
    **dict.fromkeys(_BLOCKS, BLOCK),
    **dict.fromkeys(_SKIPPED, SKIP),
    **dict.fromkeys(_MUTED, MUTE),
    **dict.fromkeys(_PICTURES, PICTURE),
    "dialog": DIALOG, "button": CONTROL, "label": CONTROL, "br": BREAK, "hr": BLOCK, "input": FIELD, "textarea": FIELD,
    "select": SELECT, "a": LINK, "-comment": SKIP, "!doctype": SKIP, None: SKIP,
}  # fmt: skip

# Plain integers from here on: an IntFlag costs a Python call per operation, and the walk does thousands per page.
CONTEXT: dict[str | None, int] = {
    "ul": Flag.LIST, "ol": Flag.LIST, "dl": Flag.LIST, "menu": Flag.LIST, "li": Flag.LIST,
    "table": Flag.TABLE, "form": Flag.FORM, "fieldset": Flag.FORM, "figure": Flag.FIGURE, "nav": Flag.NAV,
    "aside": Flag.ASIDE, "header": Flag.HEADER, "footer": Flag.FOOTER, "article": Flag.ARTICLE, "main": Flag.MAIN,
    "h1": Flag.HEADING, "h2": Flag.HEADING, "h3": Flag.HEADING, "h4": Flag.HEADING, "h5": Flag.HEADING,
    "h6": Flag.HEADING,
    "button": Flag.BUTTON, "label": Flag.LABEL, "legend": Flag.LABEL, "dialog": Flag.DIALOG, "blockquote": Flag.QUOTE,
    "q": Flag.QUOTE, "pre": Flag.CODE, "code": Flag.CODE, "figcaption": Flag.FIGURE | Flag.CAPTION,
    "caption": Flag.CAPTION,
    "textarea": Flag.FORM, "search": Flag.FORM,
}  # fmt: skip

ROLE: dict[str, int] = {
    "navigation": Flag.NAV, "complementary": Flag.ASIDE, "banner": Flag.HEADER, "contentinfo": Flag.FOOTER,
    "main": Flag.MAIN,
    "article": Flag.ARTICLE, "dialog": Flag.DIALOG, "alertdialog": Flag.DIALOG, "heading": Flag.HEADING,
    "button": Flag.BUTTON,
    "search": Flag.FORM, "form": Flag.FORM, "list": Flag.LIST, "menu": Flag.NAV, "menubar": Flag.NAV,
    "figure": Flag.FIGURE,
}  # fmt: skip

PREFORMATTED = 1 << 28  # of a container, beside its flags: its white space is shown as it is
CONTEXT = {name: int(flag) for name, flag in CONTEXT.items()}
CONTEXT["pre"] |= PREFORMATTED
CONTEXT["textarea"] |= PREFORMATTED
CONTEXT.update(dict.fromkeys(("listing", "plaintext", "xmp"), PREFORMATTED))
ROLE = {name: int(flag) for name, flag in ROLE.items()}

# In preformatted text these are lines, not blocks.
LINES = frozenset("code div li ol span ul".split())
# Custom elements are inline without a style; these words in a name suggest a style that makes it a block.
_BLOCK_WORDS = frozenset(
    """accordion article aside banner block blockquote body box byline caption card cell column comment container
    content dek
    dialog feed figure foot footer form gallery grid group head header heading headline hero item kicker layout lede
    list main
    media menu modal nav navbar navigation page panel para paragraph popup post quote region row section sidebar story
    subtitle
    summary tab table tabs teaser title toolbar wrapper""".split()
)
_PARTS_OF_NAMES = re.compile(r"[-_.]")


def block_like(name: str) -> bool:
    """Whether the name of a custom element (`news-headline`) suggests that it is displayed as a block."""
    return not _BLOCK_WORDS.isdisjoint(_PARTS_OF_NAMES.split(name)[1:])

"""What each element means to a reader: the one table that the HTML walk looks things up in."""

from __future__ import annotations

from ..page import Flag

INLINE, LINK, BLOCK, FIELD, SELECT, BREAK, PICTURE, SKIP = range(8)  # in this order: the walk compares

_BLOCKS = """address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup html label legend li listing main menu nav ol optgroup p plaintext pre
    search section summary table tbody td textarea tfoot th thead tr ul xmp""".split()
# Never text that a reader sees: code, inert copies, what plays or draws, and what stands in for it where scripting is off.
_SKIPPED = """applet datalist frame frameset head noembed noframes noscript param rp script source style svg template track meta
    link title base""".split()
# No text either, but what a caption may belong to.
_PICTURES = "audio canvas embed iframe img object video".split()

KIND: dict[str | None, int] = {
    **dict.fromkeys(_BLOCKS, BLOCK),
    **dict.fromkeys(_SKIPPED, SKIP),
    **dict.fromkeys(_PICTURES, PICTURE),
    "br": BREAK, "hr": BLOCK, "input": FIELD, "textarea": FIELD, "select": SELECT, "a": LINK, "-comment": SKIP, "!doctype": SKIP,
    None: SKIP,
}  # fmt: skip

# Plain integers from here on: an IntFlag costs a Python call an operation, and the walk does thousands a page.
CONTEXT: dict[str | None, int] = {
    "ul": Flag.LIST, "ol": Flag.LIST, "dl": Flag.LIST, "menu": Flag.LIST, "li": Flag.LIST,
    "table": Flag.TABLE, "form": Flag.FORM, "fieldset": Flag.FORM, "figure": Flag.FIGURE, "nav": Flag.NAV,
    "aside": Flag.ASIDE, "header": Flag.HEADER, "footer": Flag.FOOTER, "article": Flag.ARTICLE, "main": Flag.MAIN,
    "h1": Flag.HEADING, "h2": Flag.HEADING, "h3": Flag.HEADING, "h4": Flag.HEADING, "h5": Flag.HEADING, "h6": Flag.HEADING,
    "button": Flag.BUTTON, "label": Flag.LABEL, "legend": Flag.LABEL, "dialog": Flag.DIALOG, "blockquote": Flag.QUOTE,
    "q": Flag.QUOTE, "pre": Flag.CODE, "code": Flag.CODE, "figcaption": Flag.FIGURE | Flag.CAPTION, "caption": Flag.CAPTION,
    "textarea": Flag.FORM, "search": Flag.FORM,
}  # fmt: skip

ROLE: dict[str, int] = {
    "navigation": Flag.NAV, "complementary": Flag.ASIDE, "banner": Flag.HEADER, "contentinfo": Flag.FOOTER, "main": Flag.MAIN,
    "article": Flag.ARTICLE, "dialog": Flag.DIALOG, "alertdialog": Flag.DIALOG, "heading": Flag.HEADING, "button": Flag.BUTTON,
    "search": Flag.FORM, "form": Flag.FORM, "list": Flag.LIST, "menu": Flag.NAV, "menubar": Flag.NAV, "figure": Flag.FIGURE,
}  # fmt: skip

CONTEXT = {name: int(flag) for name, flag in CONTEXT.items()}
ROLE = {name: int(flag) for name, flag in ROLE.items()}

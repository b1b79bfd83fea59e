"""Other extractors for the same run: those that are installed (`pip install
pageblocks[peers]`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from importlib.util import find_spec

from ..errors import MissingExtra, UsageError

# HTML and address of a page -> its text, "" where the extractor finds none.
Extractor = Callable[[str, str], str]


def installed() -> list[str]:
    """The names of the peers that can run here."""
    return [name for name, (module, *_) in _PEERS.items() if find_spec(module)]


def peer(name: str) -> Extractor:
    """Raises `UsageError` for an unknown name, `MissingExtra` for a package that is not installed."""
    if name not in _PEERS:
        raise UsageError(f"unknown extractor {name!r}; choose one of {', '.join(_PEERS)}")
    module, extra, make = _PEERS[name]
    if not find_spec(module):
        raise MissingExtra(f"{name} (module {module})", extra)
    try:
        return make()
    except ImportError as error:  # a package of its own is missing
        raise MissingExtra(f"{name} cannot be imported ({error}); part of it", extra) from error


def _trafilatura() -> Extractor:
    from trafilatura import extract  # extra

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs every page that it gives up
    return lambda html, url: extract(html, url=url or None, include_comments=False) or ""


def _resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text  # start-up

    return lambda html, url: str(extract_plain_text(html, main_content=True))


def _readability() -> Extractor:
    from lxml.html import fromstring  # extra
    from readability import Document  # extra

    def run(html: str, url: str) -> str:
        summary = Document(html).summary()
        return "\n".join(fromstring(summary).itertext()) if summary.strip() else ""

    return run


def _justext() -> Extractor:
    from justext import get_stoplist, justext  # extra

    stoplist = get_stoplist("English")

    def run(html: str, url: str) -> str:
        return "\n\n".join(part.text for part in justext(html, stoplist) if not part.is_boilerplate)

    return run


def _pagesift() -> Extractor:
    from pagesift import convert  # extra

    # Its text is Markdown: of a link or a picture only the words count.
    link = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
    return lambda html, url: link.sub(r"\1", str(convert(html, url=url or None).markdown or ""))


def _rs_trafilatura() -> Extractor:
    from trafipy import extract  # binds the Rust crate; its wheels want Python 3.12

    return lambda html, url: str(extract(html, url=url or None, include_comments=False).text or "")


# Name -> module, the extra that installs it, and what makes the extractor.
_PEERS: dict[str, tuple[str, str, Callable[[], Extractor]]] = {
    "trafilatura": ("trafilatura", "peers", _trafilatura),
    "resiliparse": ("resiliparse", "peers", _resiliparse),
    "readability-lxml": ("readability", "peers", _readability),
    "justext": ("justext", "peers", _justext),
    "pagesift": ("pagesift", "pagesift", _pagesift),
    "rs-trafilatura": ("trafipy", "rs-trafilatura", _rs_trafilatura),
}

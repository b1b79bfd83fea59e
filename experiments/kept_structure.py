"""Compare the Markdown of pageblocks with that of other extractors: how much structure is kept, on 20 public pages.

    pip install trafilatura readability-lxml mineru-webkit markdownify markdown-it-py
    python experiments/kept_structure.py CORPORA     (a folder that contains wcxb-dev/ and fundus/)

MinerU-HTML chooses the main content with a language model, whose weights are not in its package. Its converter to
Markdown needs none, so it is given the main content of readability-lxml here. markdownify converts the whole page.
What is not installed is left out. Each result is read by a CommonMark parser with tables, and its elements are counted.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

from markdown_it import MarkdownIt

import pageblocks
from toolkit.benchmark.overlap import word_overlap
from toolkit.support.hashing import seeded_hash

PAGES, SEED = 20, 0
Convert = Callable[[bytes, str, str], str]  # the page's bytes, its text, its address -> Markdown
COUNTED = ("headings", "items of lists", "rows of tables", "lines of code", "quotes", "emphasis", "raw HTML")


def chosen(corpora: Path) -> Iterator[dict[str, Any]]:
    """Pages with a known main content, of each kind as many, by hash."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for corpus in ("wcxb-dev", "fundus"):
        with gzip.open(corpora / corpus / "pages.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                text = row.get("main_content") or "\n\n".join(row.get("article") or [])
                path = corpora / corpus / "html" / f"{row['id']}.html.gz"
                if text and path.exists():
                    kind = row.get("page_type") or "news"
                    kinds.setdefault(kind, []).append(row | {"kind": kind, "text": text, "path": path})
    queues = [sorted(rows, key=lambda row: seeded_hash(row["id"], SEED)) for _, rows in sorted(kinds.items())]
    for k in range(PAGES):
        yield queues[k % len(queues)][k // len(queues)]


def converters() -> Iterator[tuple[str, Convert]]:
    model = pageblocks.load()
    yield "pageblocks", lambda content, html, url: model.extract(content, url=url, format="markdown")
    for make in (_trafilatura, _mineru, _markdownify):
        try:
            yield make()
        except ImportError as error:
            print(f"left out: {error}", file=sys.stderr)


def _trafilatura() -> tuple[str, Convert]:
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

    def run(content: bytes, html: str, url: str) -> str:
        return extract(html, url=url or None, output_format="markdown", include_formatting=True) or ""

    return "trafilatura", run


def _mineru() -> tuple[str, Convert]:
    from readability import Document
    from selectolax.lexbor import LexborHTMLParser

    # The converter wants a parser that selectolax no longer has since 1.0; this one has the same methods.
    sys.modules["selectolax.parser"] = cast(ModuleType, SimpleNamespace(HTMLParser=LexborHTMLParser))
    from webpage_converter.convert import convert_html_to_structured_data

    for name in ("readability.readability", "webpage_converter"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

    def run(content: bytes, html: str, url: str) -> str:
        main = Document(html).summary()
        return str(convert_html_to_structured_data(main_html=main, url=url, output_format="md") or "")

    return "readability, MinerU's converter", run


def _markdownify() -> tuple[str, Convert]:
    from markdownify import markdownify

    return "whole page, markdownify", lambda content, html, url: markdownify(html, strip=["img"], bs4_options="lxml")


def counts(markdown: str) -> tuple[Counter[str], str]:
    """Elements of a Markdown text, and its words without markup."""
    found: Counter[str] = Counter()
    words: list[str] = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        kind = token.type
        found["headings"] += kind == "heading_open"
        found["items of lists"] += kind == "list_item_open"
        found["rows of tables"] += kind == "tr_open"
        found["quotes"] += kind == "blockquote_open"
        found["raw HTML"] += kind == "html_block"
        if kind in ("fence", "code_block"):
            found["lines of code"] += token.content.count("\n")
            words.append(token.content)
        for child in token.children or ():
            found["emphasis"] += child.type in ("em_open", "strong_open", "code_inline")
            found["raw HTML"] += child.type == "html_inline"
            words.append(child.content if child.type in ("text", "code_inline") else " " * ("break" in child.type))
        words.append("\n")
    return found, "".join(words)


def main(corpora: str) -> None:
    pages = list(chosen(Path(corpora)))
    kinds = Counter(page["kind"] for page in pages)
    print(f"{len(pages)} pages: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items()))
    rows = []
    for name, convert in converters():
        total: Counter[str] = Counter()
        scores, with_it = [], Counter[str]()
        for page in pages:
            content = gzip.decompress(page["path"].read_bytes())
            found, text = counts(convert(content, content.decode("utf-8", "replace"), page.get("url") or ""))
            total += found
            with_it.update(kind for kind in COUNTED if found[kind])
            scores.append(word_overlap(text, page["text"]))
        f1, precision, recall = (
            sum(getattr(s, key) for s in scores) / len(scores) for key in ("f1", "precision", "recall")
        )
        cells = [f"{total[kind]:,} ({with_it[kind]})" if total[kind] else "0" for kind in COUNTED]
        numbers = (re.sub("^0", "", f"{number:.3f}") for number in (f1, precision, recall))
        rows.append([name, *cells, *numbers])
    head = ["", *COUNTED, "word F1", "precision", "recall"]
    for column in zip(head, *rows, strict=True):
        print("| " + " | ".join(column) + " |")
        if column[0] == "":
            print("|" + "---|" * len(column))


if __name__ == "__main__":
    main(sys.argv[1])

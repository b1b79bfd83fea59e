"""A corpus as pages with labels, and as a table with one row a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..corpus.folder import Corpus
from ..errors import TooFewLabels
from ..page import Blocks
from ..segment import segment
from ..standoff import Annotation, attach
from ..support.text import without_surrogates

OnPage = Callable[[], object]


@dataclass(frozen=True)
class LabelledPage:
    """A page, a label for each of its blocks (None: not labelled), its line in `pages.jsonl`, and the gold that it
    has.
    """

    blocks: Blocks
    labels: list[str | None]
    row: dict[str, Any]
    gold: Annotation | None


def labelled_pages(corpus: Corpus, all_pages: bool = False, on_page: OnPage | None = None) -> Iterator[LabelledPage]:
    """The pages with gold, or `all_pages`, in the corpus' order. Raises TooFewLabels where there are none.

    A page with gold has a label for one of its blocks at least.
    """
    gold = {} if all_pages and not (corpus.folder / "gold.jsonl").exists() else corpus.gold()
    gold = {id: annotation for id, annotation in gold.items() if annotation.state == "done"}
    chosen = [id for id in corpus.rows if all_pages or id in gold]
    if not chosen:
        raise TooFewLabels(f"{corpus.folder}: no labelled pages; --all includes the pages without labels")
    for id in chosen:
        blocks = segment(corpus.page(id))
        answers: list[str | None] = attach(blocks, gold[id]) if id in gold else [None] * len(blocks)
        if on_page is not None:
            on_page()
        if all_pages or any(label is not None for label in answers):
            yield LabelledPage(blocks, answers, corpus.rows[id], gold.get(id))


def page_facts(page: LabelledPage) -> dict[str, str]:
    """What is known of a page, as text."""
    return {
        "page": page.blocks.page.id,
        "url": without_surrogates(page.blocks.page.url),
        "site": without_surrogates(page.blocks.page.site),
        "language": str(page.row.get("language") or page.blocks.language),
        "type": str(page.row.get("type") or ""),
        "format": page.blocks.page.format,
        "sha256": page.blocks.page.sha256,
    }


def labelled_block_rows(page: LabelledPage) -> Iterator[dict[str, Any]]:
    """One row a block, in reading order. `label` is the label's name, None where there is none."""
    facts = page_facts(page)
    blocks = page.blocks
    for i, (id, label) in enumerate(zip(blocks.ids, page.labels, strict=True)):
        yield {
            "page": facts["page"],
            "block": id,
            "position": i,
            "text": without_surrogates(blocks.text[i]),
            "label": label,
            "tag": without_surrogates(blocks.tag[i]),
            "path": without_surrogates(blocks.path[i]),
            "names": without_surrogates(blocks.names[i]),
            "flags": int(blocks.flags[i]),
            "link_density": float(blocks.link_density[i]),
            "depth": int(blocks.depth[i]),
            **{key: facts[key] for key in ("language", "url", "site", "type", "format")},
        }

"""Extraction by pageblocks and by other extractors from the same pages, in the same run: `pageblocks benchmark` as a
library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..corpus import read_split
from ..corpus.public.layouts import PublicPage
from ..corpus.public.mirror import Mirror
from ..errors import BadInput, BadPage
from ..experiment.recipe import Progress, read_material
from ..experiment.settings import read_recipe
from ..page import Blocks, Page, group_of
from ..segment import segment
from ..segment.decode import decode
from ..support.files import write_json
from ..train.fit import fit_without
from .peers import peer
from .scores import Extracted, Wanted, score_texts

if TYPE_CHECKING:
    from ..model import BlockClassifier

OURS = "pageblocks"


@dataclass(frozen=True)
class Known:
    """A page of which the main content is known."""

    page: Page
    wanted: Wanted
    blocks: Blocks | None  # None: nothing that a reader could see


def known_pages(recipe: Path | str, mirror: Path | str, limit: int | None = None) -> list[Known]:
    """The pages of the recipe's content corpora whose main content is known, also where there is none; `limit` of them
    by hash.

    Pages of the recipe's test split are left out.
    """
    settings = read_recipe(recipe)
    closed = read_split(Path(recipe).parent / settings.split) if settings.split else None
    found: list[tuple[Page, PublicPage, str]] = []
    for corpus in settings.content:
        place = Mirror.open(Path(mirror) / corpus)
        told = [(id, record) for id, record in place.records.items() if record.truth.keys() & {"content", "title"}]
        found += [(place.page(id), record, corpus) for id, record in told]
    if limit is not None:
        found = sorted(found, key=lambda item: item[0].sha256)[:limit]
    known = [_known(*one) for one in found]
    if closed is not None:
        known = [item for item in known if item.blocks is None or closed.part(group_of(item.blocks)) != "test"]
    if not known:
        raise BadInput(
            f"{recipe}: no page of its content corpora has its main content marked; name other corpora in `content`"
        )
    return known


def _known(page: Page, record: PublicPage, corpus: str) -> Known:
    try:
        blocks = segment(page)
    except BadPage:
        blocks = None  # drawn by a script
    truth = record.truth
    groups = {
        "corpus": corpus, "page type": str(record.facts.get("type", "")), "language": blocks.language if blocks else "",
    }  # fmt: skip
    wanted = Wanted(truth.get("content") or "", page.site, truth.get("with") or [], truth.get("without") or [], groups)
    return Known(page, wanted, blocks)


def extract_folds(
    recipe: Path | str, mirror: Path | str, known: Sequence[Known], *, folds: int, progress: Progress = lambda _: None
) -> list[str]:
    """The text that models take from each page, none of which learned anything from the page or its site."""
    settings = read_recipe(recipe)
    learned = read_material(settings, Path(recipe).parent, Path(mirror), progress=progress)
    asked = [item.blocks for item in known if item.blocks]
    sites = sorted({group_of(blocks) for blocks in (*learned.pages, *(learned.content or ([],))[0], *asked)})
    drawn = np.random.default_rng(settings.seed).permutation(len(sites))
    fold_of = {site: int(k) % folds for site, k in zip(sites, drawn, strict=True)}
    texts = [""] * len(known)
    for fold in range(folds):
        progress(f"fold {fold + 1} of {folds}")
        held = {site for site, number in fold_of.items() if number == fold}
        model = fit_without(
            held,
            settings.classifier(),
            learned.pages,
            labels=learned.labels,
            content=learned.content,
            silver=learned.silver,
            formats=["html"],
        )
        here = [i for i, item in enumerate(known) if item.blocks and group_of(item.blocks) in held]
        for i, text in zip(here, _texts(model, [known[i] for i in here]), strict=True):
            texts[i] = text
    return texts


def extract_all(model: BlockClassifier, known: Sequence[Known]) -> list[str]:
    """The text that one model takes from each page. `seen.seen` says whether it was trained on them."""
    texts = [""] * len(known)
    here = [i for i, item in enumerate(known) if item.blocks]
    for i, text in zip(here, _texts(model, [known[i] for i in here]), strict=True):
        texts[i] = text
    return texts


def _texts(model: BlockClassifier, known: Sequence[Known]) -> Iterator[str]:
    for page in model.classify_many(item.blocks for item in known if item.blocks):
        yield page.text()


def extract_peer(name: str, known: Sequence[Known], progress: Progress = lambda _: None) -> list[str]:
    """What another extractor takes from each page; "" where it fails."""
    progress(name)
    take = peer(name)
    texts = []
    for item in known:
        try:
            texts.append(take(decode(item.page.content, item.page.encoding, item.page.source), item.page.url))
        except Exception:  # whatever a peer stumbles over is a page that it gives nothing for
            texts.append("")
    return texts


def contest(found: dict[str, list[str]], known: Sequence[Known], seed: int = 0) -> list[Extracted]:
    """The scores of each extractor's texts, best word F1 first."""
    wanted = [item.wanted for item in known]
    scores = [score_texts(name, texts, wanted, seed=seed) for name, texts in found.items()]
    return sorted(scores, key=lambda one: -one.figures["word_f1"].value)


def keep_texts(path: Path | str, found: dict[str, list[str]], known: Sequence[Known]) -> None:
    """Write what each found as NAME.json, as article-extraction-benchmark's script reads it: {id: {"articleBody":
    text}}.
    """
    for name, texts in found.items():
        body = {item.page.id: {"articleBody": text} for item, text in zip(known, texts, strict=True)}
        write_json(Path(path) / f"{name}.json", body)

"""The labelled pages of a command, and notes and warnings about pages that do not count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..support.text import counted
from .output import say, warn

if TYPE_CHECKING:
    from ..corpus.folder import Corpus
    from ..model import BlockClassifier
    from ..model.seen import Seen
    from ..page import Blocks


def read_labelled_pages(corpus: Corpus) -> tuple[list[Blocks], list[list[str | None]]]:
    """The labelled pages of a corpus without its test part. Says how many pages and blocks do not count."""
    from ..corpus import without_test
    from ..errors import TooFewLabels

    pages, labels = corpus.read_labelled(test=True)
    tell_of_absent(corpus)
    tell_of_new_sites(corpus)
    chosen = corpus.split()
    if chosen is None:
        tell_of_holes(labels)
        return pages, labels
    kept, known = without_test(pages, labels, chosen)
    if not kept:
        raise TooFewLabels(
            f"{corpus.folder}: all labelled pages are in the test part of the split; label pages of more sites"
        )
    if left := len(pages) - len(kept):
        say(f"Left out {left} of {counted(len(pages), 'page')}: the test part of {corpus.folder / 'split.json'}.")
    tell_of_holes(known)
    return kept, known


def tell_of_absent(corpus: Corpus) -> None:
    """Say how many pages of the gold are not in the corpus, if any."""
    absent = [id for id in corpus.gold() if id not in corpus.rows]
    if absent:
        say(
            f"{counted(len(absent), 'page')} of gold.jsonl are not in the corpus and do not count "
            f"({', '.join(absent[:3])})."
        )


def tell_of_new_sites(corpus: Corpus) -> None:
    """Say how many sites are not in the split yet, if any."""
    new = sorted(corpus.new_sites())
    if new:
        say(
            f"{counted(len(new), 'site', 'is')} not in {corpus.folder / 'split.json'} yet ({', '.join(new[:3])}): "
            f"each counts where `pageblocks split {corpus.folder}` will put it. Run it to add them."
        )


def tell_of_holes(labels: Sequence[Sequence[str | None]]) -> None:
    """Say how many blocks of these pages have no label, if any."""
    from ..train.fit import count_labels

    blocks = sum(map(len, labels))
    if without := blocks - count_labels(labels):
        say(f"{without:,} of {counted(blocks, 'block')} have no label (disputed, or not labelled) and do not count.")


def warn_of_seen(model: BlockClassifier, pages: Sequence[Blocks]) -> Seen:
    """Warn about pages that the model was trained on, by page or site, and say what could not be checked."""
    from ..model.seen import seen

    found = seen(model, pages)
    if known := found.known():
        warn(
            f"{'; '.join(known)}: the scores are too high; "
            "omit --model (--folds 5 tests on held-out sites), or use pages of other sites"
        )
    for line in found.unchecked():
        warn(line)
    return found

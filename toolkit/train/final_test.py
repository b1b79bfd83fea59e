"""The test part of a corpus, opened: on record, and after a look whether training has seen it under another name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..corpus.folder import Corpus
from ..corpus.openings import open_test
from ..corpus.split import check_split, only_test, split_path, without_test
from ..errors import BadInput
from .fit import Predictions, check_labels, predict

if TYPE_CHECKING:
    from ..model import BlockClassifier


def final_test(
    folder: Path | str, model: BlockClassifier | None = None, seed: int = 0, what: str = "evaluate"
) -> Predictions:
    """What a model says about the corpus' test pages; without one, what a model does that learned from all its other
    pages.

    `seen.seen` tells whether a `model` that you give has seen them. Raises PageblocksError where the corpus has no
    split, where pages are alike across it, and where no test page has gold.
    """
    corpus = Corpus.open(folder)
    chosen = corpus.split()
    if chosen is None:
        raise BadInput(f"{folder}: no split, so no test pages; make one with `pageblocks split {folder}`")
    pages, labels = corpus.labelled(test=True)
    check_split(pages, chosen)  # before the test pages are opened, also for a model that was made elsewhere
    tests, gold = only_test(pages, labels, chosen)
    if model is None:
        from ..model import BlockClassifier

        seen, known = without_test(pages, labels, chosen)
        check_labels(known)
        model = BlockClassifier(random_state=seed).fit(seen, known)
    open_test(split_path(folder), chosen, what, model.version, len(tests))
    return predict(model, tests, gold)

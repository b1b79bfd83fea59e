"""Predictions for the test pages of a corpus, after a check for near-copies in training; each use is recorded."""

from __future__ import annotations

from pathlib import Path

from ..corpus.folder import Corpus
from ..corpus.openings import open_test
from ..corpus.split import check_split, only_test, split_path, without_test
from ..errors import BadInput
from ..model import BlockClassifier
from .fit import Predictions, check_labels, predict


def final_test(
    folder: Path | str, model: BlockClassifier | None = None, seed: int = 0, *, what: str = "evaluate"
) -> Predictions:
    """Predict the test pages of a corpus with `model`, or with a new model trained on all its other pages.

    `pageblocks.model.seen` checks whether a given model has seen the test pages. Raises BadInput if the corpus
    has no split, SeenTestPages if pages on its two sides are alike, TooFewLabels if no test page has gold.
    """
    corpus = Corpus.open(folder)
    chosen = corpus.split()
    if chosen is None:
        raise BadInput(f"{folder}: no split, so no test pages; make one with `pageblocks split {folder}`")
    pages, labels = corpus.read_labelled(test=True)
    check_split(pages, chosen)  # before the test pages are opened, also for a given model
    tests, gold = only_test(pages, labels, chosen)
    if model is None:
        seen, known = without_test(pages, labels, chosen)
        check_labels(known)
        model = BlockClassifier(random_state=seed).fit(seen, known)
    open_test(split_path(folder), chosen, what, key=model.version, pages=len(tests))
    return predict(model, tests, gold)

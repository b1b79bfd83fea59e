"""PB004: near-copies of training pages among the test pages."""

from __future__ import annotations

from collections.abc import Sequence

from ..corpus.alike import find_alike
from ..model import BlockClassifier
from ..model.seen import recognised
from ..page import Blocks
from ..support.text import counted
from ..train.fit import Predictions
from .check import Check, Rule

COPIES = Rule(
    "PB004",
    "Near-copies in training and test",
    "Pages that share half of their text or of their template are known to a model that was trained on one of them, "
    "so the scores are too high.",
    "Remove one page of each pair, or make a split with `pageblocks split`, which keeps such sites in one part.",
)
_SHOWN = 3


def check_copies(found: Predictions, model: BlockClassifier | None, split: bool = False) -> Check:
    """PB004. `split`: the pages are the test part of a split, which was compared with the other parts already."""
    if found.folds:
        return _of_pairs(found.pages, [str(fold) for fold in found.folds], "in different folds")
    if model is None and split:
        return COPIES.passed("No test page shares half of its text or template with a page of the other parts.")
    if model is None:
        return COPIES.not_checked("It is not known which pages were in training.")
    itself, of_site = recognised(model, found.pages)
    known = [a or b for a, b in zip(itself, of_site, strict=True)]
    if all(known) or not any(known):
        return COPIES.not_checked("The model keeps hashes of its training pages, which find the same pages only.")
    return _of_pairs(found.pages, ["known" if k else "new" for k in known], "known and unknown to the model")


def _of_pairs(pages: Sequence[Blocks], apart: Sequence[str], where: str) -> Check:
    pairs = find_alike(pages, apart)
    if not pairs:
        return COPIES.passed(f"No two pages {where} share half of their text or template.")
    shown = "; ".join(
        f"{pages[p.a].page.id} and {pages[p.b].page.id} ({p.share:.0%} of their {p.why})" for p in pairs[:_SHOWN]
    )
    more = f"; and {len(pairs) - _SHOWN} more" if len(pairs) > _SHOWN else ""
    return COPIES.problem(f"{counted(len(pairs), 'pair', 'is')} alike {where}: {shown}{more}.")

"""All checks of an evaluation."""

from __future__ import annotations

from ..corpus.folder import Corpus
from ..evaluate import Evaluation
from ..labelling.taken_over import count_taken_over
from ..model import BlockClassifier
from ..model.seen import Seen, seen
from ..train.fit import Predictions
from . import baselines, copies, fit, gold, training
from .check import Check, Rule

RULES: tuple[Rule, ...] = (
    training.PAGES, training.SITES, training.ADDRESSES, copies.COPIES, gold.SUGGESTED, gold.HOLES, gold.SUPPORT,
    gold.SITES, baselines.MAJORITY, baselines.TAG_RULE, baselines.DEFAULT, fit.GAP, fit.CALIBRATION,
)  # fmt: skip


def check_scores(scores: Evaluation, floor: Evaluation | None = None) -> list[Check]:
    """Make the checks that need only the scores.

    Parameters
    ----------
    scores : Evaluation
        The scores of the model.
    floor : Evaluation, optional
        The scores of the baseline.

    Returns
    -------
    list of Check
        The checks, by code.
    """
    return [
        gold.check_support(scores),
        gold.check_sites(scores),
        baselines.check_majority(scores, floor),
        fit.check_calibration(scores),
    ]


def check_evaluation(
    scores: Evaluation,
    floor: Evaluation | None,
    found: Predictions,
    *,
    model: BlockClassifier | None = None,
    corpus: Corpus | None = None,
    default: BlockClassifier | None = None,
    known: Seen | None = None,
    split: bool = False,
) -> list[Check]:
    """Make all checks of an evaluation.

    Parameters
    ----------
    scores : Evaluation
        The scores of the predictions.
    floor : Evaluation or None
        The scores of the baseline.
    found : Predictions
        The predictions.
    model : BlockClassifier, optional
        The model that made them; by default they were made by models that had seen no page of the same site.
    corpus : Corpus, optional
        The corpus of the pages, for the origin of its labels.
    default : BlockClassifier, optional
        The default model, to compare with.
    known : Seen, optional
        Which pages the model has seen, if that was counted before.
    split : bool, default=False
        Whether the pages are the test part of a split.

    Returns
    -------
    list of Check
        The checks, by code. None is left out: one that could not be made says so.
    """
    if known is None:
        known = seen(model, found.pages, corpus.suggested_by() if corpus else None)
    pages = {page.page.id for page in found.pages}
    taken = count_taken_over(corpus.folder, pages) if corpus and known.corrected else None
    recorded = corpus is not None and (corpus.folder / "studio").is_dir()
    made = [
        training.check_training_pages(known),
        training.check_training_sites(known),
        training.check_addresses(known),
        copies.check_copies(found, model, split),
        gold.check_suggestions(known, taken, recorded),
        gold.check_holes(found.gold),
        baselines.check_tag_rule(scores, found),
        baselines.check_default(found, scores, model=model, default=default),
        fit.check_gap(found, model),
        *check_scores(scores, floor),
    ]
    return sorted(made, key=lambda check: check.code)

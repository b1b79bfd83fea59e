"""PB009 to PB011: whether the model is better than what comes free."""

from __future__ import annotations

from collections import Counter, defaultdict

from ..evaluate import Comparison, Evaluation, compare_evaluations, evaluate
from ..model import BlockClassifier
from ..model.seen import recognised
from ..support.text import counted
from ..train.fit import Predictions, predict
from ..train.folds import spread_over_sites
from .check import Check, Rule

MAJORITY = Rule(
    "PB009",
    "No better than the commonest label",
    "Such a model has learned nothing that helps.",
    "Label more pages, or start from the default model (`pageblocks train --init default`).",
)
TAG_RULE = Rule(
    "PB010",
    "No better than a rule by tag",
    "A rule that gives every block the commonest label of its HTML element needs no model.",
    "Label more pages, or start from the default model (`pageblocks train --init default`).",
)
DEFAULT = Rule(
    "PB011",
    "Worse than the default model",
    "The model that comes with pageblocks is better on these pages.",
    "Start from it (`pageblocks train --init default`), or use it as it is.",
)
_PAGES = 200  # on which the default model is tried: a crawl of gold would take as long as the evaluation itself


def check_majority(scores: Evaluation, floor: Evaluation | None) -> Check:
    """PB009."""
    if floor is None:
        return MAJORITY.not_checked("No baseline was scored.")
    return _judge(MAJORITY, floor, scores, other="always predicting the commonest label")


def check_tag_rule(scores: Evaluation, found: Predictions) -> Check:
    """PB010."""
    if scores.sites < 2:
        return TAG_RULE.not_checked("The rule is learned from other sites, and there is only one.")
    rule = evaluate(found.gold, by_tag(found), found.sites, labels=scores.labels)
    return _judge(TAG_RULE, rule, scores, other="the commonest label of each HTML element on the other sites")


def by_tag(found: Predictions) -> list[list[str]]:
    """For each block the commonest label of its element on all other sites, or of all their blocks."""
    everywhere: dict[str, Counter[str]] = defaultdict(Counter)
    own: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for page, site, gold in zip(found.pages, found.sites, found.gold, strict=True):
        for tag, label in zip(page.tag, gold, strict=True):
            if label is not None:
                for key in (tag, ""):  # "": any element
                    everywhere[key][label] += 1
                    own[site, key][label] += 1
    answers: dict[tuple[str, str], str] = {}

    def answer(site: str, tag: str) -> str:
        known = answers.get((site, tag))
        if known is None:
            left = everywhere[tag] - own[site, tag]
            known = answers[site, tag] = max(left, key=lambda label: (left[label], label)) if left else answer(site, "")
        return known

    return [[answer(site, tag) for tag in page.tag] for page, site in zip(found.pages, found.sites, strict=True)]


def check_default(
    found: Predictions, scores: Evaluation, *, model: BlockClassifier | None, default: BlockClassifier | None
) -> Check:
    """PB011, on at most 200 pages of as many sites as possible that the default model was not trained on."""
    if default is None:
        return DEFAULT.not_checked("The default model is not at hand.")
    if model is not None and model.version == default.version:
        return DEFAULT.not_checked("This is the default model.")
    if not set(found.classes) <= set(map(str, default.classes_)):
        return DEFAULT.not_checked("The default model has other labels.")
    itself, of_site = recognised(default, found.pages)
    fair = [i for i in range(len(found.pages)) if not (itself[i] or of_site[i])]
    chosen = sorted(spread_over_sites(found.pages, fair, 0)[:_PAGES])
    sites = {found.sites[i] for i in chosen}
    if len(sites) < 2:
        return DEFAULT.not_checked("Fewer than two of these sites are new to the default model.")
    pages, gold = [found.pages[i] for i in chosen], [found.gold[i] for i in chosen]
    theirs = predict(default, pages, gold)
    names = [found.sites[i] for i in chosen]
    a, b = (
        evaluate(gold, guess, names, labels=scores.labels)
        for guess in (theirs.predicted, [found.predicted[i] for i in chosen])
    )
    where = f" on {counted(len(chosen), 'page')} that it was not trained on"
    return _judge(DEFAULT, a, b, other=f"the default model{where}", least="worse")


def _judge(rule: Rule, a: Evaluation, b: Evaluation, *, other: str, least: str = "cannot tell") -> Check:
    """Compare the accuracy of the model, `b`, with that of `a`. A problem if it is worse, or (by `least`) unclear."""
    (found,) = [row for row in compare_evaluations(a, b) if row.score == "accuracy"]
    told = f"The model is right for {found.b:.1%} of the blocks, {other} for {found.a:.1%}{_interval(found)}."
    if found.difference.low is None:
        return rule.not_checked(f"{told} With one site there is no interval to judge by.")
    bad = found.verdict == "worse" or found.verdict == least
    return rule.problem(told) if bad else rule.passed(told)


def _interval(found: Comparison) -> str:
    d = found.difference
    return "" if d.low is None or d.high is None else f" (difference {d.low:+.1%} to {d.high:+.1%})"

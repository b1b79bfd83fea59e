"""PB001 to PB003: whether the model has seen the test pages or their sites."""

from __future__ import annotations

from ..model.seen import Seen
from ..support.text import counted
from .check import Check, Rule

PAGES = Rule(
    "PB001",
    "Test pages that the model was trained on",
    "A model knows the labels of its training pages, so the scores are too high.",
    "Omit --model (--folds 5 tests on held-out sites), or evaluate on pages that the model has not seen.",
)
SITES = Rule(
    "PB002",
    "Test sites that the model was trained on",
    "Pages of one site look alike: scores on known sites are higher than those on other sites.",
    "Omit --model (--folds 5 tests on held-out sites), or evaluate on pages of other sites.",
)
ADDRESSES = Rule(
    "PB003",
    "Pages without an address",
    "The site of a page comes from its address. Without it, pages of one site can be in training and in test.",
    "Add the address of each page to pages.jsonl (`url`).",
)
SEEN = {PAGES.code, SITES.code, ADDRESSES.code}
_OLD = "The model is older and does not record which {} it was trained on."
_STARTED = "The model started from one that does not record which pages it was trained on."


def check_training_pages(seen: Seen) -> Check:
    """PB001."""
    if seen.pages is None:
        return PAGES.not_checked(_OLD.format("pages"))
    if seen.pages:
        return PAGES.problem(f"The model was trained on {seen.pages:,} of {counted(seen.total, 'page')}.")
    if seen.in_part:
        return PAGES.not_checked(_STARTED)
    if seen.folds:
        return PAGES.passed("Each page was labelled by a model that was trained on other pages.")
    return PAGES.passed(f"None of {counted(seen.total, 'page')} is among the model's training pages.")


def check_training_sites(seen: Seen) -> Check:
    """PB002."""
    if seen.sites is None:
        return SITES.not_checked(_OLD.format("sites"))
    if seen.sites:
        return SITES.problem(f"The model was trained on the sites of {seen.sites:,} of {counted(seen.total, 'page')}.")
    if seen.without_address == seen.total:
        return SITES.not_checked("No page has an address, so no site is known.")
    if seen.in_part:
        return SITES.not_checked(_STARTED)
    known = "" if not seen.without_address else " with an address"
    if seen.folds:
        return SITES.passed(f"Each page{known} was labelled by a model that was trained on other sites.")
    return SITES.passed(f"No page{known} is of a site that the model was trained on.")


def check_addresses(seen: Seen) -> Check:
    """PB003."""
    without = seen.without_address
    if not without:
        return ADDRESSES.passed(f"{counted(seen.total, 'page', 'has')} an address.")
    if seen.folds:
        then = "each counts as a site of its own" if without > 1 else "it counts as a site of its own"
    else:
        then = "their sites cannot be checked" if without > 1 else "its site cannot be checked"
    verb = "has" if without == 1 else "have"
    return ADDRESSES.problem(f"{without:,} of {counted(seen.total, 'page')} {verb} no address: {then}.")

"""PB005 to PB008: whether the gold is enough to judge by, and nobody's suggestions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..evaluate import Evaluation
from ..labelling.taken_over import TakenOver
from ..model.seen import Seen
from ..support.text import counted
from .check import Check, Rule

SUGGESTED = Rule(
    "PB005",
    "Gold made from a model's suggestions",
    "A suggestion that nobody changed counts as right, so the scores of this model and of similar ones are too high.",
    "Label some pages without suggestions (`pageblocks push --model none`) and evaluate on these.",
)
HOLES = Rule(
    "PB006",
    "Blocks without a label",
    "Blocks on which people disagree are the hard ones. The scores leave them out, so they are too high.",
    "Let an adjudicator decide the disputed blocks (`pageblocks agree --gold --adjudicator NAME`).",
)
SUPPORT = Rule(
    "PB007",
    "Labels with few blocks",
    "The scores of such a label can change by chance, and macro F1 with them.",
    "Label more pages with these labels, of several sites.",
)
SITES = Rule(
    "PB008",
    "Few sites",
    "Scores vary from site to site, and intervals that are bootstrapped over few sites are too narrow.",
    "Label pages of more sites; one page each is enough.",
)
MANY_HOLES = 0.05  # share of the blocks
FEWEST_BLOCKS, FEWEST_SITES_OF_LABEL = 30, 5
FEWEST_SITES = 10


def check_suggestions(seen: Seen, taken: TakenOver | None, recorded: bool) -> Check:
    """PB005. `taken`: how many suggestions were left as they were; `recorded`: whether the labels' origin is known."""
    lines = [f"{line[:1].upper()}{line[1:]}." for line in seen.suggested()]
    if not lines:
        if not recorded:
            return SUGGESTED.not_checked(
                "The labels were not pulled from Label Studio, so their origin is not recorded."
            )
        return SUGGESTED.passed("No label is recorded as a corrected suggestion.")
    if taken is not None and taken.blocks:
        lines.append(
            f"Of {counted(taken.blocks, 'suggested label')}, {taken.unchanged / taken.blocks:.0%} were left unchanged; "
            f"on {taken.untouched:,} of {counted(taken.answers, 'page')} all of them."
        )
    return SUGGESTED.problem(" ".join(lines))


def check_holes(gold: Sequence[Sequence[str | None]]) -> Check:
    """PB006."""
    blocks = sum(map(len, gold))
    without = sum(label is None for page in gold for label in page)
    if not without:
        return HOLES.passed(f"{counted(blocks, 'block', 'has')} a label.")
    share = without / blocks
    shown = f"{without:,} of {counted(blocks, 'block')} ({share:.1%}) {'has' if without == 1 else 'have'} no label"
    return HOLES.problem(f"{shown}.") if share > MANY_HOLES else HOLES.passed(f"Only {shown}.")


def check_support(e: Evaluation) -> Check:
    """PB007."""
    sites = (np.array(list(e.by_site.values())).sum(axis=2) > 0).sum(axis=0)
    few = [
        f"{label} ({counted(scores.support, 'block')} on {counted(int(n), 'site')})"
        if scores.support
        else f"{label} (no block)"
        for (label, scores), n in zip(e.by_label.items(), sites, strict=True)
        if scores.support < FEWEST_BLOCKS or n < FEWEST_SITES_OF_LABEL
    ]
    least = f"{FEWEST_BLOCKS} blocks on {FEWEST_SITES_OF_LABEL} sites"
    if few:
        return SUPPORT.problem(f"Too little to judge (less than {least}): {', '.join(few)}.")
    return SUPPORT.passed(f"Every label has at least {least}.")


def check_sites(e: Evaluation) -> Check:
    """PB008."""
    if e.sites < FEWEST_SITES:
        return SITES.problem(f"The test has only {counted(e.sites, 'site')}: the intervals are unreliable.")
    return SITES.passed(f"The test has {counted(e.sites, 'site')}.")

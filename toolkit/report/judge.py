"""An annotator compared with people, as tables for the terminal."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from ..labelling.judge import Calibration
from ..scheme import Scheme
from ..support.text import counted
from .terminal import confusion_table, plain_table


def judge_view(found: Calibration, scheme: Scheme | None = None) -> RenderableType:
    """The sentences, the confusion, and tables of probabilities, abilities and rules."""
    parts: list[RenderableType] = [Text(f"• {line}") for line in judge_summary(found)]
    title = f"Confusion (rows: people, columns: {found.annotator})"
    parts.append(confusion_table(found.labels, found.confusion, scheme, title=title))
    if found.bins:
        table = plain_table("Calibration", ["probability", "blocks", "mean", "right", "95 %"])
        for one in found.bins:
            value, _, interval = f"{one.same:.1%}".partition(" (")
            table.add_row(
                f"{one.low:.0%} to {one.high:.0%}",
                f"{one.blocks:,}",
                f"{one.expected:.1%}",
                value,
                interval.rstrip(")"),
            )
        parts.append(table)
    abilities = plain_table("Abilities, from all votes", ["", "value", "95 %"])
    for name, figure in found.abilities.items():
        value, _, interval = f"{figure:.1%}".partition(" (")
        abilities.add_row(Text(name), value, interval.rstrip(")"))
    parts.append(abilities)
    if found.rules:
        rules = plain_table(
            "Rules of the guideline", ["", "blocks", "good annotators differ", "discrimination", "95 %"]
        )
        for rule in found.rules:
            value, _, interval = f"{rule.discrimination:+.2f}".partition(" (")
            negative = rule.discrimination.value < 0
            rules.add_row(
                Text(rule.name), str(rule.blocks), f"{rule.differ:.1%}".partition(" (")[0],
                Text(value, style="bold red" if negative else ""), interval.rstrip(")"),
            )  # fmt: skip
        parts.append(rules)
    return Group(*parts)


def judge_summary(found: Calibration) -> list[str]:
    """What the comparison says, a sentence each."""
    people = " and ".join(found.people) if len(found.people) < 4 else counted(len(found.people), "person")
    how = "that people saw without a suggestion" if found.blind else "that people saw with a suggestion"
    blocks, pages = counted(found.blocks, "block"), counted(found.pages, "page")
    lines = [f"{found.annotator} agrees with {people} on {found.agreement:.1%} of {blocks} {how}, on {pages}."]
    if not np.isnan(found.among_people.value):
        lines.append(f"People agree with each other on {found.among_people:.1%} of them.")
    if not found.blind:
        lines.append(
            f"That is too high if the suggestions were those of {found.annotator}; `pageblocks push --blind 0.1` "
            "leaves a share of the blocks without."
        )
    if found.agreement.low is None:
        lines.append("One page gives no interval; label some more.")
    elif found.more:
        lines.append(f"{counted(found.more, 'more block')} would narrow the interval to 2 points on each side.")
    for rule in found.rules:
        if rule.discrimination.value < 0:
            lines.append(
                f"Rule {rule.name} ({rule.says}): better annotators give the gold label less often than others. "
                "Is the rule clear?"
            )
    return lines

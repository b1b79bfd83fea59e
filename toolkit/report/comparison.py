"""The comparison of two runs as one HTML file: scores side by side, and every block that changed in its page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..evaluate import Changes, Comparison
from ..evaluate.changes import Change
from ..evaluate.result import FIGURES, PERCENT
from ..scheme import Scheme
from ..support.files import write_atomic
from ..support.templates import policy_hash, template
from ..support.text import counted, encode_utf8
from ..train.compare import ComparedRuns
from .browser import cut, safe_url
from .html import label_colours

_TEMPLATES = Path(__file__).parent / "templates"
AROUND, GAP = 1, 3  # blocks shown before and after changed ones; changed ones this close are shown together
LONGEST, LONGEST_NEIGHBOUR = 700, 160  # characters
BUDGET = 4_000_000  # characters of all blocks


def write_comparison(path: Path | str, found: ComparedRuns, scheme: Scheme) -> None:
    """Write the comparison of two runs as one HTML file that needs no network.

    Parameters
    ----------
    path : Path or str
        The file to write.
    found : ComparedRuns
        The comparison.
    scheme : Scheme
        The labels and their colours.

    Raises
    ------
    PageblocksError
        If the file cannot be written.
    """
    from markupsafe import Markup  # start-up

    labels = scheme.names
    css = "".join((_TEMPLATES / name).read_text("utf-8") for name in ("report.css", "comparison.css"))
    css += label_colours(labels, scheme)
    groups, left_out = _groups(found, labels)
    text = template(_TEMPLATES, "comparison.html").render(
        title=" and ".join(found.names),
        names=found.names,
        e=found.evaluations[0],
        scheme=scheme,
        summary=comparison_summary(found),
        scores=[comparison_row(one) for one in found.scores],
        label_rows=[comparison_row(one) | {"index": i} for i, one in enumerate(found.labels)],
        counts=found.changes.counts,
        flips=[
            {"a": a, "b": b, "ai": labels.index(a), "bi": labels.index(b), "kinds": kinds, "all": sum(kinds.values())}
            for a, b, kinds in found.changes.flips
        ],
        groups=groups,
        left_out=left_out,
        labels=labels,
        counted=counted,
        css=Markup(css),  # two files of this package and colours, no page text
        policy=f"default-src 'none'; style-src {policy_hash(css)}; base-uri 'none'; form-action 'none'",
    )
    write_atomic(path, encode_utf8(text))


def comparison_row(one: Comparison) -> dict[str, str]:
    """A difference as text."""
    name = FIGURES[one.score][0] if one.score in FIGURES else one.score
    percent = one.score in PERCENT

    def value(number: float) -> str:
        if math.isnan(number):
            return "–"
        return f"{number:.1%}" if percent else f"{number:.3f}"

    difference, _, interval = format(one.difference, "+.1%" if percent else "+.3f").partition(" (")
    if math.isnan(one.difference.value):
        difference = "–"
    return {
        "name": name, "a": value(one.a), "b": value(one.b), "difference": difference,
        "interval": interval.rstrip(")"), "verdict": one.verdict,
    }  # fmt: skip


def comparison_summary(found: ComparedRuns) -> list[str]:
    """What the comparison says, in plain sentences."""
    a, b = found.names
    main = found.scores[0]
    row = comparison_row(main)
    figures = f"macro F1 {row['b']} against {row['a']}, difference {row['difference']}"
    interval = f" (95 % interval {row['interval']})" if row["interval"] else ""
    verdict = {
        "better": f"{b} is better than {a}: {figures}{interval}.",
        "worse": f"{b} is worse than {a}: {figures}{interval}.",
        "cannot tell": f"These pages cannot tell whether {b} is better than {a}: {figures}{interval}.",
    }[main.verdict]
    return [verdict, _changed(found.changes, b)]


def _changed(changes: Changes, b: str) -> str:
    counts = changes.counts
    if not changes.changed:
        return f"All {counted(changes.blocks, 'block')} have the same label in both."
    share = len(changes.changed) / changes.blocks
    return (
        f"{counted(len(changes.changed), 'block')} of {changes.blocks:,} ({share:.1%}) have another label: "
        f"{b} gets {counts['fixed']:,} right that were wrong and {counts['broken']:,} wrong that were right; "
        f"{counts['wrong both times']:,} are wrong both times."
    )


def _groups(found: ComparedRuns, labels: list[str]) -> tuple[list[dict[str, Any]], int]:
    """Changed blocks with their neighbours, those near each other together; and how many did not fit."""
    groups: list[dict[str, Any]] = []
    spent = shown = 0
    for page, changes in found.changes.by_page.items():
        blocks = found.pages[page]
        for near in _together(changes):
            if spent > BUDGET:
                return groups, len(found.changes.changed) - shown
            changed = {change.block: change for change in near}
            start, end = max(0, near[0].block - AROUND), min(len(blocks), near[-1].block + AROUND + 1)
            rows = []
            for i in range(start, end):
                text = cut(blocks.text[i], LONGEST if i in changed else LONGEST_NEIGHBOUR)
                spent += len(text) + 100
                rows.append(_row(i, text, changed.get(i), found, page=page, labels=labels))
            shown += len(near)
            groups.append(
                {
                    "title": blocks.title[:160],
                    "id": blocks.page.id,
                    "url": safe_url(blocks.page.url),
                    "kinds": " ".join(sorted({change.kind.split()[0] for change in near})),
                    "rows": rows,
                }
            )
    return groups, 0


def _row(
    number: int, text: str, change: Change | None, found: ComparedRuns, *, page: int, labels: list[str]
) -> dict[str, Any]:
    gold = found.gold[page][number]
    row: dict[str, Any] = {"number": number, "text": text, "gold": -1 if gold is None else labels.index(gold)}
    if change is None:
        return row | {"kind": ""}
    return row | {"kind": change.kind, "a": labels.index(change.a), "b": labels.index(change.b)}


def _together(changes: list[Change]) -> Iterator[list[Change]]:
    near: list[Change] = []
    for change in changes:
        if near and change.block - near[-1].block > GAP:
            yield near
            near = []
        near.append(change)
    if near:
        yield near

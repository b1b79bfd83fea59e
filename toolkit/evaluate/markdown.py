"""An evaluation as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..support.text import counted
from .result import FIGURES, Evaluation, format_figure

_MOST_GROUPS = 12


def markdown(evaluation: Evaluation, baseline: Evaluation | None, title: str) -> str:
    e = evaluation
    lines = [
        f"## {_cell(title)}",
        "",
        f"{counted(e.pages, 'page')}, {counted(e.blocks, 'block')}, {counted(e.sites, 'site')}."
        " 95 % intervals, bootstrapped by site.",
        "",
    ]
    head = ["figure", "model", *(["majority baseline"] if baseline else [])]
    rows = []
    for name in FIGURES:
        if name in e.figures:
            beside = (
                [format_figure(name, baseline.figures[name]) if name in baseline.figures else ""] if baseline else []
            )
            rows.append([FIGURES[name][0], format_figure(name, e.figures[name]), *beside])
    lines += table(head, rows)
    lines += table(
        ["label", "precision", "recall", "F1", "support"],
        [[label, f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}", s.support] for label, s in e.by_label.items()],
    )
    lines += ["Confusion (rows gold, columns predicted):", ""]
    lines += table(["", *e.labels], [[label, *row] for label, row in zip(e.labels, e.confusion, strict=True)])
    for kind, groups in e.groups.items():
        if len(groups) > 1:
            lines += (
                [f"By {_cell(kind)}:", ""]
                if len(groups) <= _MOST_GROUPS
                else [f"By {_cell(kind)}, the {_MOST_GROUPS} largest:", ""]
            )
            lines += table(
                [kind, "pages", "blocks", "accuracy", "macro F1", "corrections a page"],
                [
                    [
                        g.name,
                        g.pages,
                        g.blocks,
                        f"{g.accuracy:.1%}",
                        f"{g.macro_f1:.3f}",
                        f"{g.corrections_per_page:.1f}",
                    ]
                    for g in groups[:_MOST_GROUPS]
                ],
            )
    return "\n".join(lines)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(_cell(h) for h in head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(c) for c in row) + " |" for row in rows]
    return [*lines, ""]


def _cell(value: object) -> str:
    # Names of sites and labels come from outside: they may neither end a cell nor carry markup.
    text = " ".join(str(value).split())
    for char in "\\|`*_[]<>":
        text = text.replace(char, f"\\{char}" if char not in "<>" else {"<": "&lt;", ">": "&gt;"}[char])
    return text

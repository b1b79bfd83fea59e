"""Scores of extractors as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from ..evaluate.bootstrap import Figure
from ..support.text import counted
from .scores import NAMES, Extracted


def tables(scores: Sequence[Extracted], most: int = 12) -> RenderableType:
    """One row an extractor: all figures, then word F1 by each kind of group (the `most` largest groups)."""
    first = scores[0]
    made = [
        _table(
            f"{counted(first.pages, 'page')}, {counted(first.sites, 'site')}; 95 % intervals by site",
            ["", *NAMES.values()],
        )
    ]
    for one in scores:
        made[0].add_row(escape(one.name), *(_cell(one.figures[name]) for name in NAMES))
    for kind, groups in first.groups.items():
        names = list(groups)[:most]
        heads = [f"{name or 'unknown'} ({groups[name][0]})" for name in names]
        table = _table(f"Word F1 by {kind}", ["", *heads])
        for one in scores:
            table.add_row(escape(one.name), *(f"{one.groups[kind][name][1].value:.3f}" for name in names))
        made.append(table)
    return Group(*made)


def _cell(figure: Figure) -> str:
    value = f"{figure.value:.3f}" if figure.value == figure.value else "n/a"
    return value if figure.low is None or figure.high is None else f"{value}\n{figure.low:.3f}-{figure.high:.3f}"


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for k, column in enumerate(columns):
        table.add_column(escape(column), justify="left" if k == 0 else "right")
    return table

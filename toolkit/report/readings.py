"""How people took suggestions, as tables for the terminal."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from ..evaluate.bootstrap import Figure
from ..labelling.readings import EDGES, Bin, Readings
from ..support.text import counted
from .terminal import plain_table


def readings_view(readings: Readings) -> RenderableType:
    """Acceptance of suggestions by annotator and by confidence, and whose labels should be looked at."""
    tables = []
    for title, columns, rows in readings_tables(readings):
        table = plain_table(title, columns)
        for row in rows:
            table.add_row(*row)
        tables.append(table)
    return Group(*tables, *(Text(f"• {line}") for line in advice(readings)))


def readings_tables(readings: Readings) -> list[tuple[str, list[str], list[list[str]]]]:
    """Two tables, each with its title, its columns and its rows: by annotator, and by the model's probability."""
    together = [readings.everyone] if len(readings.readers) > 1 else []
    people = [
        [
            one.annotator or "all", str(one.pages), _share(one.kept), _share(one.alone),
            "" if np.isnan(one.bias.value) else f"{100 * one.bias.value:+.1f}", _interval(one.bias),
            f"{one.found} of {one.probes}" if one.probes else "",
            "" if np.isnan(one.seconds) else f"{one.seconds:.2f}", str(len(one.hurried)),
        ]
        for one in (*readings.readers, *together)
    ]  # fmt: skip
    bins = []
    for low, high in pairwise(EDGES):
        whole = _bin(readings.everyone.bins, low)
        if whole is not None:
            cells = [_bin(readings.everyone.blind_bins, low), *(_bin(one.bins, low) for one in readings.readers)]
            bins.append([f"{low:.0%} to {high:.0%}", f"{whole.expected:.0%}", *map(_cell, cells)])
    return [
        (
            "Suggestions that were kept, and blind blocks with the same label",
            ["", "pages", "kept", "blind", "diff.", "95 %", "probes", "s a block", "fast"],
            people,
        ),
        (
            "The same, by the probability that the model gave",
            ["probability", "should be", "blind", *(one.annotator for one in readings.readers)],
            bins,
        ),
    ]


def advice(readings: Readings) -> list[str]:
    """One sentence for each annotator whose labels should be looked at, and one where that cannot be known."""
    lines = [f"{one.annotator} {_joined(one.reasons)}: look at these pages." for one in readings.readers if one.reasons]
    if not readings.everyone.blind:
        lines.append(
            "No block was left without a suggestion, so what people would say by themselves is not known: "
            "`pageblocks push --blind 0.1`."
        )
    elif lines and readings.everyone.unsure:
        lines.append(f"{counted(readings.everyone.unsure, 'block')} had no suggestion, as the model was not sure.")
    return lines


def _joined(reasons: list[str]) -> str:
    return reasons[0] if len(reasons) == 1 else ", ".join(reasons[:-1]) + f", and {reasons[-1]}"


def _bin(bins: list[Bin], low: float) -> Bin | None:
    return next((one for one in bins if one.low == low), None)


def _cell(one: Bin | None) -> str:
    return "" if one is None else f"{one.same.value:.1%} of {one.blocks:,}"


def _share(value: Figure) -> str:
    return "" if np.isnan(value.value) else f"{value.value:.1%}"


def _interval(value: Figure) -> str:
    return "" if value.low is None or value.high is None else f"{100 * value.low:+.1f} to {100 * value.high:+.1f}"

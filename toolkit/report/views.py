"""What the template shows, prepared: rows and cells of plain values, and SVG made here, marked as safe."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

from ..evaluate import Evaluation, format_figure
from ..evaluate.bootstrap import Figure
from ..evaluate.result import FIGURES, PERCENT
from ..scheme import Scheme
from .plots import bar
from .words import slices_line

_SHARES = {"macro_f1", "accuracy", "word_accuracy", "weighted_f1", "mcc"}
SHOWN_GROUPS = 10


def figure_cell(figure: Figure, spec: str = ".3f", draw: bool = True) -> dict[str, Any]:
    """A figure as its value, its interval and its bar."""
    value, _, rest = format(figure, spec).partition(" (")
    return {
        "value": value,
        "interval": rest.rstrip(")").replace(" to ", "–"),
        "bar": Markup(bar(figure)) if draw else "",
    }


def with_code(text: str) -> Markup:
    """Escaped text with `code` marked up."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # nothing else is markup after `escape`


def headline_cards(e: Evaluation, baseline: Evaluation | None) -> list[dict[str, Any]]:
    """The report's headline figures, one card each."""
    cards = []
    for name, (title, explanation) in FIGURES.items():
        if name not in e.figures:
            continue
        figure = e.figures[name]
        beside = baseline.figures.get(name) if baseline else None
        value, _, interval = format_figure(name, figure).partition(" (")
        cards.append(
            {
                "title": title,
                "explanation": explanation,
                "value": value,
                "interval": interval.rstrip(")"),
                "baseline": format_figure(name, Figure(beside.value)) if beside else "",
                "bar": Markup(bar(figure, beside)) if name in _SHARES | (PERCENT - {"calibration_error"}) else "",
            }
        )
    return cards


def label_rows(e: Evaluation, scheme: Scheme) -> list[dict[str, Any]]:
    """A row per label: definition, scores with intervals, support."""
    return [
        {
            "label": label,
            "index": i,
            "definition": scheme[label].definition,
            "precision": figure_cell(s.precision),
            "recall": figure_cell(s.recall),
            "f1": figure_cell(s.f1),
            "support": s.support,
        }
        for i, (label, s) in enumerate(e.by_label.items())
    ]


def _target(t: dict[str, Any]) -> dict[str, str]:
    return {
        "recall": f"{t['recall']:.0%}",
        "threshold": f"{t['threshold']:.3f}",
        "interval": _interval(t.get("recall_interval")),
    }


def average_rows(e: Evaluation) -> list[dict[str, Any]]:
    """The means over the labels: the last rows of their table."""
    rows = []
    for kind, words in (
        ("macro", "every label counts the same"),
        ("weighted", "every label counts by its number of blocks"),
    ):
        names = {key: f"{kind}_{key}" for key in ("precision", "recall", "f1")}
        if all(name in e.figures for name in names.values()):
            rows.append(
                {"kind": kind, "words": words, **{key: figure_cell(e.figures[name]) for key, name in names.items()}}
            )
    return rows


def calibration_rows(e: Evaluation) -> list[dict[str, Any]]:
    """A row per bin of the calibration plot."""
    return [{**b, "interval": _interval(b.get("accuracy_interval"))} for b in e.calibration]


def _interval(bounds: list[float | None] | None) -> str:
    low, high = bounds or (None, None)
    return "" if low is None or high is None else f"{100 * low:.0f}–{100 * high:.0f}"


def confusion_rows(e: Evaluation) -> list[dict[str, Any]]:
    """Each row's cells with a shade from 0 to 9 by the share of the row."""
    rows = []
    for i, (label, counts) in enumerate(zip(e.labels, e.confusion, strict=True)):
        total = sum(counts)
        cells = []
        for j, n in enumerate(counts):
            share = n / total if total else 0.0
            # Mistakes are rare: the square root lets 1 % be seen beside 90 %.
            shade = 0 if not n else max(1, round(9 * share**0.5))
            cells.append({"n": n, "share": f"{share:.0%}" if n else "", "shade": shade, "right": i == j, "column": j})
        rows.append({"label": label, "index": i, "cells": cells, "total": total})
    return rows


def target_rows(e: Evaluation) -> dict[str, Any] | None:
    """The recall of each label at given precisions."""
    if not e.precision_recall:
        return None
    targets = [t["target"] for t in next(iter(e.precision_recall.values()))["targets"]]
    rows = []
    for i, label in enumerate(e.labels):
        cells = [_target(t) if t["threshold"] is not None else None for t in e.precision_recall[label]["targets"]]
        rows.append({"label": label, "index": i, "cells": cells})
    return {"targets": [f"{t:.3g}" for t in (100 * t for t in targets)], "rows": rows}


def slice_table(e: Evaluation) -> dict[str, Any] | None:
    """The worst slices, and how they were found; None if they were not searched for."""
    if e.slices is None or not e.slices.tried:
        return None
    rows = [
        {
            "name": str(one),
            "blocks": f"{one.blocks:,}",
            "sites": one.sites,
            "error": figure_cell(one.error, ".0%"),
            "rest": f"{one.rest:.0%}",
        }
        for one in e.slices.found
    ]
    return {"rows": rows, "how": slices_line(e.slices)}


def group_tables(e: Evaluation) -> list[dict[str, Any]]:
    """A table per kind of group (language, format, ...) with more than one group."""
    tables = []
    for kind, groups in e.groups.items():
        if len(groups) < 2:
            continue
        if len(groups) > SHOWN_GROUPS:
            groups = sorted(groups, key=lambda g: (g.accuracy.value, -g.blocks, g.name))
        rows = [
            {
                "name": g.name,
                "pages": g.pages,
                "blocks": g.blocks,
                "accuracy": figure_cell(g.accuracy, ".1%"),
                "macro_f1": figure_cell(g.macro_f1),
                "corrections": figure_cell(g.corrections_per_page, ".1f", draw=False),
            }
            for g in groups
        ]
        tables.append({"kind": kind, "rows": rows[:SHOWN_GROUPS], "more": rows[SHOWN_GROUPS:]})
    return tables

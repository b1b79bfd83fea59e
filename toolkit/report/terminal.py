"""Evaluations and agreement as tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..checks import Check, check_scores
from ..checks.check import of_state
from ..evaluate import Evaluation, format_figure
from ..evaluate.bootstrap import Figure
from ..evaluate.result import FIGURES
from ..evaluate.slices import Slices
from ..labelling.agreement import Agreement
from ..scheme import Scheme
from ..support.text import counted
from .words import checks_line, slices_line, summary


def print_evaluation(
    evaluation: Evaluation, baseline: Evaluation | None = None, scheme: Scheme | None = None,
    *, console: Console | None = None,
    checks: Sequence[Check] | None = None,
    doubtful: int = 0,
) -> None:  # fmt: skip
    """Print the summary, the scores with the baseline, the labels, and the confusion matrix.

    Parameters
    ----------
    evaluation : Evaluation
        The scores.
    baseline : Evaluation, optional
        Scores to print beside them.
    scheme : Scheme, optional
        The scheme for the labels' colours.
    console : Console, optional
        Where to print; by default stdout.
    checks : sequence of Check, optional
        What `pageblocks.checks.check_evaluation` found; by default what the scores alone tell.
    doubtful : int, default=0
        Number of wrong blocks with a doubtful label.
    """
    (console or Console()).print(evaluation_view(evaluation, baseline, scheme, checks=checks, doubtful=doubtful))


def evaluation_view(
    e: Evaluation,
    baseline: Evaluation | None = None,
    scheme: Scheme | None = None,
    *,
    checks: Sequence[Check] | None = None,
    doubtful: int = 0,
) -> RenderableType:
    """An evaluation as tables for the terminal."""
    checks = check_scores(e, baseline) if checks is None else checks
    size = f"{counted(e.pages, 'page')}, {counted(e.blocks, 'block')}, {counted(e.sites, 'site')}"
    figures = plain_table(size, ["", "model", "95 %"] + ["baseline"] * bool(baseline))
    for name, (title, _) in FIGURES.items():
        if name in e.figures:
            value, interval = _split(format_figure(name, e.figures[name]))
            beside = baseline.figures.get(name) if baseline else None
            extra = [format_figure(name, Figure(beside.value)) if beside else ""] if baseline else []
            figures.add_row(title, Text(value, style="bold"), interval, *extra)

    labels = plain_table("Labels", ["label", "precision", "recall", "F1", "95 %", "blocks"])
    for name, s in e.by_label.items():
        value, interval = _split(f"{s.f1:.3f}")
        precision, recall = (_split(f"{f:.3f}")[0] for f in (s.precision, s.recall))
        labels.add_row(_label(name, scheme), precision, recall, Text(value, style="bold"), interval, str(s.support))
    confusion = confusion_table(e.labels, e.confusion, scheme, title="Confusion (rows: gold, columns: predictions)")
    said = [Text(f"• {line}") for line in summary(e, baseline, checks, doubtful=doubtful)]
    slices = [] if e.slices is None or not e.slices.tried else slices_view(e.slices)
    return Group(*said, Text(), *checks_view(checks), Text(), figures, labels, confusion, *slices)


def slices_view(found: Slices) -> list[RenderableType]:
    """The worst slices as a table, and how they were found."""
    table = plain_table("Worst slices", ["blocks with", "blocks", "sites", "wrong", "95 %", "of the rest"])
    table.columns[0].no_wrap = False  # the names are longer than the figures
    for one in found.found:
        value, interval = _split(f"{one.error:.0%}")
        wrong = Text(value, style="bold")
        table.add_row(Text(str(one)), f"{one.blocks:,}", str(one.sites), wrong, interval, f"{one.rest:.0%}")
    return [*([table] if found.found else []), Text(slices_line(found), style="dim")]


def checks_view(checks: Sequence[Check]) -> list[RenderableType]:
    """The problems with what to do about them, then what could not be checked."""
    lines: list[RenderableType] = [Text(f"Checks: {checks_line(checks)}", style="bold")]
    for check in of_state(checks, "problem"):
        head = Text.assemble((check.code, "bold yellow"), f" {check.title}. ", check.found)
        lines += [head, Padding(Text(f"{check.why} {check.do}", style="dim"), (0, 0, 0, 6))]
    for check in of_state(checks, "not checked"):
        lines.append(Text(f"{check.code} {check.title}: not checked. {check.found}", style="dim"))
    return lines


def print_agreement(agreement: Agreement, scheme: Scheme | None = None, console: Console | None = None) -> None:
    """Print the agreement of the annotators, overall and by label, and the confusion of each pair.

    Parameters
    ----------
    agreement : Agreement
        The agreement.
    scheme : Scheme, optional
        The scheme for the labels' colours.
    console : Console, optional
        Where to print; by default stdout.
    """
    (console or Console()).print(agreement_view(agreement, scheme))


def agreement_view(a: Agreement, scheme: Scheme | None = None) -> RenderableType:
    """Agreement of annotators as tables for the terminal."""
    size = f"{counted(len(a.annotators), 'annotator')} on {counted(a.pages, 'page')}, {counted(a.blocks, 'block')}"
    if a.blind is not None:  # how far people agree by themselves comes first
        figures = plain_table(size, ["", "blocks", "alpha", "95 %", "agreement", "95 %"])
        for title, one in (("no suggestion", a.blind), ("suggested", a.suggested), ("all", a)):
            if one is not None:
                (alpha, of_alpha), (percent, of_percent) = _split(f"{one.alpha:.3f}"), _split(f"{one.percent:.1%}")
                bold = (Text(value, style="bold") for value in (alpha, percent))
                figures.add_row(title, f"{one.blocks:,}", next(bold), of_alpha, next(bold), of_percent)
    else:
        figures = plain_table(size, ["", "value", "95 %"])
        for title, text in (
            ("Krippendorff's alpha", f"{a.alpha:.3f}"),
            ("percent agreement", f"{a.percent:.1%}"),
            ("Fleiss' kappa", f"{a.fleiss:.3f}"),
        ):
            value, interval = _split(text)
            figures.add_row(title, Text(value, style="bold"), interval)
    labels = plain_table("Labels", ["label", "alpha", "95 %"])
    for name, figure in a.alpha_by_label.items():
        value, interval = _split(f"{figure:.3f}")
        labels.add_row(_label(name, scheme), Text(value, style="bold"), interval)
    pairs = plain_table("Pairs", ["", "blocks", "kappa", "95 %"])
    f1 = plain_table("F1 of one annotator, with the other as gold", ["", *map(escape, a.labels)])
    for pair in a.pairs:
        who = escape(" and ".join(pair.annotators))
        value, interval = _split(f"{pair.kappa:.3f}")
        pairs.add_row(who, str(pair.blocks), Text(value, style="bold"), interval)
        f1.add_row(who, *(_split(f"{pair.f1[name]:.3f}")[0] for name in a.labels))
    together = np.sum([pair.confusion for pair in a.pairs], axis=0).tolist()
    confusion = confusion_table(
        a.labels, together, scheme, title="Confusion (rows: first annotator of a pair, columns: second)"
    )
    return Group(figures, *map(Text, notes_on(a)), labels, pairs, f1, confusion)


def notes_on(a: Agreement) -> list[str]:
    """What does not count, and how far the figures can be trusted, a sentence each."""
    notes = []
    if a.reviews:
        by = ", ".join(a.reviewers)
        notes.append(f"Left out: {counted(a.reviews, 'review')} by {by}, who saw the labels of others.")
    if a.changed:
        notes.append(f"Left out: {counted(a.changed, 'annotation')} that another person changed.")
    if a.suggested is not None and a.blind is None:
        notes.append(
            f"On {counted(a.suggested.pages, 'page')} the annotators saw the same suggestions, so they agree too well."
        )
    return notes


def confusion_table(
    labels: Sequence[str], counts: Sequence[Sequence[int]], scheme: Scheme | None, *, title: str
) -> Table:
    """A confusion matrix as a table, the diagonal in green."""
    table = plain_table(title, ["", *(escape(label) for label in labels)])
    for i, (name, row) in enumerate(zip(labels, counts, strict=True)):
        cells = [Text(str(n), style="bold green" if i == j else "red" if n else "dim") for j, n in enumerate(row)]
        table.add_row(_label(name, scheme), *cells)
    return table


def plain_table(title: str, columns: Sequence[str]) -> Table:
    """A table without lines, its columns but the first one to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right", header_style="dim", no_wrap=True)
    return table


def _label(name: str, scheme: Scheme | None) -> Text:
    if scheme is None or name not in scheme.names:
        return Text(name)
    return Text(f" {name} ", style=f"{scheme.text_color(name)} on {scheme.color(name)}")


def _split(text: str) -> tuple[str, str]:
    value, _, interval = text.partition(" (")
    return value, interval.rstrip(")")

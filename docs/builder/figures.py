"""The results of the committed experiments as a page."""

from __future__ import annotations

from pathlib import Path

from toolkit.evaluate import format_figure
from toolkit.evaluate.result import FIGURES
from toolkit.experiment.listing import ListedExperiment, list_experiments

HEAD = """# Results of the experiments

Each section shows an experiment in `experiments/` and its committed result. Brackets contain 95 %
intervals, bootstrapped by site: if two overlap much, the difference may be chance. [Experiments](docs/experiments.md)
describes how to run them again.

"""


def page(folder: Path) -> str:
    return HEAD + "\n".join(_experiment(row) for row in list_experiments(folder))


def _experiment(row: ListedExperiment) -> str:
    lines = [f"## {row.experiment.question or row.name}", ""]
    if row.result is None:
        return "\n".join([*lines, "*No results yet.*", ""])
    lines += [f"`pageblocks experiment run {row.name}`, {row.result.run['date'][:10]}", ""]
    if row.state == "stale":
        lines += [f"*Out of date; changed since: {row.why or 'unknown'}.*", ""]
    shown = [name for name in row.result.metrics if name in FIGURES]
    lines += [f"| | {' | '.join(FIGURES[name][0] for name in shown)} |", "|---|" + "---|" * len(shown)]
    for point in row.result.points:
        figures = point.evaluation.figures
        # Spaces that do not break keep an interval on one line.
        cells = [format_figure(n, figures[n]).replace(" to ", "&nbsp;to&nbsp;") if n in figures else "" for n in shown]
        lines.append(f"| {_name(point.name) or row.name} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _name(point: str) -> str:
    return point.replace("|", "/").replace("without nothing", "nothing removed")

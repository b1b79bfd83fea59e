"""experiment run, list, compare and sweep: questions in TOML, results in JSON."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..support.text import counted
from .options import Json, Mirror
from .output import console, examples, harmless, progress, say, table_of

if TYPE_CHECKING:
    from rich.table import Table

    from ..evaluate import Comparison
    from ..experiment import Point, Result

CacheFolder = Annotated[Path, typer.Option("--cache", help="Folder for cached results.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Compute everything and cache nothing.")]
Pages = Annotated[
    int, typer.Option("--pages", metavar="N", help="Trial run on N pages (0: all); it is written only to --out.", min=0)
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what is cached and what would be computed, and compute nothing.")
]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Experiment in experiments/, or its file.", show_default=False)
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Run and compare reproducible experiments.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=examples("pageblocks experiment list", "pageblocks experiment run sample"),
    )
    group.command(
        epilog=examples(
            "pageblocks experiment run sample",
            "pageblocks experiment run default --mirror corpora/mirror --dry-run",
            "pageblocks experiment run experiments/*.toml --mirror corpora/mirror",
        )
    )(run)
    group.command("list", epilog=examples("pageblocks experiment list", "pageblocks experiment list --json"))(list_)
    group.command(
        epilog=examples(
            "pageblocks experiment compare learning-curve default",
            'pageblocks experiment compare "learning-curve:share 0.5" "learning-curve:share 1.0"',
        )
    )(compare)
    group.command(
        epilog=examples(
            "pageblocks experiment sweep sample",
            "pageblocks experiment sweep default --over members=1,2 --over hidden=8 --mirror corpora/mirror --out "
            "sweep.json",
        )
    )(sweep)
    app.add_typer(group, name="experiment")


def run(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME...", help="Experiments in experiments/, or their files.", show_default=False),
    ],
    mirror: Mirror = Path("corpora/mirror"),
    cache: CacheFolder = Path(".cache/experiments"),
    no_cache: NoCache = False,
    pages: Pages = 0,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the result to this file instead of NAME.json.")
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="Also score the test part of the split; every use is recorded.")
    ] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Run experiments.

    The result of NAME.toml is written to NAME.json beside it. Steps that were computed before are not repeated.
    """
    from .. import experiment

    folder = None if no_cache else cache
    if out is not None and len(names) > 1:
        raise typer.BadParameter("--out takes one experiment")
    if dry_run:
        _say_plan(experiment.dry_run(names, mirror, folder, pages=pages), json)
        return
    results = []
    for name in names:
        with progress(f"Running {Path(name).stem}") as tick:
            results.append(experiment.run(name, mirror, folder, pages=pages, out=out, on_step=tick, test=test))
        if not json:
            _show(results[-1], results[-1].points)
    if json:
        typer.echo(json_.dumps([result.to_dict() for result in results], ensure_ascii=False, indent=2))


def list_(
    folder: Annotated[Path, typer.Option("--folder", help="Folder of experiments.")] = Path("experiments"),
    json: Json = False,
) -> None:
    """List experiments with their results.

    Results are stale if labels, settings or code have changed since.
    """
    from ..evaluate import format_figure
    from ..evaluate.result import FIGURES
    from ..experiment import list_experiments

    rows = list_experiments(folder)
    if json:
        typer.echo(json_.dumps([row.to_dict() for row in rows], ensure_ascii=False, indent=2))
        return
    table = table_of("experiment", "question", "best", "score", "date", "state")
    for row in rows:
        best, figure, date = "", "", ""
        if row.result:
            point, metric = row.result.best(), row.result.metrics[0]
            best, date = point.name, row.result.run["date"][:10]
            if metric in point.evaluation.figures:
                figure = f"{FIGURES[metric][0]} {format_figure(metric, point.evaluation.figures[metric])}"
        state = row.state + (f" ({row.why})" if row.why else "")
        table.add_row(*(harmless(cell) for cell in (row.name, row.experiment.question, best, figure, date, state)))
    _print(table)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="Experiment, or NAME:POINT of its grid.", show_default=False)],
    b: Annotated[str, typer.Argument(metavar="B", help="Experiment to compare with A.", show_default=False)],
    json: Json = False,
) -> None:
    """Compare two results: is B better, worse, or is it unclear?

    The comparison is paired by site, with 95 % intervals. It needs only the results. For an experiment with a grid, the
    best point is used unless one is named.
    """
    from ..experiment import compare_experiments as compare_results

    rows = compare_results(a, b)
    if json:
        typer.echo(json_.dumps([row.to_dict() for row in rows], ensure_ascii=False, indent=2))
        return
    table = table_of("score", harmless(a), harmless(b), "difference", "B is")
    for row in rows:
        table.add_row(row.score, f"{row.a:.3f}", f"{row.b:.3f}", f"{row.difference:+.3f}", row.verdict)
    _print(table)


def sweep(
    name: Name,
    over: Annotated[
        list[str],
        typer.Option("--over", help="Key and values (members=1,2,4) instead of the file's grid; repeatable."),
    ] = [],  # noqa: B006
    mirror: Mirror = Path("corpora/mirror"),
    cache: CacheFolder = Path(".cache/experiments"),
    no_cache: NoCache = False,
    pages: Pages = 0,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the results to this file.")] = None,
    json: Json = False,
) -> None:
    """Cross-validate all combinations of a grid, best first."""
    from ..experiment import sweep as sweep_grid
    from ..experiment.sweep import read_over

    with progress(f"Sweeping {Path(name).stem}") as tick:
        result = sweep_grid(
            name, read_over(over), mirror, cache=None if no_cache else cache, pages=pages, out=out, on_step=tick
        )
    if json:
        typer.echo(json_.dumps(result.to_dict(), ensure_ascii=False, indent=2))
    else:
        _show(result, result.ranked())


def _show(result: Result, points: list[Point]) -> None:
    from ..evaluate import Evaluation, format_figure
    from ..evaluate.result import FIGURES
    from ..experiment import against_first

    many = len(result.points) > 1
    say(f"{result.title}: {harmless(result.question)}" if result.question else result.title)
    head = ["point"] if many else []
    table = table_of(
        *head, "pages", *(FIGURES[name][0] for name in result.metrics), *(["difference to first"] if many else [])
    )
    against = dict(zip((p.name for p in result.points), against_first(result), strict=True)) if many else {}
    for point in points:
        found = point.evaluation.figures
        figures = [format_figure(name, found[name]) if name in found else "" for name in result.metrics]
        beside = [_verdict(against[point.name], point is result.points[0])] if many else []
        table.add_row(*([harmless(point.name)] if many else []), str(point.pages), *figures, *beside)
    _print(table)
    if result.test:
        found = Evaluation.from_dict(result.test["evaluation"]).figures
        said = ", ".join(
            f"{FIGURES[name][0]} {format_figure(name, found[name])}" for name in result.metrics if name in found
        )
        typer.echo(f"test pages, used {counted(len(result.test['openings']), 'time')}: {said}")


def _verdict(found: Comparison | None, first: bool) -> str:
    if first:
        return ""
    return f"{found.difference:+.3f} {found.verdict}" if found else "other pages"


def _say_plan(rows: list[dict[str, object]], json: bool) -> None:
    if json:
        typer.echo(json_.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = table_of("experiment", "point", "pages", "cached folds", "folds to compute")
    for row in rows:
        folds, kept = row["folds"], row["kept"]
        todo = str(int(str(folds)) - int(str(kept))) if folds is not None else "?"
        cells = (row["experiment"], row["point"], "cached" if row["segmented"] else "to segment", kept, todo)
        table.add_row(*(harmless(str(cell)) for cell in cells))
    _print(table)


def _print(table: Table) -> None:
    out = console()
    if not out.is_terminal:
        out.width = 160  # a pipe has no width: wide enough that most rows stay in one line
    out.print(table)

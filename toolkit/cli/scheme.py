"""scheme show, check and migrate: the label scheme."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .migrate import EXAMPLES, migrate
from .output import console, examples, harmless

SchemeFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="Scheme file (default: the built-in scheme).")
]


class ShowFormat(StrEnum):
    """How a scheme is printed."""

    text = "text"
    json = "json"
    xml = "xml"
    html = "html"


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Show, check and migrate label schemes.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog=examples("pageblocks scheme show", "pageblocks scheme check labels/web-page.toml"),
    )
    group.command(
        epilog=examples("pageblocks scheme show", "pageblocks scheme show labels/web-page.toml --format xml")
    )(show)
    group.command(epilog=examples("pageblocks scheme check", "pageblocks scheme check labels/web-page.toml"))(check)
    group.command(epilog=EXAMPLES)(migrate)
    app.add_typer(group, name="scheme")


def show(
    file: SchemeFile = None,
    format: Annotated[
        ShowFormat,
        typer.Option(
            "--format",
            "-f",
            help="Output format; xml: Label Studio's labelling configuration; html: instructions for annotators.",
        ),
    ] = ShowFormat.text,
) -> None:
    """Print the labels of a scheme, with definitions and rules."""
    from ..scheme import Scheme

    scheme = Scheme.load(file) if file else Scheme.default()
    if format == "json":
        typer.echo(json.dumps(scheme.model_dump(), ensure_ascii=False, indent=2))
    elif format == "xml":
        typer.echo(scheme.label_studio_config(), nl=False)
    elif format == "html":
        typer.echo(scheme.instructions())
    else:
        _text(scheme.id, file)


def _text(id: str, file: Path | None) -> None:
    from rich.text import Text

    from ..scheme import Scheme

    scheme = Scheme.load(file) if file else Scheme.default()
    out = console()
    out.print(Text(f"{id}: {harmless(scheme.question)}", style="bold"))
    for label in scheme.labels:
        key = f"  key {label.hotkey}" if label.hotkey else ""
        out.print()
        out.print(
            Text.assemble(
                (f" {label.name} ", f"{scheme.text_color(label.name)} on {label.color}"),
                key,
                f"  {harmless(label.definition)}",
            )
        )
        for word, lines in (("in", label.includes), ("not", label.excludes), ("e.g.", label.examples)):
            for line in lines:
                out.print(Text(f"  {word:<5}{harmless(line)}"), style="dim" if word == "e.g." else "")
    if scheme.rules:
        out.print(Text("\nIf two labels fit, the first rule that applies decides:", style="bold"))
        for number, rule in enumerate(scheme.rules, 1):
            out.print(Text(f"{number:>3}. {harmless(rule)}"))


def check(file: SchemeFile = None) -> None:
    """Check a scheme file.

    Prints one line per problem. The exit status is 1 if there is a problem.
    """
    from ..scheme import check as check_scheme
    from ..support.files import data_path

    path = file or data_path("labels/web-page.toml")
    problems = check_scheme(path)
    for problem in problems:
        typer.echo(f"{path}: {problem}")
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{path}: no problems")

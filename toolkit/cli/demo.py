"""demo: the whole workflow on the sample corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import examples


def register(app: typer.Typer) -> None:
    app.command(epilog=examples("pageblocks demo", "pageblocks demo --keep"))(demo)


def demo(
    folder: Annotated[
        Path,
        typer.Option("--folder", help="Folder for the corpus, model and report; Label Studio's data are in ./.studio."),
    ] = Path("runs/demo"),
    keep: Annotated[bool, typer.Option("--keep", help="Leave Label Studio running at the end.")] = False,
) -> None:
    """Run the whole workflow on the sample corpus.

    Segment, push to a real Label Studio, pull, agree, train, evaluate, classify.
    """
    from .demonstration import demo as run

    run(folder, keep)

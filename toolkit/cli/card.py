"""card: what a corpus or a model is, on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import SchemeFile
from .output import examples, say


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks card corpora/sample",
            "pageblocks card corpora/mine --write",
            "pageblocks card models/mine --write",
        )
    )(card)


def card(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A corpus or a model.", show_default=False)],
    write: Annotated[bool, typer.Option("--write", help="Write it to FOLDER/README.md instead of stdout.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the card is up to date (exit status).")
    ] = False,
    results: Annotated[
        Path | None, typer.Option("--results", help="A model's: take the figures from what `evaluate --json` wrote.")
    ] = None,
    scheme: SchemeFile = None,
) -> None:
    """The card of a corpus or a model: a README.md with the head that the Hugging Face Hub reads.

    What is counted or measured stands between marks and is written anew; what people write around them stays, and so do
    keys of the head that cannot be counted (license, pretty_name).
    """
    from ..errors import PageblocksError
    from ..evaluate import Evaluation
    from ..exchange.card import make_card
    from ..scheme import Scheme
    from ..support.files import write_atomic

    text = make_card(folder, Scheme.load(scheme) if scheme else None, Evaluation.read(results) if results else None)
    path = folder / "README.md"
    if check:
        if not path.exists() or path.read_text("utf-8") != text:
            raise PageblocksError(f"{path}: not up to date; `pageblocks card {folder} --write` mends it")
        say(f"{path} is up to date.")
    elif write:
        write_atomic(path, text)
        typer.echo(path)
    else:
        typer.echo(text, nl=False)

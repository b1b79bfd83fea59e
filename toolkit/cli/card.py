"""card: describe a corpus or a model on one page."""

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
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Corpus or model.", show_default=False)],
    write: Annotated[
        bool, typer.Option("--write", help="Write the card to FOLDER/README.md instead of stdout.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only check whether the card is up to date (exit status).")
    ] = False,
    results: Annotated[
        Path | None, typer.Option("--results", help="Take the scores of a model from this output of `evaluate --json`.")
    ] = None,
    scheme: SchemeFile = None,
) -> None:
    """Write the card of a corpus or a model.

    A card is a README.md with the YAML head of the Hugging Face Hub. Counted and measured parts are between marks and
    are updated. Text around the marks stays, and so do keys of the head that cannot be counted (license, pretty_name).
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
            raise PageblocksError(f"{path}: not up to date; run `pageblocks card {folder} --write`")
        say(f"{path} is up to date.")
    elif write:
        write_atomic(path, text)
        typer.echo(path)
    else:
        typer.echo(text, nl=False)

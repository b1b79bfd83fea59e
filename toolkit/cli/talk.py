"""How the commands speak: results on stdout, talk on stderr, page text made harmless for a terminal."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from ..page import Blocks
    from ..readers import Skipped


def examples(*lines: str) -> str:
    """The Examples section that ends a command's help. (Typer keeps the lines of a paragraph that starts with \\b.)"""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def say(text: str = "") -> None:
    """Talk: one line on stderr."""
    typer.echo(text, err=True)


def complain(text: str) -> None:
    """One red line on stderr."""
    one = harmless(" ".join(text.split()))
    typer.secho(f"pageblocks: {one}", err=True, fg="red", bold=True)


def warn(text: str) -> None:
    """One yellow line on stderr: it goes on, but mind this."""
    typer.secho(f"pageblocks: {harmless(' '.join(text.split()))}", err=True, fg="yellow")


def say_skipped(skipped: Skipped) -> None:
    """What an archive or a folder has beside its pages: else somebody takes a table for read."""
    say(f"note: {harmless(str(skipped))}")


def say_noted(blocks: Blocks) -> None:
    """What is to be known of how a page was read."""
    if blocks.note:
        say(harmless(f"note: {blocks.page.source}: {blocks.note}"))


def harmless(text: str) -> str:
    """Page text for a terminal: no control characters, no escape sequences, nothing that turns the direction of
    reading.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if c in "\t\n\r" else c for c in text if c in "\t\n\r\u200c\u200d" or unicodedata.category(c) not in _UNSEEN
    )


def harmless_lines(text: str) -> str:
    """`harmless`, but the text's own line breaks stay."""
    return "\n".join(map(harmless, text.split("\n"))) if "\n" in text else harmless(text)


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def console(err: bool = False) -> Console:
    """A rich console that takes text as it is: no markup, no emoji codes, no guessing at numbers and links."""
    from rich.console import Console

    # In a pipe nobody asked for lines of 80 characters.
    return Console(
        stderr=err,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=not (sys.stderr if err else sys.stdout).isatty(),
    )


class Tick(Protocol):
    """Counts one step, or says how many there are."""

    def __call__(self, steps: int = 1, total: int | None = None) -> None: ...


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Tick]:
    """A progress bar on stderr where it is a terminal; silence elsewhere."""
    if not sys.stderr.isatty():

        def silent(steps: int = 1, total: int | None = None) -> None:
            return None

        yield silent
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(err=True), transient=True) as bar:
        task = bar.add_task(what, total=total)

        def tick(steps: int = 1, total: int | None = None) -> None:
            bar.update(task, advance=steps, total=total)

        yield tick

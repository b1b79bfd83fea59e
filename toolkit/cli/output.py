"""Output of the commands: results on stdout or in a file, messages on stderr, page text safe for a terminal."""

from __future__ import annotations

import sys
import threading
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import typer

from ..errors import UsageError
from ..support.dump import to_json
from ..support.text import counted, encode_utf8

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ..classify.result import Classified
    from ..page import Blocks
    from ..readers import Skipped
    from ..scheme import Scheme


_SURE = 0.8  # probabilities below are shown
FIRST, EVERY = 10.0, 60.0  # seconds to the first line of progress if stderr is not a terminal, and between two


def examples(*lines: str) -> str:
    """The Examples section that ends a command's help. (Typer keeps the lines of a paragraph that starts with \\b.)"""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def say(text: str = "") -> None:
    """Print a message: one line on stderr."""
    typer.echo(text, err=True)


def complain(text: str) -> None:
    """Print an error: one red line on stderr."""
    one = harmless(" ".join(text.split()))
    typer.secho(f"pageblocks: {one}", err=True, fg="red", bold=True)


def warn(text: str) -> None:
    """Print a warning: one yellow line on stderr; the command goes on."""
    typer.secho(f"pageblocks: {harmless(' '.join(text.split()))}", err=True, fg="yellow")


def say_skipped(skipped: Skipped) -> None:
    """Say what was skipped in an archive or a folder, so that nobody thinks a table was read."""
    say(f"note: {harmless(str(skipped))}")


def say_noted(blocks: Blocks) -> None:
    """Print the note on how a page was read."""
    if blocks.note:
        say(harmless(f"note: {blocks.page.source}: {blocks.note}"))


def harmless(text: str) -> str:
    """Page text for a terminal: no control characters, no escape sequences, no changes of direction."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if c in "\t\n\r" else c for c in text if c in "\t\n\r\u200c\u200d" or unicodedata.category(c) not in _UNSEEN
    )


def harmless_lines(text: str) -> str:
    """Like `harmless`, but keep line breaks."""
    return "\n".join(map(harmless, text.split("\n"))) if "\n" in text else harmless(text)


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def console(err: bool = False) -> Console:
    """A rich console that prints text unchanged: no markup, no emoji codes, no highlighting."""
    from rich.console import Console

    # In a pipe, lines are not wrapped at 80 characters.
    return Console(
        stderr=err,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=not (sys.stderr if err else sys.stdout).isatty(),
    )


def table_of(*columns: str) -> Table:
    """An empty table with these columns, without lines."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


class Tick(Protocol):
    """Advance a progress bar, or set its total."""

    def __call__(self, steps: int = 1, total: int | None = None) -> None:
        """Count `steps`, and set the `total` if one is given."""


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Tick]:
    """A progress bar on stderr if it is a terminal; otherwise a line after ten seconds, and then one per minute."""
    if not sys.stderr.isatty():
        with _lines(what, total) as tick:
            yield tick
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


@contextmanager
def _lines(what: str, total: int | None) -> Iterator[Tick]:
    done, whole, began, ended = 0, total, time.monotonic(), threading.Event()

    def tick(steps: int = 1, total: int | None = None) -> None:
        nonlocal done, whole
        done += steps
        whole = whole if total is None else total

    def tell() -> None:
        wait = FIRST
        while not ended.wait(wait):
            far = f", {done:,} of {whole:,} done" if whole else f", {done:,} done" if done else ""
            say(f"{harmless(what)}: {counted(round(time.monotonic() - began), 'second')}{far}")
            wait = EVERY

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield tick
    finally:
        ended.set()
        teller.join()


def chosen_format(format: StrEnum, out: Path | None, on_terminal: StrEnum) -> str:
    """The requested format; for `auto`, that of a terminal, else JSON lines."""
    if format != "auto":
        if out is not None and format == on_terminal:
            raise UsageError(f"--format {format} is for the terminal; use jsonl or text with --out")
        return str(format)
    return str(on_terminal) if out is None and sys.stdout.isatty() else "jsonl"


@contextmanager
def writer(
    out: Path | None, force: bool, format: str = "jsonl", *, sources: Sequence[str] = ()
) -> Iterator[Callable[[str], object]]:
    """A writer of results to stdout, or to a file that is written atomically.

    Raises UsageError if the file's name contradicts `format`, or the file is one of `sources`.
    """
    if out is None:
        yield _to_stdout
        return
    from ..readers.base import page_ending  # slow imports, which --help does not need
    from ..support.endings import refuse_ending
    from ..support.files import atomic
    from ..support.overwrite import refuse_to_overwrite

    refuse_ending(out, format, "for Parquet use --out FOLDER/" if out.suffix == ".parquet" else "")
    read: list[str | Path] = [
        *sources,
        *(out for source in sources if page_ending(out.name) and _inside(out, Path(source))),
    ]
    refuse_to_overwrite(out, force, inputs=read)
    with atomic(out) as file:
        yield lambda text: file.write(encode_utf8(text))


def _inside(path: Path, folder: Path) -> bool:
    return folder.is_dir() and path.resolve().is_relative_to(folder.resolve())


def _to_stdout(text: str) -> None:
    # Flush page by page: the reader of a pipe need not wait, and a full disk is reported at once.
    sys.stdout.write(text)
    sys.stdout.flush()


def json_line(row: dict[str, Any]) -> str:
    """An object as a line of JSON."""
    return to_json(row) + "\n"


def one_of_many(number: int, text: str) -> str:
    """A page's text without form feeds, after a line with a form feed unless it is the first page."""
    return ("\f\n" if number else "") + text.replace("\f", " ") + "\n"


def block_rows(blocks: Blocks) -> list[dict[str, Any]]:
    """The blocks of one page as JSON objects."""
    return [
        {
            "id": b.id,
            "text": b.text,
            "tag": b.tag,
            "heading": b.heading,
            "hidden": b.hidden,
            "link_density": round(b.link_density, 3),
        }
        for b in blocks
    ]


def block_table(blocks: Blocks) -> None:
    """One page as a table: number, tag, text."""
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for number, (tag, text) in enumerate(zip(blocks.tag, blocks.text, strict=True)):
        table.add_row(str(number), harmless(tag), Text(harmless_lines(text)))
    out = console()
    head(blocks)
    out.print(table)
    out.print(Text(f"{counted(len(blocks), 'block')}\n", style="dim"))


def coloured(page: Classified, chosen: Sequence[int], scheme: Scheme) -> None:
    """Print these blocks of a page in reading order, in the colours of their labels, with low probabilities."""
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", style="dim")
    table.add_column(overflow="fold")
    unsure = 0
    for i in chosen:
        text, label, sure = page.blocks.text[i], page.labels[i], float(page.probabilities[i].max())
        unsure += sure < _SURE
        table.add_row(
            badge(label, scheme), "" if sure >= _SURE else f"{sure:.0%}?",
            Text(harmless_lines(text), style=_style(label, scheme)),
        )  # fmt: skip
    out = console()
    head(page.blocks)
    out.print(table)
    counts = Counter(page.labels)
    out.print(
        Text("  ").join(
            [Text.assemble(badge(name, scheme), f" {counts[name]}") for name in page.classes if counts[name]]
        ),
    )
    if unsure:
        out.print(
            Text(f"A percentage with ? is the probability of the label, where it is under {_SURE:.0%}.", style="dim")
        )
    out.print()


def head(blocks: Blocks) -> None:
    """Print the title of a page and where it is from."""
    from rich.text import Text

    title = harmless(blocks.title) or harmless(blocks.page.id)
    console().print(Text(title, style="bold underline"), Text(harmless(blocks.page.source), style="dim"))


def badge(label: str, scheme: Scheme) -> Text:
    """A label in its colours."""
    from rich.text import Text

    return Text(f" {harmless(label)} ", style=f"{scheme.text_color(label)} on {scheme.color(label)}")


def _style(label: str, scheme: Scheme) -> str:
    """The story plain, what surrounds it dim; these are the labels of the scheme that comes with pageblocks."""
    return "" if label == "article" else "dim" if label == "sidebar" else scheme.color(label)

"""Blocks for the eye and for files."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PageblocksError
from ..readers.base import page_ending
from ..support.endings import refuse_ending
from ..support.overwrite import refuse_to_overwrite
from ..support.text import counted
from .talk import console, harmless, harmless_lines

if TYPE_CHECKING:
    from rich.text import Text

    from ..classify.result import Classified
    from ..page import Blocks


@contextmanager
def writer(
    out: Path | None, force: bool, format: str = "jsonl", sources: Sequence[str] = ()
) -> Iterator[Callable[[str], object]]:
    """Where results go: stdout, or a file that appears whole at the end and not at all after a failure.

    Raises PageblocksError where the file's name contradicts `format`, or the file is one of `sources`.
    """
    if out is None:
        yield _to_stdout
        return
    refuse_ending(out, format, "for Parquet give --out FOLDER/" if out.suffix == ".parquet" else "")
    read: list[str | Path] = [
        *sources,
        *(out for source in sources if page_ending(out.name) and _inside(out, Path(source))),
    ]
    refuse_to_overwrite(out, force, inputs=read)
    temporary = ""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", errors="replace", dir=out.parent, prefix=f".{out.name}.", delete=False
        ) as file:
            temporary = file.name
            yield file.write
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, out)
    except OSError as error:
        raise PageblocksError(f"cannot write {out}: {error.strerror or error}; what was there is untouched") from error
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def _inside(path: Path, folder: Path) -> bool:
    return folder.is_dir() and path.resolve().is_relative_to(folder.resolve())


def _to_stdout(text: str) -> None:
    # At once, page by page: the reader of a pipe need not wait, and a full disk is told where it is met.
    sys.stdout.write(text)
    sys.stdout.flush()


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
    _head(blocks)
    out.print(table)
    out.print(Text(f"{counted(len(blocks), 'block')}\n", style="dim"))


def coloured(page: Classified, keep: set[str]) -> None:
    """One page, its blocks in reading order, each with its label's colour and, where the model doubts, its
    probability.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", style="dim")
    table.add_column(overflow="fold")
    for text, label, row in zip(page.blocks.text, page.labels, page.probabilities, strict=True):
        if label in keep:
            sure = float(row.max())
            table.add_row(
                _badge(label), "" if sure >= 0.8 else f"{sure:.0%}?", Text(harmless_lines(text), style=_style(label))
            )
    out = console()
    _head(page.blocks)
    out.print(table)
    counts = Counter(page.labels)
    out.print(
        Text("  ").join([Text.assemble(_badge(name), f" {counts[name]}") for name in page.classes if counts[name]]),
        "\n",
    )


def _head(blocks: Blocks) -> None:
    from rich.text import Text

    title = harmless(blocks.title) or harmless(blocks.page.id)
    console().print(Text(title, style="bold underline"), Text(harmless(blocks.page.source), style="dim"))


def _badge(label: str) -> Text:
    from rich.text import Text

    background, ink = _colors().get(label, ("#616161", "#FFFFFF"))
    return Text(f" {harmless(label)} ", style=f"{ink} on {background}")


def _style(label: str) -> str:
    return "" if label == "article" or label not in _colors() else "dim" if label == "sidebar" else _colors()[label][0]


@lru_cache(maxsize=1)
def _colors() -> dict[str, tuple[str, str]]:
    """Label -> colour and the ink that reads on it."""
    from ..scheme import Scheme

    scheme = Scheme.default()
    return {label.name: (label.color, scheme.text_color(label.name)) for label in scheme.labels}

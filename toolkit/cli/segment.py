"""segment: split pages into blocks."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from .bad_pages import BadPages
from .options import Column, Force, Out, Private, Sources, read_columns
from .output import block_rows, block_table, chosen_format, examples, json_line, one_of_many, say_noted, writer


class SegmentFormat(StrEnum):
    """Output format of segment."""

    auto = "auto"
    table = "table"
    jsonl = "jsonl"
    text = "text"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks segment page.html",
            "pageblocks segment pages/ --format jsonl > blocks.jsonl",
            "cat page.html | pageblocks segment - --format text",
        )
    )(segment)


def segment(
    sources: Sources,
    format: Annotated[
        SegmentFormat, typer.Option("--format", "-f", help="Output format; auto is table on a terminal, else jsonl.")
    ] = SegmentFormat.auto,
    out: Out = None,
    force: Force = False,
    column: Column = None,
    private: Private = False,
) -> None:
    """Split pages into blocks.

    A block is the smallest run of text that a reader sees as one unit.
    """
    from ..classify.layout import BETWEEN
    from ..classify.run import segment_pages

    chosen = chosen_format(format, out, SegmentFormat.table)
    with writer(out, force, chosen, sources=sources) as write:
        bad = BadPages()
        for number, blocks in enumerate(segment_pages(bad.pages(sources, read_columns(column), private), bad)):
            say_noted(blocks)
            if chosen == "table":
                block_table(blocks)
            elif chosen == "text":
                write(one_of_many(number, BETWEEN.join(blocks.text)))
            else:
                write(
                    json_line(
                        {
                            "id": blocks.page.id,
                            "source": blocks.page.source,
                            "url": blocks.page.url,
                            "title": blocks.title,
                            "note": str(blocks.note or ""),
                            "blocks": block_rows(blocks),
                        }
                    )
                )
    bad.end()

"""classify: label the blocks of pages."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from .bad_pages import BadPages
from .classify_folder import classify_folder, is_folder
from .options import Column, Force, Private, Sources, read_columns
from .output import chosen_format, coloured, examples, json_line, one_of_many, say, say_noted, writer

if TYPE_CHECKING:
    from ..classify.layout import TextFormat


_FOLDER_ONLY = ("jobs", "time_limit", "shard_pages", "clean")
_TEXTS = ("text", "markdown")


class ClassifyFormat(StrEnum):
    """Output format of classify."""

    auto = "auto"
    color = "color"
    jsonl = "jsonl"
    text = "text"
    markdown = "markdown"
    parquet = "parquet"


class CleanFormat(StrEnum):
    """Format of the column `clean` of a crawl."""

    text = "text"
    markdown = "markdown"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks classify page.html",
            "pageblocks classify pages/ --format jsonl --out labelled.jsonl",
            "pageblocks classify page.txt.gz --format text",
            "pageblocks classify page.html --format text --headline --no-byline",
            "pageblocks classify page.html --format markdown --headline --visible --out page.md",
            "pageblocks classify page.html --model models/mine",
            "pageblocks classify page.html --format text --keep article --min-probability 0.9",
            "pageblocks classify pages/ --out labelled/ --keep article",
            "pageblocks classify pages/ --out labelled/ --clean markdown",
        )
    )(classify)


def classify(
    context: typer.Context,
    sources: Sources,
    model: Annotated[str, typer.Option("--model", "-m", help="Name or folder of the model.")] = "default",
    format: Annotated[
        ClassifyFormat,
        typer.Option(
            "--format",
            "-f",
            help="Output format; auto is color on a terminal, jsonl in a pipe or file, parquet in a folder.",
        ),
    ] = ClassifyFormat.auto,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", "-k", help="Keep only blocks with this label; repeatable.")
    ] = None,
    min_probability: Annotated[
        list[str] | None,
        typer.Option(
            "--min-probability",
            metavar="[LABEL=]P",
            help="Keep the blocks whose probability of a label in --keep is at least P (0 to 1), for all labels or for "
            "one; repeatable. The report of evaluate says which P gives which precision.",
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="PATH",
            help="Write to this file, or to a folder (a name that ends in / or has no dot).",
        ),
    ] = None,
    headline: Annotated[
        bool | None,
        typer.Option(
            "--headline/--no-headline",
            help="text, markdown: include or exclude the headline (default: as the model labels it).",
        ),
    ] = None,
    byline: Annotated[
        bool | None,
        typer.Option(
            "--byline/--no-byline",
            help="text, markdown: include or exclude author and date (default: as the model labels them).",
        ),
    ] = None,
    visible: Annotated[
        bool, typer.Option("--visible", help="text, markdown, folder: leave hidden text out of the text.")
    ] = False,
    links: Annotated[
        bool, typer.Option("--links", help="markdown: include the address of a block that is nearly all link.")
    ] = False,
    clean: Annotated[
        CleanFormat | None, typer.Option("--clean", help="Folder: format of the column clean (default: text).")
    ] = None,
    force: Force = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Folder: number of processes (default: all cores).")
    ] = None,
    time_limit: Annotated[float, typer.Option("--time-limit", min=0.01, help="Folder: seconds per page.")] = 10.0,
    shard_pages: Annotated[
        int,
        typer.Option(
            "--shard-pages",
            min=1,
            help="Folder: minimum number of pages per shard; shards end with a batch of up to 64 pages.",
        ),
    ] = 5000,
    column: Column = None,
    private: Private = False,
) -> None:
    """Label the blocks of pages, or extract their text.

    The labels are article, caption, appeal, form and sidebar, or those of your own model.

    jsonl: one object per page, {"id", "source", "url", "title", "note", "blocks": [{"id", "text", "tag", "hidden",
    "label", "probabilities"}]}. text: the main content of each page, or with --keep the text of those blocks, with a
    form feed between pages; a row of a table is a line with tabs between its cells. markdown: the same with headings,
    lists, tables, quotes and code.

    Write a crawl to a folder: this uses all cores and constant memory, and writes shards of Parquet or JSON lines with
    the blocks and the text. If it is stopped or killed, the same command continues where it was. Bad pages are counted
    and listed in _errors.jsonl.
    """
    least = _least(min_probability, keep or [])
    if out is not None and is_folder(out):
        if (headline, byline) != (None, None) or links:
            raise UsageError("--headline, --byline and --links need a text, and do not work with a folder")
        classify_folder(
            sources,
            Path(out),
            model,
            format=str(format),
            keep=keep or [],
            jobs=jobs,
            time_limit=time_limit,
            shard_pages=shard_pages,
            force=force,
            columns=read_columns(column),
            private=private,
            clean=str(clean or "text"),
            visible=visible,
            min_probability=least,
        )
        return
    if format == ClassifyFormat.parquet:
        folder = (out or "").removesuffix(".parquet") or "FOLDER"
        raise UsageError(f"--format parquet writes a folder, whose name ends in /: use --out {folder}/")
    origins = {name: context.get_parameter_source(name) for name in _FOLDER_ONLY}
    if given := [name for name, origin in origins.items() if origin and origin.name == "COMMANDLINE"]:
        raise UsageError(f"--{given[0].replace('_', '-')} needs a folder: use --out FOLDER/, or omit it")
    from .. import load
    from ..classify.result import chosen_blocks
    from ..classify.run import classify as classify_pages
    from ..classify.run import known_labels
    from ..model.scheme import scheme_of_model

    classifier = load(model)
    classes = [str(name) for name in classifier.classes_]
    known_labels(keep or (), classifier)
    scheme = scheme_of_model(classifier)
    place = None if out is None else Path(out)
    chosen = chosen_format(format, place, ClassifyFormat.color)
    if chosen in _TEXTS and not keep and "article" not in classes and not hasattr(classifier, "predict_both"):
        raise UsageError(f"--format {chosen} needs --keep LABEL with this model; its labels are {', '.join(classes)}")
    if chosen in _TEXTS and not keep and "article" not in classes:
        say(
            f"note: without --keep, the text is the main content, which this model takes from {classifier.story_!r}, "
            "the label with the most words in its training pages"
        )
    if (headline, byline) != (None, None) and chosen not in _TEXTS:
        raise UsageError(
            "--headline and --byline need --format text or markdown; the other formats contain every block"
        )
    if visible and chosen not in _TEXTS:
        raise UsageError(
            "--visible needs --format text or markdown; the other formats say of each block if it is hidden"
        )
    if links and chosen != "markdown":
        raise UsageError("--links needs --format markdown")
    with writer(place, force, chosen, sources=sources) as write:
        bad = BadPages()
        # On a terminal somebody waits for the first page; otherwise batches are faster.
        batch = 1 if chosen == "color" else 32
        for number, page in enumerate(
            classify_pages(bad.pages(sources, read_columns(column), private), classifier, batch=batch, on_error=bad)
        ):
            say_noted(page.blocks)
            if chosen == "color":
                coloured(page, chosen_blocks(page, keep or classes, least), scheme)
            elif chosen in _TEXTS:
                format_of_text: TextFormat = "markdown" if chosen == "markdown" else "text"
                how: dict[str, Any] = {"visible": visible, "links": links, "min_probability": least}
                text = page.text(keep or None, headline, byline, format=format_of_text, **how)
                write(one_of_many(number, text))
            else:
                row = page.to_dict()
                if keep:
                    row["blocks"] = [row["blocks"][i] for i in chosen_blocks(page, keep, least)]
                write(json_line(row))
    bad.end()


def _least(given: list[str] | None, keep: list[str]) -> dict[str, float] | None:
    """`0.8` for all labels, `article=0.9` for one."""
    if not given:
        return None
    if not keep:
        raise UsageError("--min-probability is the least probability of a label: name the labels with --keep")
    least: dict[str, float] = {}
    for one in sorted(given, key=lambda one: "=" in one):
        label, _, number = one.rpartition("=")
        try:
            probability = float(number)
        except ValueError:
            probability = math.nan
        if not 0 <= probability <= 1:
            raise UsageError(f"--min-probability takes a number from 0 to 1, or LABEL=NUMBER, not {one!r}")
        least |= {label: probability} if label else dict.fromkeys(keep, probability)
    if unkept := [label for label in least if label not in keep]:
        raise UsageError(f"--min-probability of {unkept[0]!r}, which is not kept; add --keep {unkept[0]}")
    return least

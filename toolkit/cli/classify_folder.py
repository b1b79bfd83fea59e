"""classify into a folder: progress, and the summary at the end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import UsageError
from ..support.text import counted
from .output import EVERY, complain, console, say, say_skipped

if TYPE_CHECKING:
    from ..classify.least import MinProbability
    from ..crawl import Progress as Progress_
    from ..readers import Columns


def is_folder(out: str) -> bool:
    """Whether --out is a folder: it exists as one, its name ends in a slash, or its name has no dot."""
    path = Path(out)
    return path.is_dir() or (not path.exists() and (out.endswith(("/", os.sep)) or not path.suffix))


def classify_folder(
    sources: list[str], out: Path, model: str, *, format: str, keep: list[str], jobs: int | None, time_limit: float,
    shard_pages: int, force: bool, columns: Columns | None, private: bool, clean: str, visible: bool,
    min_probability: MinProbability | None,
) -> None:  # fmt: skip
    """Label a crawl into a folder, and print a summary."""
    from ..crawl import classify_crawl
    from ..readers.skipped import REASONS

    if format not in ("auto", "parquet", "jsonl"):
        raise UsageError(f"--format {format} is for the terminal and single files; use parquet or jsonl with a folder")
    with _shown() as tell:
        done = classify_crawl(
            sources,
            out,
            model,
            format="jsonl" if format == "jsonl" else "parquet",
            keep=keep,
            jobs=jobs,
            shard_pages=shard_pages,
            time_limit=time_limit,
            force=force,
            on_progress=tell,
            columns=columns,
            private=private,
            on_skip=say_skipped,
            clean="markdown" if clean == "markdown" else "text",
            visible=visible,
            min_probability=min_probability,
        )
    summary = [counted(done.pages, "page"), f"{counted(done.blocks, 'block')} in {out}"]
    if earlier := done.pages - done.new_pages:
        summary.append(f"{counted(earlier, 'page')} from an earlier run")
    if done.new_pages and done.seconds > 1:
        summary.append(f"{done.new_pages / done.seconds:,.0f} pages/s")
    say(", ".join(summary))
    records = {reason: count for reason, count in done.skipped.items() if reason not in ("cut", "files")}
    if records:
        what = ", ".join(f"{count:,} {REASONS.get(reason, reason)}" for reason, count in records.items())
        say(f"note: skipped {counted(sum(records.values()), 'record')} ({what}); see {out / '_skipped.jsonl'}")
    if cut := done.skipped.get("cut", 0):
        say(f"note: {counted(cut, 'page', 'is')} truncated and read as far as possible")
    if done.notes:
        what = ", ".join(f"{reason} {count:,}" for reason, count in done.notes.items())
        say(f"note: {counted(sum(done.notes.values()), 'page', 'has')} a note in the column `note` ({what})")
    if pages := done.errors - done.broken:
        complain(f"{counted(pages, 'bad page')}; see {out / '_errors.jsonl'}")
    if done.broken:
        complain(f"{counted(done.broken, 'source')} could not be read to the end; see {out / '_errors.jsonl'}")
    if done.stopped:
        complain("stopped before the end; run the same command to continue")
        raise typer.Exit(130)
    if done.broken or (done.errors and not done.pages):
        raise typer.Exit(1)


@contextmanager
def _shown() -> Iterator[Callable[[Progress_], None]]:
    """Progress: a bar on a terminal, else one line per minute with pages, speed, bad pages and time left."""
    if sys.stderr.isatty():
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        with Progress(
            SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), console=console(err=True), transient=True
        ) as bar:
            task = bar.add_task("starting", total=None)

            def show(now: Progress_) -> None:
                bar.update(task, description=_line(now), completed=now.part or 0, total=None if now.part is None else 1)

            yield show
        return
    last = time.monotonic()

    def line(now: Progress_) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            say(_line(now))

    yield line


def _line(now: Progress_) -> str:
    left = now.seconds_left
    parts = [counted(now.pages, "page"), f"{now.pages_per_second:,.0f} pages/s"]
    if now.errors:
        parts.append(f"{now.errors:,} bad")
    if left is not None and now.pages:
        hours, rest = divmod(round(left), 3600)
        parts.append(f"{hours}:{rest // 60:02}:{rest % 60:02} left")
    return ", ".join(parts)

"""One process: it loads the model once, labels what it is sent, and writes shards beside their place until they are
full.

It never puts a shard in its place: the main process does, so whatever happens here leaves nothing half done. It ends
when the main process is gone (its pipe closes).
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..classify.run import label_pages
from ..errors import PageblocksError, internal_error
from ..page import Blocks
from ..support.limits import TooLong, limited
from ..support.text import counted
from .positions import Item
from .shards import Row, Shard, open_shard


@dataclass(frozen=True)
class Job:
    """What all workers are told at the start."""

    model: str
    format: str
    keep: tuple[str, ...]
    folder: str
    shard_pages: int
    time_limit: float  # seconds of processor time for one page


def work(job: Job, pipe: Connection, now: Any) -> None:
    """Messages in: a list of items, or None for the end. Out: ("ready",), ("shard", ...) and ("fatal", error).

    `now` is shared memory: [number of the item that is looked at in its batch or -1, when that began in seconds].
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # they reach the main process too, which ends us in order
        signal.signal(number, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        try:
            _work(job, pipe, now)
        except OSError as error:
            if isinstance(error, (BrokenPipeError, ConnectionResetError)):
                raise
            why = f"cannot write in {job.folder}: {error.strerror or error}; fix that and run the same command again"
            pipe.send(("fatal", PageblocksError(why)))
        except PageblocksError as error:
            pipe.send(("fatal", error))


def _work(job: Job, pipe: Connection, now: Any) -> None:
    from threadpoolctl import threadpool_limits  # start-up

    from ..model import load  # start-up

    model = load(job.model)
    classes = [str(name) for name in model.classes_]
    shard: Shard | None = None
    pages = blocks = made = 0
    notes: Counter[str] = Counter()
    with threadpool_limits(1):  # the processes are the parallel part
        pipe.send(("ready",))
        while True:
            batch: list[Item] | None = pipe.recv()
            if batch is not None:
                rows, errors = _label(batch, model, bool(job.keep), limit=job.time_limit, now=now)
                if rows and shard is None:
                    shard = open_shard(
                        job.format, Path(job.folder), f"{os.getpid()}-{made}", classes=classes, keep=job.keep
                    )
                    made += 1
                if rows and shard is not None:
                    shard.write(rows)
                pages += len(rows)
                blocks += sum(len(row.page.blocks) for row in rows)
                notes.update(row.page.blocks.note.reason for row in rows if row.page.blocks.note)
                pipe.send(("done", len(rows), errors))
            if batch is None or pages >= job.shard_pages:
                pipe.send(("shard", shard.close() if shard else {}, pages, blocks, dict(notes)))
                shard, pages, blocks = None, 0, 0
                notes.clear()
            if batch is None:
                return
            pipe.send(("ready",))


def _label(
    batch: list[Item], model: Any, keep: bool, *, limit: float, now: Any
) -> tuple[list[Row], list[dict[str, Any]]]:
    found: list[tuple[Item, Blocks]] = []
    errors: list[dict[str, Any]] = []
    for k, item in enumerate(batch):
        now[0], now[1] = k, time.monotonic()
        if item.page is None:
            errors.append(failed(item, item.error))
            continue
        try:
            with limited(limit):
                from ..segment import segment  # start-up

                found.append((item, segment(item.page)))
        except TooLong:
            errors.append(failed(item, f"{item.page.source}: takes longer than {counted(limit, 'second')}; cut off"))
        except PageblocksError as error:
            errors.append(failed(item, str(error)))
        except (Exception, MemoryError, RecursionError) as error:
            errors.append(failed(item, f"{item.page.source}: {internal_error(error)}, with the page if you can"))
    now[0], now[1] = -1, time.monotonic()
    main = not keep  # which blocks are main content is asked where that is the text
    try:
        pages = list(label_pages([blocks for _, blocks in found], model, main))
    except Exception:
        pages = []
        good = []
        for item, blocks in found:  # one of them is bad: find out which
            try:
                pages += label_pages([blocks], model, main)
                good.append((item, blocks))
            except PageblocksError as error:
                errors.append(failed(item, str(error)))
            except Exception as error:
                errors.append(failed(item, f"{blocks.page.source}: {internal_error(error)}, with the page if you can"))
        found = good
    rows = []
    for (item, blocks), page in zip(found, pages, strict=True):
        blocks.page = replace(blocks.page, content=b"")  # no longer needed, and a shard may hold many pages
        rows.append(Row(item.name, item.number, page))
    now[0], now[1] = -1, 0.0
    return rows, errors


def failed(item: Item, why: str) -> dict[str, Any]:
    """A line of the errors file."""
    page = item.page
    id, url = (page.id, page.url) if page else ("", "")
    line = {"file": item.name, "number": item.number, "id": id, "url": url, "error": why[:2000]}
    return line | {"broken": True} if item.broken else line

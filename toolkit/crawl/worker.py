"""One process: it loads the model once, labels what it is sent, and writes shards beside their place until they are
full.

It never puts a shard in its place: the main process does, so whatever happens here leaves nothing half done. It ends
when the main process is gone (its pipe closes).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..classify.batch import PRELOAD, label_batch
from ..errors import PageblocksError
from ..support.workers import working
from .positions import Item
from .shards import Clean, Row, Shard, open_shard


@dataclass(frozen=True)
class Job:
    """What all workers are told at the start."""

    model: str
    format: str
    clean: Clean
    folder: str
    shard_pages: int
    time_limit: float  # seconds of processor time for one page


def work(job: Job, now: Any, pipe: Connection) -> None:
    """Messages in: a list of items, or None for the end. Out: ("ready",), ("shard", ...) and ("fatal", error).

    `now` is shared memory: [number of the item at hand in its batch or -1, when that began in seconds].
    """
    with working(PRELOAD):
        try:
            _work(job, now, pipe)
        except OSError as error:
            if isinstance(error, (BrokenPipeError, ConnectionResetError)):
                raise
            why = f"cannot write in {job.folder}: {error.strerror or error}; fix that and run the same command again"
            pipe.send(("fatal", PageblocksError(why)))
        except PageblocksError as error:
            pipe.send(("fatal", error))


def _work(job: Job, now: Any, pipe: Connection) -> None:
    from ..model import load  # start-up

    model = load(job.model)
    classes = [str(name) for name in model.classes_]
    shard: Shard | None = None
    pages = blocks = made = 0
    notes: Counter[str] = Counter()
    pipe.send(("ready",))
    while True:
        batch: list[Item] | None = pipe.recv()
        if batch is not None:
            rows, errors = _label(batch, model, bool(job.clean.keep), limit=job.time_limit, now=now)
            if rows and shard is None:
                name = f"{os.getpid()}-{made}"
                shard = open_shard(job.format, Path(job.folder), name, classes=classes, clean=job.clean)
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
    pages = [(k, item.page) for k, item in enumerate(batch) if item.page is not None]

    def looking_at(k: int) -> None:
        now[0], now[1] = pages[k][0] if k >= 0 else -1, time.monotonic()

    found = label_batch(
        [page.source for _, page in pages],
        lambda k: pages[k][1],
        model,
        time_limit=limit,
        main=not keep,  # which blocks are main content is asked where that is the text
        looking_at=looking_at,
    )
    now[0], now[1] = -1, 0.0
    errors = [failed(item, item.error) for item in batch if item.page is None]
    rows = []
    for (k, _), page in zip(pages, found, strict=True):
        if isinstance(page, str):
            errors.append(failed(batch[k], page))
            continue
        page.blocks.page = replace(page.blocks.page, content=b"")  # a shard may hold many pages
        rows.append(Row(batch[k].name, batch[k].number, page))
    return rows, errors


def failed(item: Item, why: str) -> dict[str, Any]:
    """A line of the errors file."""
    page = item.page
    id, url = (page.id, page.url) if page else ("", "")
    line = {"file": item.name, "number": item.number, "id": id, "url": url, "error": why[:2000]}
    return line | {"broken": True} if item.broken else line

"""The main process: it reads, deals batches out to workers, puts their shards in place, and replaces workers that die.

Reading is the cheap part, so one process does it and any number of cores share one archive. A batch goes to any free
worker; a shard therefore holds batches from several files, and the manifest says which.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from types import FrameType
from typing import Any

from ..classify.batch import PRELOAD
from ..classify.layout import TextFormat, known_format
from ..classify.least import MinProbability, least_of
from ..classify.run import unknown_labels
from ..errors import BadModel, PageblocksError, UsageError
from ..readers import Columns, OnSkip, Skipped
from ..readers.base import shown_path
from ..readers.skipped import log_skipped
from ..support.files import data_path
from ..support.limits import cores
from ..support.text import counted
from ..support.workers import CONTEXT, Worker
from .folder import FORMAT, RunFolder, Span
from .positions import Item, Ranges, files_of, items
from .shards import Clean
from .spool import NoSpool, Spool, is_pipe
from .worker import Job, failed, work

_BATCH_PAGES, _BATCH_BYTES = 64, 8 << 20
Read = Callable[[str, Ranges | None], Iterator[Item]]
_STARTS = 3  # workers that may die at the start, for each that was asked for


@dataclass
class Progress:
    """How far a run has come since it was started.

    Parameters
    ----------
    pages : int, default=0
        Pages that were labelled.
    errors : int, default=0
        Pages, or parts of files, that cannot be used.
    seconds : float, default=0.0
        Duration so far.
    part : float, optional
        Share of the sources' bytes that were read, from 0 to 1; None if it is unknown.
    part_before : float, default=0.0
        The same at the start of the run.
    """

    pages: int = 0
    errors: int = 0
    seconds: float = 0.0
    part: float | None = None
    part_before: float = 0.0

    @property
    def pages_per_second(self) -> float:
        """Pages per second in this run."""
        return self.pages / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds to the end; None while it is unknown."""
        if self.part is None or self.part <= self.part_before:
            return None
        return self.seconds * (1 - self.part) / (self.part - self.part_before)


@dataclass(frozen=True)
class Summary:
    """What the folder contains, from all runs together.

    Parameters
    ----------
    pages : int
        Labelled pages.
    blocks : int
        Their blocks.
    errors : int
        Lines of `_errors.jsonl`: pages, or parts of files, that cannot be used.
    shards : int
        Shards of output.
    new_pages : int
        Pages that the last run added.
    seconds : float
        Duration of the last run.
    stopped : bool
        Whether SIGINT or SIGTERM ended it.
    broken : int, default=0
        How many of the `errors` are about a truncated or damaged file, of which any number of pages may be lost.
    skipped : dict of str to int
        Records of archives that are not pages, by reason; `_skipped.jsonl` has them for each archive.
    notes : dict of str to int
        Pages that were not read in the usual way, by reason (see `pageblocks.page.Note`); the column `note` says how.
    """

    pages: int
    blocks: int
    errors: int
    shards: int
    new_pages: int
    seconds: float
    stopped: bool
    broken: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Convert the summary to JSON.

        Returns
        -------
        dict
            The values by name.
        """
        return asdict(self)


def classify_crawl(
    sources: Sequence[str],
    out: Path,
    model: str = "default",
    *,
    format: str = "parquet",
    keep: Sequence[str] = (),
    jobs: int | None = None,
    shard_pages: int = 5000,
    time_limit: float = 10.0,
    force: bool = False,
    on_progress: Callable[[Progress], None] = lambda _: None,
    columns: Columns | None = None,
    private: bool = False,
    on_skip: OnSkip = log_skipped,
    clean: TextFormat = "text",
    visible: bool = False,
    min_probability: MinProbability | None = None,
) -> Summary:
    """Label all pages of a crawl and write them to a folder.

    A run that stopped, in whatever way, continues when it is repeated. SIGINT and SIGTERM end a run in order. Pages
    that cannot be used are listed in `_errors.jsonl`; what archives and folders contain beside pages is counted in
    `_skipped.jsonl`.

    Parameters
    ----------
    sources : sequence of str
        The sources, as in `read_pages`.
    out : Path
        The folder. It is created if it does not exist.
    model : str, default="default"
        The default model, or the folder of another.
    format : {"parquet", "jsonl"}, default="parquet"
        Format of the shards.
    keep : sequence of str, default=()
        Labels whose text becomes the column `clean`; by default it is the main content.
    jobs : int, optional
        Number of processes; by default one for each core.
    shard_pages : int, default=5000
        Least number of pages in a shard. A shard ends with a batch of up to 64 pages.
    time_limit : float, default=10.0
        Most seconds of processor time for one page.
    force : bool, default=False
        Whether a run in `out` is replaced; by default it continues.
    on_progress : callable, optional
        Called with the `Progress` every half second or more often.
    columns : Columns, optional
        Names of the columns of tables; see `read_pages`.
    private : bool, default=False
        Whether addresses on private networks are fetched; by default they are refused.
    on_skip : callable, optional
        Called with the counts (`Skipped`) of each folder that has files that are not pages; by default they are logged
        as a warning.
    clean : {"text", "markdown"}, default="text"
        Whether the column `clean` is plain text or Markdown.
    visible : bool, default=False
        Whether the column `clean` leaves out text that is hidden from a reader of the page.
    min_probability : float or mapping of str to float, optional
        Least probability of the labels of `keep` in the column `clean`; see `Classified.text`.

    Returns
    -------
    Summary
        What the folder contains.

    Raises
    ------
    AlreadyExists
        If the folder contains other files or a run with other settings, or a source has changed since it was read.
    BadInput
        If a source does not exist, or a file of the run is damaged or gone.
    BadModel
        If there is no such model.
    UsageError
        If the model does not have a label of `keep`, there is no such format, or `min_probability` is no probability of
        a label of `keep`.
    PageblocksError
        If the disk is full, or another process writes to the folder. What was finished by then is kept.
    """
    others: list[Skipped] = []
    files = files_of(sources, others.append)
    for one in others:
        on_skip(one)
    settings = {"format": FORMAT, "output": format, "keep": sorted(keep), "model": fingerprint(model, keep)}
    # None as in the folder of an earlier version, which goes on.
    settings |= {"clean": None if known_format(clean) == "text" else clean, "visible": visible or None}
    least = least_of(keep, min_probability) or None
    settings["min_probability"] = least
    if columns is not None:
        settings["columns"] = asdict(columns)
    spools = {file: Spool(file) for file in files if is_pipe(file)}
    sizes: dict[str, int | str] = {file: os.path.getsize(file) for file in files if os.path.isfile(file)}
    sizes.update((file, spool.fingerprint) for file, spool in spools.items())
    folder = RunFolder(
        Path(out), settings, sizes, force=force, shown={file: source.shown for file, source in files.items()}
    )
    for number, spool in enumerate(spools.values()):
        spool.place = folder.unfinished / f"pipe-{number}"
    before = folder.pages
    try:
        for one in others:
            folder.skip(shown_path(one.source), one)
        texts = Clean(tuple(sorted(keep)), clean, visible, least)
        job = Job(model, format, texts, str(folder.unfinished), shard_pages, time_limit)

        def read(file: str, done: Ranges | None) -> Iterator[Item]:
            def skip(skipped: Skipped) -> None:
                folder.skip(file, skipped)

            return items(
                file,
                done,
                columns,
                private=private,
                source=files[file],
                name=folder.names[file],
                spool=spools.get(file),
                on_skip=skip,
            )

        run = _Run(folder, list(files), job, jobs=jobs or cores(), on_progress=on_progress, read=read)
        with _signals(run):
            run.all()
        return Summary(
            folder.pages, folder.blocks, folder.errors, folder.shards, folder.pages - before, run.progress.seconds,
            bool(run.stop), folder.broken, folder.skipped_by_reason, dict(folder.notes.most_common()),
        )  # fmt: skip
    except NoSpool as error:
        raise PageblocksError(f"{error}; fix that and run the same command again") from error
    finally:
        for spool in spools.values():
            spool.close()
        folder.close()


def fingerprint(model: str, keep: Sequence[str]) -> str:
    """Names the model's weights. The main process never opens them, so what `keep` may name is read here too."""
    folder = data_path("model/default") if model == "default" else Path(model)
    try:
        facts = (folder / "model.json").read_bytes()
        labels = [str(name) for name in json.loads(facts)["labels"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadModel(
            f"{model}: no such model; give `default` or a folder that `pageblocks train --out` made"
        ) from error
    if wrong := unknown_labels(keep, labels):
        raise UsageError(wrong)
    return hashlib.sha256(facts).hexdigest()[:16]


@contextmanager
def _signals(run: _Run) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if run.stop:  # asked twice: at once
            raise KeyboardInterrupt
        run.stop = number

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Worker(Worker):
    def __init__(self, job: Job) -> None:
        self.now = CONTEXT.Array("d", [-1.0, 0.0], lock=False)
        super().__init__(work, job, self.now, preload=PRELOAD)
        self.idle = self.ending = self.started = False
        self.heard = time.monotonic()  # when it last said or was told something
        self.batch: list[Item] = []
        self.spans: list[Span] = []  # labelled, but not in a shard that is in place
        self.errors: list[dict[str, Any]] = []

    def send(self, batch: list[Item] | None) -> None:
        self.idle, self.batch, self.ending, self.heard = False, batch or [], batch is None, time.monotonic()
        with suppress(BrokenPipeError, ConnectionResetError):  # its end is seen when the pipe is read
            self.pipe.send(batch)

    def overdue(self, limit: float) -> bool:
        """Whether it has been at one thing for much too long: native code, or a stopped process."""
        if self.idle:
            return False
        began = self.now[1]
        if self.batch and began > 0:
            allowed = (6 if self.now[0] >= 0 else 20) * limit + 5
        else:
            began, allowed = self.heard, 20 * limit + 60  # it loads the model, or closes a shard
        return bool(time.monotonic() - began > allowed)


class _Run:
    def __init__(
        self,
        folder: RunFolder,
        files: list[str],
        job: Job,
        *,
        jobs: int,
        on_progress: Callable[[Progress], None],
        read: Read,
    ) -> None:
        self.folder, self.files, self.job, self.jobs, self.on_progress, self.read = (
            folder,
            files,
            job,
            jobs,
            on_progress,
            read,
        )
        self.progress = Progress()
        self.stop = 0
        self.strikes: Counter[tuple[str, int]] = Counter()
        self.alone: set[tuple[str, int]] = set()  # pages that were there when a worker died: one batch each
        self.false_starts = self.read_bytes = 0
        self.current = ""
        self.began = time.monotonic()
        self.workers: list[_Worker] = []

    def all(self) -> None:
        """Passes over the sources until nothing is lost; the second is needed only where a worker died."""
        self.progress.part_before = self._part() or 0.0
        try:
            while self._pass() and not self.stop:
                pass
        finally:
            for worker in self.workers:
                worker.kill()

    def _pass(self) -> bool:
        """One pass over what is left. Whether something was lost that another pass must do again."""
        lost = False
        self.read_bytes, supply = 0, self._batches()
        batch = next(supply, None)
        if batch is None:
            return False
        self.workers = [_Worker(self.job) for _ in range(self.jobs)]
        while self.workers:
            self._tell()
            wait([worker.pipe for worker in self.workers], timeout=0.5)
            for worker in list(self.workers):
                alive = self._listen(worker)
                if alive and not worker.overdue(self.job.time_limit):
                    if worker.idle and (batch is None or self.stop):
                        worker.send(None)
                    elif worker.idle and batch is not None:
                        worker.send(batch)
                        batch = next(supply, None)
                    continue
                self._remove(worker)
                if worker.ending and not worker.spans:
                    continue
                lost = True
                limit = f"takes longer than {counted(self.job.time_limit, 'second')}; cut off"
                self._blame(worker, limit if alive else "the process that worked on it died, twice")
                if batch is not None and not self.stop:
                    self.workers.append(_Worker(self.job))
        self._tell()
        return lost

    def _remove(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        if worker.ending:
            worker.process.join(timeout=10)
        worker.kill()

    def _listen(self, worker: _Worker) -> bool:
        """All that a worker has said by now. False when it is gone."""
        try:
            while worker.pipe.poll():
                kind, *rest = worker.pipe.recv()
                worker.heard = time.monotonic()
                if kind == "ready":
                    worker.idle = worker.started = True
                elif kind == "done":
                    pages, errors = rest
                    _extend(worker.spans, worker.batch)
                    worker.errors += errors
                    worker.batch = []
                    self.progress.pages += pages
                    self.progress.errors += len(errors)
                elif kind == "shard":
                    files, pages, blocks, notes = rest
                    if worker.spans:
                        self.folder.commit(files, worker.spans, pages, blocks=blocks, errors=worker.errors, notes=notes)
                    worker.spans, worker.errors = [], []
                else:
                    raise rest[0]
        except (EOFError, ConnectionResetError):
            return False
        return True

    def _blame(self, worker: _Worker, why: str) -> None:
        """A worker died. The page that it was at gets a second chance, by itself; after that it is an error."""
        if not worker.started:
            self.false_starts += 1
            if self.false_starts > _STARTS * self.jobs:
                raise PageblocksError(
                    "the worker processes end before they start to work; free some memory, or try --jobs 1"
                )
            return
        at = int(worker.now[0])
        guilty = worker.batch[at : at + 1] if at >= 0 else worker.batch
        self.alone.update((item.file, item.number) for item in guilty)
        if len(guilty) != 1:
            return
        (item,) = guilty
        self.strikes[item.file, item.number] += 1
        if self.strikes[item.file, item.number] > 1:
            error = failed(item, f"{item.page.source if item.page else item.name}: {why}")
            self.progress.errors += 1
            self.folder.commit({}, [(item.file, item.number, item.number + 1, item.last)], 0, blocks=0, errors=[error])

    def _batches(self) -> Iterator[list[Item]]:
        batch: list[Item] = []
        size = 0
        for file in self.files:
            self.current = file
            for item in self.read(file, self.folder.done.get(file)):
                if (item.file, item.number) in self.alone:
                    yield [item]
                    continue
                batch.append(item)
                size += len(item.page.content) if item.page else 0
                if len(batch) >= _BATCH_PAGES or size >= _BATCH_BYTES:
                    yield batch
                    batch, size = [], 0
            size_of = self.folder.sizes.get(file, 0)
            self.read_bytes += size_of if isinstance(size_of, int) else 0
            self.current = ""
        if batch:
            yield batch

    def _tell(self) -> None:
        self.progress.seconds = time.monotonic() - self.began
        self.progress.part = self._part()
        self.on_progress(self.progress)

    def _part(self) -> float | None:
        sizes = [size for size in self.folder.sizes.values() if isinstance(size, int)]
        total = sum(sizes)
        if not total or len(sizes) < len(self.files):
            return None
        return min(1.0, (self.read_bytes + _offset(self.current)) / total)


def _extend(spans: list[Span], batch: list[Item]) -> None:
    for item in batch:
        if spans and spans[-1][0] == item.file and spans[-1][2] == item.number:
            spans[-1] = (item.file, spans[-1][1], item.number + 1, item.last)
        else:
            spans.append((item.file, item.number, item.number + 1, item.last))


def _offset(file: str) -> int:
    """How far this process has read an open file; 0 where the system does not say. For the time left only."""
    try:
        for name in os.listdir("/proc/self/fd") if file else ():
            if os.path.realpath(f"/proc/self/fd/{name}") == file:
                with open(f"/proc/self/fdinfo/{name}") as f:
                    return int(f.readline().split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return 0

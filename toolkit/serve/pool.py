"""The processes that do the work, and the threads that wait for them: the event loop stays free to answer.

A thread hands a process a few pages and listens. A process that hangs in native code or dies is replaced; the page that
it was at gets the blame, the others are tried again.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..classify.batch import PRELOAD
from ..errors import PageblocksError
from ..scheme import Scheme
from ..support.workers import Worker
from .settings import Settings
from .work import Answer, Ask, work

_START = 120.0  # seconds for loading the model, on a machine that is busy with other things


class _Died(Exception):
    """`at`: the page that it was at; -1: any of them."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at


class _Worker(Worker):
    def __init__(self, settings: Settings) -> None:
        super().__init__(work, settings, preload=PRELOAD)
        self.limit = settings.time_limit

    def facts(self) -> dict[str, Any]:
        """Waits until the model is loaded."""
        kind, facts = self._hear(_START, -1)
        if kind == "fatal":
            raise facts
        return dict(facts)

    def ask(self, asks: Sequence[Ask]) -> list[Answer]:
        at = -1
        try:
            self.pipe.send(list(asks))
        except OSError:
            raise _Died(-1, "died") from None
        while True:
            # The process itself cuts a page off by its processor time; who is silent for so long hangs or has been
            # stopped.
            kind, said = self._hear(5 + 4 * self.limit * (1 if at >= 0 else len(asks)), at)
            if kind == "done":
                return list(said)
            at = said

    def _hear(self, seconds: float, at: int) -> tuple[str, Any]:
        try:
            if not self.pipe.poll(seconds):
                raise _Died(at, "took too long")
            kind, said = self.pipe.recv()
            return kind, said
        except (EOFError, OSError):
            raise _Died(at, "died") from None


class Pool:
    """`labels` and `model` (its version) are those of the model that was loaded. `restarts` counts processes
    replaced.
    """

    def __init__(self, settings: Settings, on_restart: Callable[[], None] = lambda: None) -> None:
        self.settings, self.on_restart = settings, on_restart
        self.closed = False
        workers = [_Worker(settings) for _ in range(settings.workers)]
        try:
            facts = [worker.facts() for worker in workers]
        except BaseException as error:
            for worker in workers:
                worker.kill()
            if isinstance(error, _Died):
                raise PageblocksError(f"the process that loads the model {error}; free some memory") from None
            raise
        self.labels: list[str] = facts[0]["labels"]
        self.model: str = facts[0]["model"]
        self.scheme: Scheme = facts[0]["scheme"]
        self._all = set(workers)
        self._idle: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()  # None: one must be started
        for worker in workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(settings.workers, "pages")

    def submit(self, asks: Sequence[Ask]) -> Future[list[Answer]]:
        """An answer for each page, in their order; they share one prediction, so a few dozen at most."""
        return self._threads.submit(self._label, asks)

    def _label(self, asks: Sequence[Ask]) -> list[Answer]:
        answers: list[Answer] = [Answer()] * len(asks)
        left = [list(range(len(asks)))]
        while left:
            some = left.pop()
            worker = self._worker()
            try:
                for k, answer in zip(some, worker.ask([asks[k] for k in some]), strict=True):
                    answers[k] = answer
            except _Died as error:
                self._bury(worker)
                self._idle.put(None)
                guilty = some if len(some) == 1 else some[error.at : error.at + 1] if error.at >= 0 else []
                for k in guilty:
                    answers[k] = Answer(
                        error=f"{asks[k].source}: the process that worked on it {error}; try again or leave it out"
                    )
                rest = [k for k in some if k not in guilty]
                left += [rest] if guilty and rest else [[k] for k in rest]
            else:
                self._idle.put(worker)
        return answers

    def _worker(self) -> _Worker:
        worker = self._idle.get()
        if worker is not None:
            if worker.process.is_alive():
                return worker
            self._bury(worker)  # died while nobody asked for anything
        if self.closed:
            self._idle.put(None)
            raise PageblocksError("the service is ending; ask again later")
        worker = _Worker(self.settings)
        try:
            worker.facts()
        except (_Died, PageblocksError) as error:
            worker.kill()
            self._idle.put(None)
            raise PageblocksError(f"no process could be started ({error}); try again later") from None
        self._all.add(worker)
        return worker

    def _bury(self, worker: _Worker) -> None:
        worker.kill()
        self._all.discard(worker)
        self.on_restart()

    def close(self, seconds: float = 5.0) -> None:
        """Ends the processes. Whoever still waits for an answer is told that there is none."""
        self.closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in list(self._all):
            worker.process.kill()
        deadline = time.monotonic() + seconds
        for worker in list(self._all):
            worker.process.join(max(0.0, deadline - time.monotonic()))

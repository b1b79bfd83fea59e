"""Worker processes: how crawl and service start one and stop it, and what each does first."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection

# Forked from a process that has done the slow imports and nothing else: quick, and no thread or lock comes along.
CONTEXT = multiprocessing.get_context("forkserver")


class Worker:
    """A process that runs `target(*args, pipe)`; the attribute `pipe` is the other end of that connection.

    `preload` names the modules that are slow to import; the first worker's count.
    """

    def __init__(self, target: Callable[..., None], *args: object, preload: Sequence[str]) -> None:
        CONTEXT.set_forkserver_preload([target.__module__, *preload])
        self.pipe: Connection
        self.pipe, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=target, args=(*args, theirs), daemon=True)
        self.process.start()
        theirs.close()  # so that the end of the process closes the pipe

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.join()
        with contextlib.suppress(OSError):
            self.pipe.close()


@contextlib.contextmanager
def working(preload: Sequence[str]) -> Iterator[None]:
    """Wrap the body of a worker's function, which ends when the main process is gone (the pipe closes)."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the main process gets them too, and ends its workers in order
        signal.signal(number, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    for name in preload:  # the limit below holds for libraries that are loaded
        importlib.import_module(name)
    from threadpoolctl import threadpool_limits  # start-up

    with (
        contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt),
        threadpool_limits(1),  # the processes are the parallel part
    ):
        yield

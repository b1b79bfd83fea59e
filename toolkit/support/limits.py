"""The processors that a process may use, and a limit on its time for one page."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

# Bytes of one page; the longest pages in practice (whole standards, logs) have about 15 million.
LARGEST = 32 * 1024 * 1024


def cores() -> int:
    """The number of processors that this process may use."""
    # On Linux the processors of the container, which often has fewer than the machine.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class TooLong(BaseException):
    """The time limit is reached. Not an Exception, so that no `except Exception` catches it."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooLong in the block after `seconds` of this thread's processor time (a busy machine does not count).

    Native code is not interrupted, and waiting uses no processor time: for these another process must end this one.
    Signals reach the main thread only; in other threads there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    end = time.thread_time() + seconds
    over = False

    def look(signal_number: int, frame: FrameType | None) -> None:
        # The timer counts the time of all threads, so it can only fire too early; then it is set again for the rest.
        left = end - time.thread_time()
        if over:
            return
        if left <= 0:
            raise TooLong
        signal.setitimer(signal.ITIMER_PROF, max(left, 0.01))

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        over = True
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)

"""What a process may use: its cores, and a limit on the time of one page, from inside the process that works on it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

LARGEST = (
    32 * 1024 * 1024
)  # bytes of one page; the longest pages that people write (whole standards, logs) have some 15 million


def cores() -> int:
    """The number of processors that this process may use."""
    # Where the system tells (Linux), those of a container: it often has fewer than the machine.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class TooLong(BaseException):
    """Not an Exception, so that no `except Exception` in between swallows it."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TooLong inside after so many seconds of this thread's processor time: no busy machine or other thread cuts
    it off.

    Native code is not interrupted, and who waits uses no time: for these somebody outside must end the process. Signals
    reach the main thread of a process only; in another thread nothing is limited.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    end = time.thread_time() + seconds
    over = False

    def look(signal_number: int, frame: FrameType | None) -> None:
        # The timer counts the time of all threads, so it can only come too early: then it is wound up again for what is
        # left.
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

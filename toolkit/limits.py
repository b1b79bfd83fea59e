"""A limit on the time that one page may take, from inside the process that works on it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class TooLong(BaseException):
    """Not an Exception, so that no `except Exception` in between swallows it."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TooLong inside after so many seconds of processor time, so that a busy machine cuts off nobody.

    Native code is not interrupted, and who waits uses no time: for these somebody outside must end the process. Signals reach the
    main thread of a process only; in another thread nothing is limited.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signal: int, frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)

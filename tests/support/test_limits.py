"""The limit on a page's time counts the processor time of the thread that works on it, whatever others do."""

from __future__ import annotations

import hashlib
import signal
import threading
import time

import pytest

from toolkit.support.limits import TooLong, limited


def compute(seconds: float) -> None:
    with limited(seconds):
        while True:
            pass


def test_who_computes_is_stopped() -> None:
    with pytest.raises(TooLong):
        compute(0.05)


def test_neighbours_that_compute_cut_off_nobody() -> None:
    """Their time makes the timer ring; ours has hardly begun."""
    began = time.process_time()
    over = threading.Event()

    def burn() -> None:
        while not over.is_set():
            hashlib.sha256(b"x" * (1 << 20)).digest()

    threads = [threading.Thread(target=burn) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        with limited(0.2):
            while time.process_time() - began < 0.7:
                time.sleep(0.01)
        with pytest.raises(TooLong):  # and in spite of them we are stopped
            compute(0.1)
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_nothing_is_left_behind() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with limited(5):
        pass
    with pytest.raises(TooLong):
        compute(0.01)
    assert signal.getsignal(signal.SIGPROF) == before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)

"""How the work of a function grows with its input, measured against itself."""

from __future__ import annotations

import time
from collections.abc import Callable


def grows_linearly(work: Callable[[int], object], n: int, tries: int = 5) -> bool:
    """Whether 4n costs under nine times the processor time of n (a square costs sixteen), in the best of some tries."""

    def cost(size: int) -> float:
        began = time.thread_time()
        work(size)
        return time.thread_time() - began

    return any(min(cost(4 * n), cost(4 * n)) < 9 * min(cost(n), cost(n)) for _ in range(tries))

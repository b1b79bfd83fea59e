"""The settings of a service."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


def cores() -> int:
    """The number of processors that this process may use."""
    # Those that this process may use, where the system tells (Linux): a container often has fewer than the machine.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """`max_bytes`: of one request's body, of a page that is fetched, and of all pages fetched for one batch.

    `time_limit`: seconds of processor time for one page, and seconds for fetching one. `queue`: requests that may wait
    while all workers are busy. `hosts`: names under which the service may be called; empty: any.
    """

    model: str = "default"
    max_bytes: int = 10_000_000
    max_pages: int = 100
    workers: int = field(default_factory=cores)
    queue: int = 32
    time_limit: float = 10.0
    private: bool = False
    hosts: frozenset[str] = frozenset()

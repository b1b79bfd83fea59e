"""The settings of a service."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..scheme import Scheme
from ..support.limits import cores


@dataclass(frozen=True)
class Settings:
    """`max_bytes`: of one request's body, of a page that is fetched, and of all pages fetched for one batch.

    `time_limit`: seconds of processor time for one page, and seconds for fetching one. `queue`: requests that may wait
    while all workers are busy. `hosts`: names under which the service may be called; empty: any. `scheme`: the labels
    that the page lets people give, where they are not those of the model.
    """

    model: str = "default"
    max_bytes: int = 10_000_000
    max_pages: int = 100
    workers: int = field(default_factory=cores)
    queue: int = 32
    time_limit: float = 10.0
    private: bool = False
    hosts: frozenset[str] = frozenset()
    scheme: Scheme | None = None

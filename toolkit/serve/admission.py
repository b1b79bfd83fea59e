"""From a request to answers: a bounded number at a time, addresses fetched within limits, pages to the pool in
handfuls.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ..errors import PageblocksError, PrivateAddress, UsageError
from ..readers.base import url_id
from ..readers.web import fetch_page
from ..support.text import counted
from .errors import Refused
from .metrics import Metrics
from .pool import Pool
from .settings import Settings
from .work import Answer, Ask

_HANDFUL = 16  # pages that share one prediction: fast, and other requests get their turn in between
_FETCHES = 8


class Gate:
    """Lets `workers` + `queue` requests in, and answers their pages."""

    def __init__(self, settings: Settings, pool: Pool, metrics: Metrics) -> None:
        self.settings, self.pool, self.metrics = settings, pool, metrics
        self.inside = 0
        self._fetchers = ThreadPoolExecutor(_FETCHES, "fetch")

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Refused with 503 where too many wait already. Entered before the body is read, so that memory is bounded."""
        if self.inside >= self.settings.workers + self.settings.queue:
            raise Refused(503, "too many requests wait already; try again in a moment", {"retry-after": "1"})
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    async def answers(self, asks: Sequence[Ask]) -> list[Answer]:
        """An answer for each page, in their order. Pages without content are fetched, together at most `max_bytes`."""
        budget = _Budget(self.settings.max_bytes)
        ready = await asyncio.gather(*(self._fetched(ask, budget) for ask in asks))
        out = [Answer(error=one) if isinstance(one, str) else Answer() for one in ready]
        good = [(k, one) for k, one in enumerate(ready) if not isinstance(one, str)]
        handfuls = [good[i : i + _HANDFUL] for i in range(0, len(good), _HANDFUL)]
        for some, answers in zip(handfuls, await asyncio.gather(*map(self._labelled, handfuls)), strict=True):
            for (k, _), answer in zip(some, answers, strict=True):
                out[k] = answer
        for answer in out:
            self.metrics.page(answer)
        return out

    async def _labelled(self, some: list[tuple[int, Ask]]) -> list[Answer]:
        try:
            return await asyncio.wrap_future(self.pool.submit([ask for _, ask in some]))
        except (PageblocksError, RuntimeError) as error:  # no process could be started, or the service is ending
            raise Refused(503, str(error), {"retry-after": "5"}) from None

    async def _fetched(self, ask: Ask, budget: _Budget) -> Ask | str:
        """With its content; or why there is none."""
        if ask.source == "page":
            return ask

        def get() -> Ask:
            page = fetch_page(ask.source, self.settings.private, self.settings.time_limit, largest=budget.left())
            budget.spend(len(page.content), ask.source)
            id = ask.id or url_id(ask.source)
            said = f"{page.type}; charset={page.encoding}" if page.encoding else page.type
            return replace(ask, id=id, content=page.content, kind=page.format, url=page.url, content_type=said)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._fetchers, get)
        except PrivateAddress:
            return f"{ask.source}: leads to a private network; the service's operator may allow that (--allow-private)"
        except PageblocksError as error:
            return str(error)

    def close(self) -> None:
        """Stop fetching and close the pool."""
        self._fetchers.shutdown(wait=False, cancel_futures=True)
        self.pool.close()


class _Budget:
    """Bytes that one request may still fetch. Fetches under way at the same time may overdraw it; nothing comes after
    that.
    """

    def __init__(self, most: int) -> None:
        self.most = self.rest = most

    def left(self) -> int:
        if self.rest <= 0:
            raise UsageError(
                f"the pages of this batch have more than {counted(self.most, 'byte')}; send fewer at a time"
            )
        return self.rest

    def spend(self, size: int, source: str) -> None:
        if size > self.rest:
            self.rest = 0
            raise UsageError(
                f"{source}: the pages of this batch have more than {counted(self.most, 'byte')}; send fewer at a time"
            )
        self.rest -= size

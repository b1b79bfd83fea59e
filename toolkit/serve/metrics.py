"""What the service counts, in the words of Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from .work import Answer


class Metrics:
    """A registry of its own: two services in one process (tests) do not meet."""

    def __init__(self, in_flight: Callable[[], float]) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # extra

        own = self.registry = CollectorRegistry()
        self._requests = Counter("pageblocks_requests", "Requests by path and status", ["path", "status"], registry=own)
        self._seconds = Histogram(
            "pageblocks_request_seconds",
            "Seconds from the head of a request to the end of its response",
            ["path"],
            registry=own,
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
        )
        self._pages = Counter("pageblocks_pages", "Pages labelled", registry=own)
        self._blocks = Counter("pageblocks_blocks", "Blocks labelled", ["label"], registry=own)
        self._errors = Counter("pageblocks_page_errors", "Bad pages", registry=own)
        self.restarts = Counter("pageblocks_worker_restarts", "Replaced worker processes", registry=own)
        busy = Gauge("pageblocks_requests_in_flight", "Requests that are processed or wait", registry=own)
        busy.set_function(in_flight)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def page(self, answer: Answer) -> None:
        """Count a page, its blocks by label, or its error."""
        if answer.error:
            self._errors.inc()
            return
        self._pages.inc()
        for label, count in answer.counts.items():
            self._blocks.labels(label).inc(count)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        from prometheus_client import generate_latest  # extra

        return generate_latest(self.registry)

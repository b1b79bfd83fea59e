"""A whole crawl through the classifier: processes, shards, a manifest that lets a killed run go on where it was."""

from __future__ import annotations

from .run import Progress, Summary, classify_crawl

__all__ = ["Progress", "Summary", "classify_crawl"]

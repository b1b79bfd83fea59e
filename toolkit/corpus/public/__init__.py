"""Public corpora: where they are, what they may be used for, and hashes of their pages."""

from __future__ import annotations

from .entry import Entry, find_entry, names
from .fetch import Fetched, fetch_corpus
from .mirror import Mirror, refuse_test

__all__ = ["Entry", "Fetched", "Mirror", "fetch_corpus", "find_entry", "names", "refuse_test"]

"""Public corpora: where they are, what they may be used for, and hashes of their pages."""

from __future__ import annotations

from .entry import Entry, find, names
from .fetch import Fetched, fetch
from .mirror import Mirror, refuse_test

__all__ = ["Entry", "Fetched", "Mirror", "fetch", "find", "names", "refuse_test"]

"""A corpus: its folder of pages and labels, its scheme, and its split by site; opening the test part goes on record."""

from __future__ import annotations

from .alike import Pair, find_alike
from .folder import Corpus
from .openings import open_test, read_openings
from .split import PARTS, Split, check_split, only_test, read_split, split, split_path, without_test

__all__ = [
    "PARTS",
    "Corpus",
    "Pair",
    "Split",
    "check_split",
    "find_alike",
    "only_test",
    "open_test",
    "read_openings",
    "read_split",
    "split",
    "split_path",
    "without_test",
]

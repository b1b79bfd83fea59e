"""A corpus: its folder of pages and labels, and its split by site."""

from toolkit.corpus import (
    PARTS,
    Corpus,
    Pair,
    Split,
    check_split,
    find_alike,
    only_test,
    open_test,
    read_openings,
    read_split,
    split,
    without_test,
)

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
    "without_test",
]

"""Labelled pages as tables with one row per block."""

from toolkit.classify.table import to_arrow, to_pandas

__all__ = ["to_arrow", "to_pandas"]

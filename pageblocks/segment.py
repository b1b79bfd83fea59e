"""A page to its blocks."""

from toolkit.segment import segment

__all__ = ["segment"]

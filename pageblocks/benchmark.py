"""How close an extracted text is to the wanted one."""

from toolkit.benchmark.overlap import shingle_overlap, snippet_share, word_overlap

__all__ = ["shingle_overlap", "snippet_share", "word_overlap"]

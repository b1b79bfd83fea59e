"""What goes wrong with input; `PageblocksError` is the root."""

from toolkit.errors import MissingColumn, MissingExtra, NothingRead, PageblocksError, SourceError

__all__ = ["MissingColumn", "MissingExtra", "NothingRead", "PageblocksError", "SourceError"]

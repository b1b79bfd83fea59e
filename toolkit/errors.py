"""The errors that users see."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


class PageblocksError(Exception):
    """What is wrong, where, and the mend, in one line. The command prints it and exits 1."""

    def __str__(self) -> str:
        # Messages quote names, headers and what libraries say: whatever stands in those, a line stays a line.
        return _BREAKS.sub(" ", super().__str__())


class MissingExtra(PageblocksError, ImportError):
    """A package that an extra of pageblocks installs is not there. Also an ImportError, so that `except ImportError` sees it."""

    @classmethod
    def of(cls, what: str, extra: str) -> MissingExtra:
        """The error for `what`, which comes with the extra (or extras, separated by commas) `extra`."""
        return cls(f"{what} is not installed; pip install 'pageblocks[{extra}]'")

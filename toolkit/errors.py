"""The errors that users see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


class PageblocksError(Exception):
    """What is wrong, where, and the mend, in one line. The command prints it and exits 1."""

    def __str__(self) -> str:
        # Messages quote names, headers and what libraries say: whatever stands in those, a line stays a line.
        return _BREAKS.sub(" ", super().__str__())


def first_problem(details: Mapping[str, Any]) -> str:
    """What one of pydantic's `errors()` says, without pydantic's words before what a validator of ours said."""
    said = (details.get("ctx") or {}).get("error")
    return str(said) if isinstance(said, Exception) else str(details["msg"])


class SourceError(PageblocksError):
    """A source, or a part of it, cannot be read: any number of its pages may be lost, where other errors are about one
    page.
    """


class NothingRead(SourceError):
    """Of all that was given, nothing could be read."""


class MissingColumn(PageblocksError):
    """A row of a table has no page in the columns that were asked for; `table` is the table's name."""

    table = ""

    @classmethod
    def of(cls, table: str, message: str) -> MissingColumn:
        made = cls(message)
        made.table = table
        return made


class MissingExtra(PageblocksError, ImportError):
    """A package that an extra of pageblocks installs is not there. Also an ImportError, so that `except ImportError`
    sees it.
    """

    @classmethod
    def of(cls, what: str, extra: str) -> MissingExtra:
        """The error for `what`, which comes with the extra (or extras, separated by commas) `extra`."""
        return cls(f"{what} is not installed; pip install 'pageblocks[{extra}]'")

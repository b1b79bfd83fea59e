"""The errors that users see: a small tree under `PageblocksError`, told apart by class and field, never by their words.

A message is one line: what is wrong, where, and how to fix it. Exceptions that one room uses as signals to itself stay
in that room.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "AlreadyExists",
    "BadInput",
    "BadModel",
    "BadPage",
    "BadScheme",
    "Mismatch",
    "MissingColumn",
    "MissingExtra",
    "NotInStudio",
    "NothingRead",
    "PageblocksError",
    "PrivateAddress",
    "SeenTestPages",
    "SourceError",
    "StudioGone",
    "StudioRefused",
    "TooFewLabels",
    "UsageError",
]

_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


class PageblocksError(Exception):
    """What is wrong, where, and how to fix it, in one line."""

    def __str__(self) -> str:
        # Messages quote names, headers and what libraries say: whatever stands in those, a line stays a line.
        return _BREAKS.sub(" ", super().__str__())


class UsageError(PageblocksError):
    """An option or an argument has a value that cannot be used, alone or beside the others."""


class BadInput(PageblocksError):
    """A file, a folder or a page that was given is missing, damaged, or something else than is needed."""


class SourceError(BadInput):
    """A source of pages cannot be read, or not to its end; any number of its pages may be lost."""


class NothingRead(SourceError):
    """Of all that was given, nothing could be read."""


class MissingColumn(BadInput):
    """A table lacks the columns that were asked for, as a whole or in one row.

    Parameters
    ----------
    message : str
        What is wrong, where, and how to fix it.
    table : str, default=""
        The table's name.
    """

    def __init__(self, message: str, *, table: str = "") -> None:
        super().__init__(message)
        self.table = table


class BadPage(BadInput):
    """One page cannot be used: it is empty, damaged, too large, not a page, or cannot be fetched."""


class PrivateAddress(BadPage):
    """The address of a page leads to a private network, and that was not allowed."""


class BadScheme(BadInput):
    """A scheme is not valid, or is not the scheme of the labels that it is used with."""


class BadModel(BadInput):
    """A model cannot be loaded, or did not learn what it is asked for."""


class Mismatch(BadInput):
    """Pages, labels, suggestions or results do not belong together, or one of them changed since they did."""


class TooFewLabels(PageblocksError):
    """There are too few labels, labelled pages, sites or annotators for what was asked."""


class SeenTestPages(PageblocksError):
    """Pages of a test set, or pages like them, are among those to learn from.

    Parameters
    ----------
    message : str
        What is wrong, where, and how to fix it.
    names : sequence of str, default=()
        The ids of the pages, their sites, or the name of the test corpus.
    """

    def __init__(self, message: str, *, names: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.names = tuple(names)


class AlreadyExists(PageblocksError):
    """Something stands where the output would go, and it is not replaced.

    Parameters
    ----------
    message : str
        What is wrong, where, and how to fix it.
    path : Path or str, default=""
        What is in the way.
    """

    def __init__(self, message: str, *, path: Path | str = "") -> None:
        super().__init__(message)
        self.path = Path(path)


class StudioGone(PageblocksError):
    """Label Studio does not answer, or the connection broke: it is not known whether it did what was asked."""


class StudioRefused(PageblocksError):
    """Label Studio answered, and does not do what was asked.

    Parameters
    ----------
    message : str
        What is wrong, where, and how to fix it.
    status : int, default=0
        The HTTP status of its answer; 0 if it has none.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class NotInStudio(StudioRefused):
    """Label Studio has no such project, task or other thing, or this user may not see it.

    Parameters
    ----------
    message : str
        What is wrong, where, and how to fix it.
    status : int, default=404
        The HTTP status of its answer.
    """

    def __init__(self, message: str, *, status: int = 404) -> None:
        super().__init__(message, status=status)


class MissingExtra(PageblocksError, ImportError):
    """A package that an extra of pageblocks installs is missing. It is also an `ImportError`.

    Parameters
    ----------
    what : str
        What is missing.
    extra : str
        The extra, or extras separated by commas, that install it.
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, extra)
        self.extra = extra
        self.msg = str(self)

    def __str__(self) -> str:
        what, extra = self.args
        return _BREAKS.sub(" ", f"{what} is not installed; pip install 'pageblocks[{extra}]'")


def internal_error(error: BaseException) -> str:
    """What users read of an exception that nobody expected, in one line."""
    said = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    return f"internal error ({said:.300}); please report it"


def first_problem(details: Mapping[str, Any]) -> str:
    """What one of pydantic's `errors()` says, without pydantic's words before what a validator of ours said."""
    said = (details.get("ctx") or {}).get("error")
    return str(said) if isinstance(said, Exception) else str(details["msg"])

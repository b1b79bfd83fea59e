"""Bad pages: one line each, the other pages are processed, and the command fails at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from ..errors import MissingColumn, PageblocksError
from ..support.text import counted
from .output import complain, say_skipped

if TYPE_CHECKING:
    from ..page import Page
    from ..readers import Columns


class BadPages:
    """Callback for errors. Rows of a table that lack the same columns are reported once, and counted at the end."""

    def __init__(self) -> None:
        self.count = 0
        self._rows: Counter[str] = Counter()

    def __call__(self, error: PageblocksError) -> None:
        """Count the error and print it, unless it repeats one of the same table."""
        self.count += 1
        if isinstance(error, MissingColumn):
            self._rows[error.table] += 1
            if self._rows[error.table] > 1:
                return
        complain(str(error))

    def pages(self, sources: list[str], columns: Columns | None, private: bool) -> Iterator[Page]:
        """Read the good pages of these sources."""
        from ..readers import read_pages

        yield from read_pages(sources, self, columns, private=private, on_skip=say_skipped)

    def say_rest(self) -> None:
        """Say how many more rows have the same problem."""
        for table, rows in self._rows.items():
            if rows > 1:
                complain(f"{table}: the same problem in {counted(rows - 1, 'more row')}")

    def end(self) -> None:
        """Exit with status 1 if there were bad pages."""
        self.say_rest()
        if self.count:
            raise typer.Exit(1)

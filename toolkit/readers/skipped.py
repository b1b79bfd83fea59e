"""Counts of what a reader skips, by reason, so that each archive or folder is reported once."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ..support.text import counted

_SHOWN = 3  # details that the message names
_DETAILS = 100  # details that are counted separately; an archive may have any number of statuses and types
_ODD = re.compile(r"[^\w.+/-]")
REASONS = {
    "status": "with another status than 200",
    "type": "of another type",
    "empty": "empty",
    "revisit": "revisit",
    "continuation": "continuation of another record",
    "capture": "about the capture",
}


@dataclass
class Skipped:
    """The records of one archive, or the files of one folder, that were skipped.

    Parameters
    ----------
    source : str
        Name of the archive or folder.
    records : dict of str to Counter
        Counts by reason and detail. `status` and `type` have details; the other reasons are `empty`, `revisit`,
        `continuation` and `capture` (warcinfo, request, metadata).
    cut : int, default=0
        Pages that are truncated in the archive and were read up to there.
    files : int, default=0
        Files of a folder that are not pages.
    first_file : str, default=""
        The first of them.
    """

    source: str
    records: dict[str, Counter[str]] = field(default_factory=dict)
    cut: int = 0
    files: int = 0
    first_file: str = ""

    def add(self, reason: str, detail: str = "") -> None:
        """Count a record.

        Parameters
        ----------
        reason : str
            One of the reasons of `records`.
        detail : str, default=""
            The status or type.
        """
        details = self.records.setdefault(reason, Counter())
        detail = _ODD.sub("", detail)[:60]
        details[detail if detail in details or len(details) < _DETAILS else "others"] += 1

    def add_file(self, name: str) -> None:
        """Count a file.

        Parameters
        ----------
        name : str
            Its path in the folder.
        """
        self.files += 1
        self.first_file = self.first_file or name

    def to_dict(self) -> dict[str, dict[str, int] | int]:
        """Convert the counts to JSON.

        Returns
        -------
        dict
            Counts by reason, and by detail if there are details; without records about the capture, which every
            archive has.
        """
        counts: dict[str, dict[str, int] | int] = {
            reason: dict(details.most_common()) if any(details) else details.total()
            for reason, details in self._told(False)
        }
        return counts | {name: count for name, count in (("cut", self.cut), ("files", self.files)) if count}

    def __bool__(self) -> bool:
        return bool(self.to_dict())

    def reasons(self, all: bool = False) -> str:
        """Describe the skipped records.

        Parameters
        ----------
        all : bool, default=False
            Whether to include records about the capture.

        Returns
        -------
        str
            For example `9 of another type (image/png 5, text/css 4), 2 empty`.
        """
        parts = []
        for reason, details in self._told(all):
            known = [(detail, count) for detail, count in details.most_common() if detail]
            shown = ", ".join(f"{detail} {count:,}" for detail, count in known[:_SHOWN])
            more = ", ..." if len(known) > _SHOWN else ""
            parts.append(f"{details.total():,} {REASONS[reason]}" + (f" ({shown}{more})" if shown else ""))
        return ", ".join(parts)

    def __str__(self) -> str:
        if self.files:
            what = "is not a page" if self.files == 1 else "are not pages"
            first = f"{self.source.rstrip('/')}/{self.first_file}"
            return f"skipped {counted(self.files, 'file')} that {what} ({first}); name tables one by one"
        parts = []
        if number := sum(details.total() for _, details in self._told(False)):
            parts.append(f"skipped {counted(number, 'record')}: {self.reasons()}")
        if self.cut:
            parts.append(f"{counted(self.cut, 'page', 'is')} truncated and read as far as possible")
        return f"{self.source}: {'; '.join(parts)}"

    def _told(self, all: bool) -> list[tuple[str, Counter[str]]]:
        return [
            (reason, self.records[reason])
            for reason in REASONS
            if reason in self.records and (all or reason != "capture")
        ]


OnSkip = Callable[[Skipped], None]


def log_skipped(skipped: Skipped) -> None:
    """Log the counts as a warning, which Python shows on stderr by default."""
    logging.getLogger(__name__).warning("%s", skipped)

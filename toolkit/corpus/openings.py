"""The record of every time that a test split was opened: a line a time, added only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..errors import PageblocksError
from ..standoff import now
from ..support.dump import to_json
from ..support.files import read_jsonl
from .split import Split


def openings_path(split_file: Path | str) -> Path:
    """The path of the record of openings that belongs to a split file."""
    path = Path(split_file)
    return path.with_name(f"{path.stem}.openings.jsonl")


def open_test(split_file: Path | str, chosen: Split, what: str, *, key: str, pages: int) -> list[dict[str, Any]]:
    """Write down that the test split is opened now; all openings so far, this one last.

    `what`: the experiment or command; `key`: a hash of the settings or the model. It is written before anything is
    tested: an interrupted test counts as an opening. Raises PageblocksError where it cannot be written.
    """
    path = openings_path(split_file)
    row = {"date": now(), "what": what, "key": key, "split": chosen.hash, "pages": pages}
    try:
        with open(path, "a", encoding="utf-8") as f:
            f.write(to_json(row) + "\n")
            f.flush()
            os.fsync(f.fileno())
    except OSError as error:
        raise PageblocksError(f"cannot write {path}: {error.strerror or error}; the test part stays closed") from error
    return read_openings(split_file)


def read_openings(split_file: Path | str) -> list[dict[str, Any]]:
    """Every opening of the test part so far, the oldest first; none where there is no record."""
    path = openings_path(split_file)
    return list(read_jsonl(path)) if path.exists() else []

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
    """Record that the test part of a split is opened.

    Call it before anything is tested, so that an interrupted test counts as an opening.

    Parameters
    ----------
    split_file : Path or str
        The file of the split. The record is beside it, in `NAME.openings.jsonl`.
    chosen : Split
        The split.
    what : str
        Name of the experiment or command that opens it.
    key : str
        A hash of the settings or the model.
    pages : int
        Number of test pages.

    Returns
    -------
    list of dict
        All openings so far, this one last, as `read_openings` returns them.

    Raises
    ------
    PageblocksError
        If the record cannot be written.
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
    """Read how often the test part of a split was opened.

    Parameters
    ----------
    split_file : Path or str
        The file of the split.

    Returns
    -------
    list of dict
        For each opening its `date`, `what`, `key`, `split` (hash of the split) and `pages`, the oldest first; empty
        without a record.

    Raises
    ------
    BadInput
        If the record cannot be read.
    """
    path = openings_path(split_file)
    return list(read_jsonl(path)) if path.exists() else []

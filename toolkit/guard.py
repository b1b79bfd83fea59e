"""Nothing is overwritten by accident."""

from __future__ import annotations

from pathlib import Path

from .errors import PageblocksError


def refuse_to_overwrite(path: Path | str, force: bool) -> None:
    """Raise PageblocksError when there is something at `path` already, unless `force`. An empty folder is nothing."""
    path = Path(path)
    if path.exists() and not force and not (path.is_dir() and not any(path.iterdir())):
        raise PageblocksError(f"{path} is there already; --force overwrites it")

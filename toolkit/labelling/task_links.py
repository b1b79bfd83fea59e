"""The tasks that `pull` keeps, and their addresses for links in reports: read from files, without a server."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def task_urls(corpus: Path | str) -> dict[str, str]:
    """Page id -> address of its task, for the pages of a corpus that were pulled.

    Files that cannot be read are skipped: a report without links is better than none. If a page is in several projects,
    the one that was pulled first counts.
    """
    found: dict[str, str] = {}
    for address, task in kept_tasks(corpus):
        found.setdefault(str(task["data"]["external_id"]), f"{address}{task['id']}")
    return found


def kept_tasks(corpus: Path | str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each pulled task as it was exported last, after the address that its id completes."""
    folder = Path(corpus) / "studio"
    for state in [folder / "state.json", *sorted(folder.glob("project-*/state.json"))]:
        try:
            source = json.loads(state.read_text(encoding="utf-8"))
            server, project = str(source["source"]).rsplit("#", 1)
            file_of = {str(id): str(row["file"]) for id, row in source["tasks"].items()}
            address = f"{server}/projects/{int(project)}/data?task="
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        for name in sorted(set(file_of.values())):
            for task in _tasks(state.parent / "raw" / name):
                if file_of.get(str(task["id"])) == name:
                    yield address, task


def _tasks(path: Path) -> list[dict[str, Any]]:
    """The tasks of an export that have an id and name a page."""
    try:
        rows = json.loads(gzip.decompress(path.read_bytes()))
        return [row for row in rows if int(row["id"]) and str(row["data"]["external_id"])]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        return []

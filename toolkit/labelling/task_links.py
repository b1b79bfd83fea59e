"""Addresses of tasks in Label Studio, for links in reports: read from the files that `pull` keeps, without a server."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path


def task_urls(corpus: Path | str) -> dict[str, str]:
    """Page id -> address of its task, for the pages of a corpus that were pulled.

    Files that cannot be read are skipped: a report without links is better than none. If a page is in several projects,
    the one that was pulled first counts.
    """
    folder = Path(corpus) / "studio"
    found: dict[str, str] = {}
    for state in [folder / "state.json", *sorted(folder.glob("project-*/state.json"))]:
        try:
            source = json.loads(state.read_text(encoding="utf-8"))
            server, project = str(source["source"]).rsplit("#", 1)
            tasks, files = source["tasks"], {str(row["file"]) for row in source["tasks"].values()}
            address = f"{server}/projects/{int(project)}/data?task="
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        for name in sorted(files):
            for task, page in _tasks(state.parent / "raw" / name):
                if str(task) in tasks:
                    found.setdefault(page, f"{address}{task}")
    return found


def _tasks(path: Path) -> list[tuple[int, str]]:
    """(task, page id) of each task of an export."""
    try:
        rows = json.loads(gzip.decompress(path.read_bytes()))
        return [(int(row["id"]), str(row["data"]["external_id"])) for row in rows]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        return []

"""All tasks of a project as the server exports them: data, meta, annotations, drafts; batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import PageblocksError
from .projects import Project

BATCH = 100


def exported(project: Project, ids: Sequence[int], most: int = BATCH) -> Iterator[list[dict[str, Any]]]:
    """The tasks `ids`, `most` at a time, also those without an answer. Raises PageblocksError when one is missing."""
    for k in range(0, len(ids), most):
        batch = list(ids[k : k + most])
        params = {"exportType": "JSON", "download_all_tasks": "true", "ids[]": batch}
        path = f"api/projects/{project.id}/export"
        rows = project.client.get(path, f"export of project {project.id}", **params)
        if not isinstance(rows, list) or {row.get("id") for row in rows} != set(batch):
            raise PageblocksError(
                f"the export of project {project.id} lacks tasks that were listed: is somebody deleting them? repeat "
                "the command"
            )
        yield rows

"""New suggestions for the pages that wait, stored in the project.

Label Studio could ask the backend each time a page is opened, but then a backend that was killed or hangs leaves pages
blank, or keeps people waiting. Stored suggestions are there whatever becomes of the backend.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ...errors import PageblocksError
from ...studio.projects import Project
from ...support.text import counted
from .suggest import Log, Suggester

BATCH = 50  # pages in one request: on SQLite all others wait for it


class Refresher:
    """Gives the waiting pages of a project the suggestions of the model in use."""

    def __init__(self, project: Project, suggester: Suggester, log: Log = print) -> None:
        self.project, self.suggester, self.log = project, suggester, log
        self._one = threading.Lock()
        self._wanted = threading.Event()
        self._closed = False
        self._mine = ""  # the version that this backend stored before

    def refresh(self) -> int:
        """Store what is missing, and have it shown; the number of pages that got new suggestions.

        What this backend stored before is deleted; suggestions that were pushed stay.
        """
        with self._one:
            self._wanted.clear()
            if self._closed:
                return 0
            version, given = self.suggester.version, 0
            waiting = self._waiting(version)
            while batch := list(islice(waiting, BATCH)):
                given += self._store(batch)
            path = f"api/projects/{self.project.id}/model-versions"
            there = self.project.client.get(path, "model versions")
            if version in there and self.project.settings().get("model_version") != version:
                self.project.update(model_version=version, show_collab_predictions=True)
            if self._mine not in ("", version):
                what = f"suggestions of {self._mine}"
                self.project.client.request("DELETE", path, what=what, body={"model_version": self._mine})
                self._mine = ""
            self._mine = version if given else self._mine
            return given

    def soon(self) -> None:
        """Refresh beside the running server, once for all that ask until it begins."""
        if not self._wanted.is_set():
            self._wanted.set()
            threading.Thread(target=self._run, name="refresh", daemon=True).start()

    def close(self) -> None:
        """Wait for what is under way, and begin nothing else."""
        self._closed = True
        with self._one:
            return

    def _run(self) -> None:
        try:
            if given := self.refresh():
                self.log(f"{counted(given, 'page', 'has')} suggestions of {self.suggester.version}")
        except PageblocksError as error:
            self.log(error)

    def _waiting(self, version: str) -> Iterator[dict[str, Any]]:
        """The tasks that somebody will still open, and that have no suggestions of this version."""
        for row in self.project.tasks("id,data,meta,overlap,total_annotations,predictions_model_versions"):
            known = {name.strip() for name in str(row.get("predictions_model_versions") or "").split(",")}
            if version not in known and (row.get("total_annotations") or 0) < (row.get("overlap") or 1):
                yield row

    def _store(self, batch: list[dict[str, Any]]) -> int:
        found, _ = self.suggester.predict(batch, self.project.names)
        new = [{"task": task["id"], **made[0]} for task, made in zip(batch, found, strict=True) if made]
        if not new:
            return 0
        path = f"api/projects/{self.project.id}/import/predictions"
        answer = self.project.client.request(
            "POST", path, what=f"suggestions for {counted(len(new), 'page')}", body=new
        )
        if answer.get("created") != len(new):
            raise PageblocksError(f"the server took {answer.get('created')} of {counted(len(new), 'suggestion')}")
        return len(new)

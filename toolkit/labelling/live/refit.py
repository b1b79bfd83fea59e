"""Counts new annotations and trains beside the running server: what goes wrong there leaves the old model in its
place.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from ...errors import PageblocksError
from ...model import BlockClassifier
from .job import RefitResult, Task
from .suggest import Log, Suggester

LONGEST = 3600.0  # seconds; a refit that takes longer is stopped


class Refitter:
    """Starts a refit after `after` new annotations. At most one runs; what comes in the meantime counts for the
    next.
    """

    def __init__(
        self,
        suggester: Suggester,
        task: Task,
        after: int,
        *,
        log: Log = print,
        swapped: Callable[[], object] = lambda: None,
    ) -> None:
        self.suggester, self.task, self.after, self.log, self.swapped = suggester, task, after, log, swapped
        self._lock = threading.Lock()
        self._pending: set[str] = set()  # annotations that the model has not learned from
        self._new: set[str] = set()  # those since the last refit began
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._refits = 0
        self._last = ""
        self._closed = False

    def note(self, ids: set[str]) -> None:
        """Annotations were made, changed or deleted. Returns at once: the annotator's browser waits for this."""
        with self._lock:
            self._pending |= ids
            self._new |= ids
            if len(self._new) < self.after:
                return
        self.start()

    def start(self) -> bool:
        """Begin a refit; False when one is under way."""
        with self._lock:
            if self._closed or self._thread is not None:
                return False
            self._thread = threading.Thread(target=self._run, name="refit", daemon=True)
            self._thread.start()
            return True

    def state(self) -> dict[str, Any]:
        """For /health: models that were taken over, annotations not learned from yet, what the last refit said."""
        with self._lock:
            return {
                "refits": self._refits,
                "pending": len(self._pending),
                "refit_after": self.after,
                "refitting": self._process.pid if self._process else None,
                "last_refit": self._last,
            }

    def close(self) -> None:
        """Stop a refit that is under way and begin no other."""
        with self._lock:
            self._closed, process, thread = True, self._process, self._thread
        if process is not None:
            process.kill()
        if thread is not None:
            thread.join(10)

    def _run(self) -> None:
        with self._lock:
            taken, self._new = set(self._pending), set()
        said: str | PageblocksError
        try:
            said = self._once(taken)
        except (PageblocksError, OSError) as error:
            said = PageblocksError(f"the refit failed, the old model stays: {error}")
        with self._lock:
            self._last, self._process, self._thread = str(said), None, None
            again = len(self._new) >= self.after
        if not self._closed:
            self.log(said)
        if again:
            self.start()

    def _once(self, taken: set[str]) -> str:
        command = [sys.executable, "-m", "toolkit.labelling.live.job"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            errors="replace", start_new_session=True,  # Ctrl-C is for the server, which ends its refits itself
        )  # fmt: skip
        with self._lock:
            self._process = process
            if self._closed:
                process.kill()
        try:
            out, talk = process.communicate(json.dumps(asdict(self.task)), LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise PageblocksError(f"it was not done after {LONGEST:.0f} seconds") from None
        if process.returncode:
            lines = [line.strip() for line in talk.splitlines() if line.strip()]
            died = f"the process was killed (signal {-process.returncode})" if process.returncode < 0 else ""
            raise PageblocksError(died or (lines[-1][:300] if lines else f"exit status {process.returncode}"))
        try:
            result = RefitResult(**json.loads(out))
        except (ValueError, TypeError):
            raise PageblocksError(f"the process answered {out[:80]!r}") from None
        if result.path:
            self._take(result.path)
        with self._lock:
            self._pending -= taken
        return str(result)

    def _take(self, path: str) -> None:
        model = BlockClassifier.load(path)
        self.task = replace(self.task, running=path, until=str(model.facts_.get("until", "")))
        self.suggester.use(model)
        with self._lock:
            self._refits += 1
        try:
            self.swapped()
        except PageblocksError as error:  # the next refit, or new pages, try again
            self.log(f"the pages that wait keep their suggestions: {error}")

"""Pages -> tasks. Label Studio does not keep pages unique, so the project is searched before and after each batch."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from ..errors import BadInput, BadScheme, Mismatch, NotInStudio, PageblocksError, StudioGone, UsageError
from ..page import Blocks
from ..standoff import Shown
from ..support.text import counted
from . import tasks
from .history import NO_MODEL
from .models import AWAY, live
from .progress import progress_bar
from .projects import Project, count_tasks
from .tasks import suggestions
from .withheld import NOTHING, Share, Withheld

if TYPE_CHECKING:
    from ..model import BlockClassifier

BATCH = 200  # pages in one request; each request is all or nothing on the server
BATCH_BYTES = 8_000_000
ASKED = 3_000  # characters of page ids in one request; servers take addresses of 4,000 or more
K = TypeVar("K")


@dataclass
class PushReport:
    """What `push` did, or with `dry_run` would do.

    Parameters
    ----------
    sent : int, default=0
        Pages that were sent.
    present : int, default=0
        Pages that the project already had.
    refreshed : int, default=0
        Pages among these that got new suggestions.
    removed : int, default=0
        Second copies of pages, left by another push, that were deleted.
    unshared : int, default=0
        Pages that the project already had, with all suggestions, although some were to be withheld.
    empty : list of str
        Ids of pages without text, which were skipped.
    problems : list of str
        Problems that the user should know of, one line each.
    task_ids : dict of str to int
        The task of each page id.
    """

    sent: int = 0
    present: int = 0
    refreshed: int = 0
    removed: int = 0
    unshared: int = 0
    empty: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    task_ids: dict[str, int] = field(default_factory=dict)


def push(
    project: Project,
    pages: Sequence[Blocks],
    labels: Sequence[Sequence[str]] | None = None,
    *,
    scores: Sequence[Sequence[float]] | None = None,
    questions: Sequence[Mapping[int, str]] | None = None,
    model_version: str = "none",
    default: str = "",
    share: Share = NOTHING,
    truth: Sequence[Sequence[str | None] | None] | None = None,
    patience: float = 15,
    dry_run: bool = False,
    quiet: bool = False,
) -> PushReport:
    """Send pages to a project, each with a suggestion for every block but those that `share` withholds.

    Pages that the project already has keep their annotations, and get new suggestions if these are of another model
    version; what is withheld on them stays withheld. A push that was killed, or runs twice at once, leaves neither
    copies nor gaps.

    Parameters
    ----------
    project : Project
        The project.
    pages : sequence of Blocks
        The pages.
    labels : sequence of sequence of str, optional
        For each page a suggested label per block; by default `default` is suggested everywhere.
    scores : sequence of sequence of float, optional
        For each page a probability per block, from 0 to 1; by default 0.
    questions : sequence of dict of int to str, optional
        For each page of a review the blocks that it asks about, with a text that is shown beside each.
    model_version : str, default="none"
        Name of the model that made the suggestions.
    default : str, default=""
        Label of all blocks if `labels` is not given; by default the last label of the scheme.
    share : Share, optional
        The shares of blocks that are shown without a suggestion or with a wrong one; by default none.
    truth : sequence of sequence of str or None, optional
        For each page its gold label per block (None for a page or block without): where wrong suggestions are possible
        although the model is not sure.
    patience : float, default=15
        Most seconds to wait for a server that does not answer.
    dry_run : bool, default=False
        Whether to send nothing, and only report what would be sent.
    quiet : bool, default=False
        Whether to show no progress on stderr.

    Returns
    -------
    PushReport
        What was sent, and what was not.

    Raises
    ------
    BadScheme
        If the project does not have a suggested label.
    Mismatch
        If the numbers of pages, blocks, labels and scores differ.
    BadInput
        If two different pages have the same id.
    UsageError
        If `model_version` is empty or has a comma, or a score is not a probability.
    StudioGone
        If the server does not answer in time.
    PageblocksError
        If some pages or suggestions did not arrive.
    """
    if not model_version.strip() or "," in model_version:
        raise UsageError(f"{model_version!r} is not a name for a model's version; use letters, without a comma")
    default = default or (project.names[-1] if project.names else "")
    sheets, report = _sheets(project, pages, labels, scores=scores, default=default, truth=truth, questions=questions)
    items = {page: sheet.item(project, model_version, share) for page, sheet in sheets.items()}
    with progress_bar(quiet) as bar:
        step = bar.add_task("Pushing pages", total=len(items))
        for batch in batches(items.items()):
            found = _within(patience, _find, project, list(batch))
            old = {page: rows[0] for page, rows in found.items()}
            report.present += len(old)
            report.sent += len(batch) - len(old)
            if not dry_run:
                found = _within(patience, _import_missing, project, batch, [found])
                report.removed += _within(patience, _remove_copies, project, found)
                _check_pages(batch, old, report)
                report.task_ids |= {page: rows[0]["id"] for page, rows in found.items()}
            stale = {page: row for page, row in old.items() if model_version not in _versions(row)}
            report.refreshed += len(stale)
            if share != NOTHING:
                report.unshared += sum(Withheld.of(row) is None for row in old.values())
            if stale and not dry_run:
                for page, row in stale.items():
                    if batch[page]["predictions"]:
                        batch[page]["predictions"] = [sheets[page].prediction(project, model_version, Withheld.of(row))]
                _within(patience, _import_predictions, project, {row["id"]: batch[page] for page, row in stale.items()})
            bar.advance(step, len(batch))
    if report.unshared:
        report.problems.append(
            f"{counted(report.unshared, 'page', 'was')} already there and keep all suggestions; what is withheld "
            "is chosen for new pages only"
        )
    if items and not dry_run:
        _within(patience, _show, project, model_version, report)
    return report


@dataclass(frozen=True)
class _Sheet:
    """A page with what the model says of it."""

    blocks: Blocks
    labels: Sequence[str]
    scores: Sequence[float]
    truth: Sequence[str | None] | None
    questions: Mapping[int, str] | None

    def item(self, project: Project, version: str, share: Share) -> dict[str, Any]:
        page = self.blocks.page.id
        plan = Withheld.choose(page, self.labels, self.scores, share=share, truth=self.truth)
        shown, hidden = self._shown(project, plan)
        made = tasks.task(
            self.blocks, shown, self.scores, model_version=version, hidden=hidden, questions=self.questions
        )
        return made if share == NOTHING else made | {"meta": plan.into({})}

    def prediction(self, project: Project, version: str, plan: Withheld | None) -> dict[str, Any]:
        shown, hidden = self._shown(project, plan or Withheld())
        return tasks.prediction(self.blocks, shown, self.scores, model_version=version, hidden=hidden)

    def _shown(self, project: Project, plan: Withheld) -> tuple[list[str | None], dict[int, Shown]]:
        return plan.apply(self.blocks.page.id, self.labels, self.scores, names=project.names, truth=self.truth)


def _sheets(
    project: Project, pages: Sequence[Blocks], labels: Sequence[Sequence[str]] | None,
    *, scores: Sequence[Sequence[float]] | None, default: str, truth: Sequence[Sequence[str | None] | None] | None,
    questions: Sequence[Mapping[int, str]] | None,
) -> tuple[dict[str, _Sheet], PushReport]:  # fmt: skip
    report = PushReport()
    if any(given is not None and len(given) != len(pages) for given in (labels, scores, truth, questions)):
        raise Mismatch(f"suggestions for another number of pages than the {len(pages)} to push; give one list a page")
    sheets: dict[str, _Sheet] = {}
    for k, blocks in enumerate(pages):
        shown = labels[k] if labels is not None else [default] * len(blocks)
        unknown = set(shown) - set(project.names)
        if unknown:  # the server would drop such predictions without a word
            known = ", ".join(project.names)
            raise BadScheme(f"{blocks.page.id}: no label {', '.join(sorted(unknown))} in the project; it has {known}")
        sure = scores[k] if scores is not None else [0.0] * len(blocks)
        if len(shown) != len(blocks) or len(sure) != len(blocks):
            counts = f"{counted(len(shown), 'label')} and {counted(len(sure), 'score')}"
            raise Mismatch(f"{blocks.page.id}: {counts} for {counted(len(blocks), 'block')}; give one per block")
        if not len(blocks):
            report.empty.append(blocks.page.id)
        elif blocks.page.id in sheets:
            if sheets[blocks.page.id].blocks.page.sha256 != blocks.page.sha256:
                raise BadInput(f"two different pages are called {blocks.page.id!r}; rename one")
        else:
            sheets[blocks.page.id] = _Sheet(
                blocks,
                shown,
                sure,
                truth[k] if truth is not None else None,
                questions[k] if questions is not None else None,
            )
    if report.empty:
        report.problems.append(
            f"skipped {counted(len(report.empty), 'page')} without text: {', '.join(report.empty[:5])}"
        )
    return sheets, report


def batches(items: Iterable[tuple[K, dict[str, Any]]], most: int = BATCH) -> Iterator[dict[K, dict[str, Any]]]:
    """Items by key, as many at a time as one request takes: `most` of them, or BATCH_BYTES."""
    batch: dict[K, dict[str, Any]] = {}
    size = 0
    for key, item in items:
        weight = len(json.dumps(item))
        if batch and (len(batch) >= most or size + weight > BATCH_BYTES):
            yield batch
            batch, size = {}, 0
        batch[key] = item
        size += weight
    if batch:
        yield batch


def _within(patience: float, action: Any, *args: Any) -> Any:
    """Do it again while the server is away or fails. No action does anything twice."""
    wait, deadline = 0.5, time.monotonic() + patience
    while True:
        try:
            return action(*args)
        except StudioGone:
            if time.monotonic() + wait > deadline:
                raise
            time.sleep(wait)
            wait *= 2


def _find(project: Project, ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The project's tasks of these pages, the one to keep first: most annotations, then oldest."""
    found: dict[str, list[dict[str, Any]]] = {}
    fields = "id,data,meta,total_annotations,cancelled_annotations,draft_exists,predictions_model_versions"
    for listed in _filters(ids):
        for row in project.tasks(fields, [listed]):
            found.setdefault(row["data"]["external_id"], []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (-_work(row), row["id"]))
    return found


def _filters(ids: list[str]) -> Iterator[dict[str, Any]]:
    """Filters for the tasks of these pages, each for as many as the address of a request takes.

    Each request searches the whole project.
    """
    some: list[str] = []
    room = ASKED
    for id in [*ids, None]:
        length = len(quote(json.dumps(id))) + 6  # a comma and a space
        if some and (id is None or length > room):
            yield {"filter": "filter:tasks:data.external_id", "operator": "in_list", "type": "List", "value": some}
            some, room = [], ASKED
        if id is not None:
            some.append(id)
            room -= length


def _work(row: dict[str, Any]) -> int:
    return (
        2 * (row.get("total_annotations") or 0)
        + 2 * (row.get("cancelled_annotations") or 0)
        + bool(row.get("draft_exists"))
    )


def _versions(row: dict[str, Any]) -> set[str]:
    return {version.strip() for version in str(row.get("predictions_model_versions") or "").split(",")}


def _import_missing(
    project: Project, batch: dict[str, dict[str, Any]], seen: list[dict[str, list[dict[str, Any]]]]
) -> dict[str, list[dict[str, Any]]]:
    """Import what is missing, then look again: an interrupted import says nothing about what arrived.

    `seen` has what was found just before. Only the first try uses it.
    """
    found = seen.pop() if seen else _find(project, list(batch))
    missing = [item for page, item in batch.items() if page not in found]
    if not missing:
        return found
    answer = project.client.request(
        "POST",
        f"api/projects/{project.id}/import",
        what=f"import {counted(len(missing), 'page')} into project {project.id}",
        params={"return_task_ids": True},
        body=missing,
    )
    made = answer.get("task_ids") or []
    count = sum(count_tasks(project, [listed]) for listed in _filters(list(batch)))
    if len(made) == len(missing) and count == sum(map(len, found.values())) + len(missing):
        return found | {item["data"]["external_id"]: [{"id": id}] for item, id in zip(missing, made, strict=True)}
    # Another push sends the same pages, or some did not arrive.
    found = _find(project, list(batch))
    gaps = [page for page in batch if page not in found]
    if gaps:
        raise PageblocksError(
            f"{len(gaps)} of {counted(len(missing), 'page')} did not arrive ({', '.join(gaps[:5])}); push again"
        )
    return found


def _remove_copies(project: Project, found: dict[str, list[dict[str, Any]]]) -> int:
    """Second tasks of a page, left by a push that ran at the same time. Only those that no one has worked on."""
    copies = [row["id"] for rows in found.values() for row in rows[1:] if not _work(row)]
    for id in copies:
        # Another push may see the same copy. The server answers 500 to the second of two who delete a task at the same
        # time ("Task matching query does not exist"), and 404 to the repetition.
        with contextlib.suppress(NotInStudio):
            project.client.request("DELETE", f"api/tasks/{id}", what=f"task {id}, a second copy")
    return len(copies)


def _check_pages(batch: dict[str, dict[str, Any]], old: dict[str, dict[str, Any]], report: PushReport) -> None:
    for page, row in old.items():
        for key, what in (("sha256", "the page itself"), ("blocks", "its segmentation")):
            if row["data"].get(key) != batch[page]["data"][key]:
                report.problems.append(f"{page}: {what} changed since the push; the project keeps the old version")
                batch[page]["predictions"] = []  # its regions would be on the wrong blocks
                break


def _import_predictions(project: Project, items: dict[int, dict[str, Any]]) -> None:
    found = _find(project, [item["data"]["external_id"] for item in items.values()])
    rows = {row["id"]: row for rows in found.values() for row in rows}
    versions = {id: _versions(row) for id, row in rows.items()}
    new = [
        {"task": id, **p, "result": tasks.refit(p["result"], tasks.texts_of(rows[id]["data"]))}
        for id, item in items.items()
        for p in item["predictions"]
        if p["model_version"] not in versions[id]
    ]
    if not new:
        return
    answer = project.client.request(
        "POST",
        f"api/projects/{project.id}/import/predictions",
        what=f"suggestions for {counted(len(new), 'page')}",
        body=new,
    )
    if answer.get("created") != len(new):
        raise PageblocksError(
            f"the server took {answer.get('created')} of {counted(len(new), 'suggestion')}; are its labels the "
            "scheme's?"
        )


def _show(project: Project, version: str, report: PushReport) -> None:
    """Have this version's suggestions shown, and drop the others once no page needs them."""
    path = f"api/projects/{project.id}/model-versions"
    names = _names(project.client.get(path, "model versions"))
    if version not in names:
        return  # none of the pages took a suggestion of it
    backend = live(project)
    if backend is not None and backend[1]:
        return  # it gives the pages that are new its own suggestions, which are shown
    if backend is not None:
        report.problems.append(AWAY.format(backend[0]))
    if project.settings().get("model_version") != version:
        project.update(model_version=version)
    others = [name for name in names if name != version]
    if not others:
        return
    left = sum(version not in _versions(row) for row in project.tasks("id,predictions_model_versions"))
    if left:
        report.problems.append(
            f"{counted(left, 'page', 'has')} suggestions of another model, which are not shown; push again with "
            f"{version}"
        )
        return
    for name in others:
        project.client.request("DELETE", path, what=f"suggestions of {name}", body={"model_version": name})


def _names(answer: Any) -> list[str]:
    """Static versions, in either form that servers answer in: names with counts, or a list."""
    if isinstance(answer, dict):
        answer = answer.get("static", answer)
    return [str(item.get("model_version", item)) if isinstance(item, dict) else str(item) for item in answer]


def suggest(
    model: BlockClassifier | None, pages: list[Blocks]
) -> tuple[list[list[str]] | None, list[list[float]] | None, str]:
    """For each page a label and a score (0 to 1) a block, and the version of the model that says so."""
    if model is None or not pages:
        return None, None, NO_MODEL
    classes = [str(name) for name in model.classes_]
    found = [suggestions(page.tolist(), classes) for page in model.predict_proba(pages)]
    return [labels for labels, _ in found], [scores for _, scores in found], model.version

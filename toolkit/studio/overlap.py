"""Some pages labelled by two people, in the Community edition.

The edition has a setting for it, `overlap_cohort_percentage`, but picks pages by itself, anew with each import. What
counts in the end is the `overlap` of each task, and any member may set that: the labelling stream offers a page until
that many people have answered it, never twice to the same one. So pages are chosen here and it is set on them: no one
has to be assigned, and all answers are in one project (a second project for second readings would have to be kept in
step, and people sent to it).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..support.hashing import seeded_hash
from .projects import Project


def ensure_overlap(project: Project, task_ids: Mapping[str, int], share: float) -> int:
    """Have `share` (0 to 1) of these pages labelled by two people; the number of pages added.

    `task_ids`: the task of each page id. Pages that have a second reader already keep it and count, so that this may be
    repeated.
    """
    page_of = {task: page for page, task in task_ids.items()}
    twice = {
        page_of[row["id"]]
        for row in project.tasks("id,overlap")
        if row["id"] in page_of and (row.get("overlap") or 1) > 1
    }
    added = overlapping(list(task_ids), share, twice)
    for page in added:
        path = f"api/tasks/{task_ids[page]}"
        project.client.request("PATCH", path, what=f"a second reader for {page}", body={"overlap": 2})
    return len(added)


def work_on(project: Project) -> tuple[set[str], set[str]]:
    """Page ids that wait for their first answer, and those that have one (skipped ones too)."""
    waiting: set[str] = set()
    answered: set[str] = set()
    for row in project.tasks("id,data,total_annotations,cancelled_annotations"):
        page = str(row["data"].get("external_id", ""))
        (answered if (row.get("total_annotations") or 0) + (row.get("cancelled_annotations") or 0) else waiting).add(
            page
        )
    return waiting - answered, answered


def overlapping(ids: Collection[str], share: float, already: Collection[str] = ()) -> list[str]:
    """The pages that a second person is to label too, besides `already`, so that it is `share` of `ids` (at least one
    page).

    Chosen by hash: a push that is repeated, or goes on after it was killed, chooses the same ones.
    """
    if not ids or share <= 0:
        return []
    wanted = max(1, round(share * len(ids)))
    free = sorted((id for id in ids if id not in already), key=lambda id: seeded_hash(id, 0))
    return free[: max(0, wanted - sum(id in already for id in ids))]

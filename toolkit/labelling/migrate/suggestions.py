"""The suggestions of a live project under a new scheme: imported anew under another version's name, then the old ones
dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ...errors import PageblocksError
from ...studio import tasks
from ...studio.projects import Project
from ...support.text import counted
from .corpus import MigrationPlan

BATCH = 50  # suggestions in one request


def suggested(project: Project, plan: MigrationPlan) -> tuple[Counter[str], int]:
    """Old label -> regions of suggestions, and how many suggestions are to be moved."""
    found: Counter[str] = Counter()
    versions: Counter[str] = Counter()
    moving: set[str] = set()
    for _, version, prediction in _predictions(project):
        labels = _old_labels(project, plan, version, prediction=prediction)
        found.update(labels)
        versions[version] += 1
        if any(plan.choices(label)[:1] != (label,) for label in labels):
            moving.add(version)
    return found, sum(versions[version] for version in moving)


def move_suggestions(project: Project, plan: MigrationPlan) -> None:
    """Give every suggestion the new labels. A version moves as a whole or not at all; the one that is shown is shown
    after.
    """
    moving: set[str] = set()
    there: set[tuple[int, str]] = set()
    for task, version, prediction in _predictions(project):
        there.add((task, version))
        if any(
            plan.choices(label)[:1] != (label,) for label in _old_labels(project, plan, version, prediction=prediction)
        ):
            moving.add(version)
    if not moving:
        return
    batch: list[dict[str, Any]] = []
    for task, version, prediction in _predictions(project):
        new = new_version(version, plan.scheme.id)
        if version not in moving or (task, new) in there:
            continue
        there.add((task, new))
        result = moved_regions(plan, prediction.get("result") or [])
        batch.append({"task": task, "model_version": new, "score": prediction.get("score"), "result": result})
        if len(batch) == BATCH:
            _import(project, batch)
            batch = []
    _import(project, batch)
    shown = str(project.settings().get("model_version") or "")
    if shown in moving:
        project.update(model_version=new_version(shown, plan.scheme.id))
    for version in sorted(moving):
        path = f"api/projects/{project.id}/model-versions"
        project.client.request("DELETE", path, what=f"suggestions of {version}", body={"model_version": version})


def moved_regions(plan: MigrationPlan, result: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Regions with the new labels; what is no region of labels stays as it is."""
    made = []
    for region in result:
        labels = tasks.labels_in(region)
        if labels:
            new = list(dict.fromkeys((*plan.choices(label), label)[0] for label in labels))
            region = region | {"value": region["value"] | {region.get("type", tasks.TYPE): new}}
        if region.get("withheld"):
            label, score = region["withheld"]
            region = region | {"withheld": [(*plan.choices(label), label)[0], score]}
        made.append(region)
    return made


def new_version(version: str, scheme: str) -> str:
    """What the suggestions of a model are called after a migration: "m1+web-page@2"."""
    return f"{version.partition('+')[0]}+{scheme}"


def _old_labels(project: Project, plan: MigrationPlan, version: str, *, prediction: dict[str, Any]) -> list[str]:
    if version == new_version(version, plan.scheme.id):
        return []
    labels = [label for region in prediction.get("result") or [] for label in tasks.labels_in(region) or []]
    final = project.scheme == plan.scheme.id
    return [label for label in labels if not (final and label in plan.scheme.names)]


def _predictions(project: Project) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Task, version and suggestion; of several of one version on a task the latest first."""
    for row in project.tasks("id,predictions"):
        for prediction in sorted(row.get("predictions") or [], key=lambda p: -int(p["id"])):
            yield row["id"], str(prediction.get("model_version") or ""), prediction


def _import(project: Project, batch: list[dict[str, Any]]) -> None:
    if not batch:
        return
    path = f"api/projects/{project.id}/import/predictions"
    answer = project.client.request("POST", path, what=f"suggestions for project {project.id}", body=batch)
    if answer.get("created") != len(batch):
        raise PageblocksError(
            f"the server took {answer.get('created')} of {counted(len(batch), 'suggestion')}; run the migration again"
        )

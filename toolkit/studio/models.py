"""Which models a Label Studio project asks for suggestions."""

from __future__ import annotations

from typing import Any

from .projects import Project

MARK = "Live suggestions of pageblocks"  # the description that identifies the backend among a project's models
AWAY = (
    "the live model at {} does not answer: pages keep the suggestions that they have; start `pageblocks studio backend`"
    " again, or remove it in Settings, Model"
)


def live(project: Project) -> tuple[str, bool] | None:
    """The address of the backend that renews a project's suggestions, and whether it answers; None where there is none.

    The server asks it before it answers.
    """
    ours = [row for row in _models(project) if str(row.get("description") or "").startswith(MARK)]
    return (str(ours[0].get("url")), any(row.get("state") == "CO" for row in ours)) if ours else None


def _models(project: Project) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = project.client.get("api/ml", f"models of project {project.id}", project=project.id)
    return found

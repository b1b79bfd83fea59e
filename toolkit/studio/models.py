"""Which models a Label Studio project asks for suggestions."""

from __future__ import annotations

from typing import Any

from .projects import Project

MARK = "Live suggestions of pageblocks"  # the description that identifies the backend among a project's models


def live(project: Project) -> bool:
    """Whether the project shows suggestions that the backend makes when pages are opened."""
    shown = project.settings().get("model_version")
    return any(
        row.get("title") == shown and str(row.get("description") or "").startswith(MARK) for row in _models(project)
    )


def _models(project: Project) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = project.client.get("api/ml", f"models of project {project.id}", project=project.id)
    return found

"""Connects a Label Studio project to the backend for suggestions, and disconnects it. Both are idempotent."""

from __future__ import annotations

import base64
import time
from typing import Any

from ...errors import NotInStudio, PageblocksError, StudioRefused
from ...studio.models import MARK, _models
from ...studio.projects import Project

USER = "label-studio"  # whom the backend knows
HEARD = ["ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED", "TASKS_CREATED"]
# Not the version of a model: Label Studio would ask the backend each time a page is opened, and wait for it.
TITLE = "pageblocks studio backend"
TIMEOUT = 100  # seconds that Label Studio waits for suggestions


def register(project: Project, url: str, password: str) -> None:
    """Have the project tell `url`, which must answer already, of annotations and new pages, and list it as its model.

    What a backend left that was killed is taken over. Raises PageblocksError when another model serves the project, or
    StudioRefused when the server cannot reach `url`.
    """
    url = url.rstrip("/")
    ours = []
    for row in _models(project):
        if not str(row.get("description") or "").startswith(MARK):
            what = f"{project.title!r} has a model of its own already, {row.get('title')!r}"
            raise PageblocksError(f"the project {what}; remove it there (Settings, Model), as only one is asked")
        if row["url"].rstrip("/") != url and row.get("state") == "CO":
            raise PageblocksError(
                f"another `pageblocks studio backend` serves the project {project.title!r}, at {row['url']}"
            )
        ours.append(row)
    for row in ours[1:]:
        _delete(project, f"api/ml/{row['id']}")
    _remove_hooks(project, {url, *(row["url"].rstrip("/") for row in ours)})
    # Before the entry: Label Studio would make a hook of its own, which does not send the password.
    secret = base64.b64encode(f"{USER}:{password}".encode()).decode()
    hook = {
        "url": f"{url}/webhook",
        "project": project.id,
        "headers": {"Authorization": f"Basic {secret}"},
        "actions": HEARD,
    }
    _ask(
        project,
        "POST",
        "api/webhooks/",
        body=hook | {"send_payload": True, "send_for_all_actions": False, "is_active": True},
    )
    entry = _entry(project, url, password)
    method, path = ("PATCH", f"api/ml/{ours[0]['id']}") if ours else ("POST", "api/ml")
    shown = project.settings().get("model_version")
    _ask(project, method, path, body=entry)
    if project.settings().get("model_version") != shown:  # an entry that was called like a version takes that along
        project.update(model_version=shown)


def unregister(project: Project, url: str) -> None:
    """Remove the backend's entry and hook. The suggestions that it stored stay."""
    url = url.rstrip("/")
    for row in _models(project):
        if str(row.get("description") or "").startswith(MARK) and row["url"].rstrip("/") == url:
            _delete(project, f"api/ml/{row['id']}")
    _remove_hooks(project, {url})


def _entry(project: Project, url: str, password: str) -> dict[str, Any]:
    auth = {"auth_method": "BASIC_AUTH", "basic_auth_user": USER, "basic_auth_pass": password}
    return {"project": project.id, "url": url, "title": TITLE, "description": MARK, "timeout": TIMEOUT} | auth


def _remove_hooks(project: Project, urls: set[str]) -> None:
    for hook in project.client.get("api/webhooks/", "webhooks", project=project.id):
        if str(hook.get("url", "")).removesuffix("/webhook") in urls:
            _delete(project, f"api/webhooks/{hook['id']}/")


def _delete(project: Project, path: str) -> None:
    try:
        project.client.request("DELETE", path)
    except NotInStudio:  # removed by someone else
        return


def _ask(project: Project, method: str, path: str, *, body: dict[str, Any], wait: float = 1) -> Any:
    try:
        return project.client.request(method, path, what="register the live suggestions", body=body)
    except StudioRefused as error:
        # 400: the server calls back and waits one second; on a busy machine the next try may succeed.
        if error.status == 400 and path.startswith("api/ml") and wait < 20:
            time.sleep(wait)
            return _ask(project, method, path, body=body, wait=2 * wait)
        if error.status == 403:  # addresses on its own machine and network, unless its settings allow them
            raise StudioRefused(
                f"{error}. If this Label Studio is the one that comes along: `pageblocks studio stop`, `pageblocks "
                "studio start`."
                " To ask a server on their machine, others need LABEL_STUDIO_ML_BLOCK_LOCAL_IP=false and"
                " LABEL_STUDIO_SSRF_PROTECTION_ENABLED=false at their start",
                status=error.status,
            ) from None
        raise

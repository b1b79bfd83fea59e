"""The Label Studio project of a scheme: found by its title, or created."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from ..errors import BadInput, BadScheme, NotInStudio, UsageError
from ..scheme import Scheme
from ..support.text import counted
from .client import Client

PAGE = 500  # tasks asked for at once
# The server has these of a task at once; for all others it goes through what belongs to the task.
COLUMNS = {"id", "data", "meta", "created_at", "updated_at", "total_annotations", "cancelled_annotations"}
MARK = "pageblocks scheme "  # in the project's description: pull learns the scheme from it
MOVING = " moving to "  # after it while a migration is under way: the scheme that the answers will be of
_DESCRIPTION = re.compile(f"{MARK}(\\S+)?(?:{MOVING}(\\S+))?")


@dataclass(frozen=True)
class Project:
    """A project on a server.

    Parameters
    ----------
    client : Client
        The connection.
    id : int
        Number of the project.
    title : str
        Title of the project.
    scheme : str
        Name and version of the label scheme (`web-page@1`); "" if pageblocks did not create the project.
    names : tuple of str
        The labels in order.
    moving : str, default=""
        The scheme to which an unfinished migration moves the project.
    """

    client: Client = field(repr=False)
    id: int
    title: str
    scheme: str
    names: tuple[str, ...]
    moving: str = ""

    @property
    def url(self) -> str:
        """Address of the project's page."""
        return f"{self.client.url}/projects/{self.id}/data"

    @property
    def stream(self) -> str:
        """Address at which annotators get one page after the other, each with an answer of their own."""
        return f"{self.url}?labeling=1"

    def tasks(self, include: str, filters: Sequence[dict[str, Any]] = ()) -> Iterator[dict[str, Any]]:
        """List the tasks of the project.

        Parameters
        ----------
        include : str
            Fields of a task, separated by commas.
        filters : sequence of dict, default=()
            Filters as the server takes them; a task must match all.

        Yields
        ------
        dict
            The fields of a task, in the order of ids. Tasks are requested 500 at a time.
        """
        number, seen = 1, 0
        while True:
            answer = _tasks(self, include, filters, page=number, size=PAGE)
            yield from answer["tasks"]
            seen += len(answer["tasks"])
            if seen >= answer["total"] or not answer["tasks"]:
                return
            number += 1

    def settings(self) -> dict[str, Any]:
        """Request the settings of the project.

        Returns
        -------
        dict
            The settings by name.
        """
        found: dict[str, Any] = self.client.get(f"api/projects/{self.id}", f"project {self.id}")
        return found

    def update(self, **settings: Any) -> None:
        """Change settings of the project.

        Parameters
        ----------
        **settings : object
            New values by name.
        """
        self.client.request("PATCH", f"api/projects/{self.id}", what=f"project {self.id}", body=settings)


def count_tasks(project: Project, filters: Sequence[dict[str, Any]]) -> int:
    """The number of tasks that match all filters, of which the server sends one at most."""
    return int(_tasks(project, "id", filters, page=1, size=1)["total"])


def _tasks(project: Project, include: str, filters: Sequence[dict[str, Any]], *, page: int, size: int) -> Any:
    query = {"filters": {"conjunction": "and", "items": list(filters)}, "ordering": ["tasks:id"]}
    fields = {} if set(include.split(",")) <= COLUMNS else {"fields": "all"}
    return project.client.get(
        "api/tasks", f"tasks of project {project.id}",
        project=project.id, page=page, page_size=size, include=include, query=json.dumps(query), resolve_uri=False,
        **fields,
    )  # fmt: skip


def find_project(client: Client, title: str | int) -> Project | None:
    """Find a project by title or number.

    Parameters
    ----------
    client : Client
        The connection.
    title : str or int
        Title, or number (also as a str).

    Returns
    -------
    Project or None
        The project; None if no project has the title.

    Raises
    ------
    UsageError
        If two projects have the title.
    NotInStudio
        If `title` is an int and no project has that number.
    """
    if isinstance(title, int):
        return _project(client, client.get(f"api/projects/{title}", f"project {title}"))
    if _is_number(title):
        with contextlib.suppress(NotInStudio):  # then it is a title
            return find_project(client, int(title))
    rows = [row for row in _listed(client) if row["title"] == title]
    if len(rows) > 1:
        ids = ", ".join(str(row["id"]) for row in rows)
        raise UsageError(
            f"{client.url} has {counted(len(rows), 'project')} called {title!r}; rename one, or give a number ({ids})"
        )
    return _project(client, client.get(f"api/projects/{rows[0]['id']}")) if rows else None


def ensure_project(client: Client, title: str, scheme: Scheme, *, overlap: int = 1) -> Project:
    """Find a project by title or number, or create it for a scheme.

    An existing project gets the current instructions, colours and hotkeys of the scheme.

    Parameters
    ----------
    client : Client
        The connection.
    title : str
        Title of 3 to 50 characters, or number of an existing project.
    scheme : Scheme
        The label scheme.
    overlap : int, default=1
        Number of annotators for each page of a new project.

    Returns
    -------
    Project
        The project.

    Raises
    ------
    UsageError
        If the title is too short or too long, or two projects have it.
    BadScheme
        If an existing project has another scheme.
    NotInStudio
        If no project has the number.
    """
    if not _is_number(title) and not 3 <= len(title) <= 50:
        raise UsageError(f"the title {title!r} has {counted(len(title), 'character')}; Label Studio allows 3 to 50")
    config = scheme.label_studio_config().strip()  # the server strips it too
    shown = {"label_config": config, "expert_instruction": scheme.instructions(), "description": MARK + scheme.id}
    found = find_project(client, title)
    if found is not None:
        refuse_other_scheme(found, scheme)
        now = found.settings()
        if any(now.get(key) != value for key, value in shown.items()):
            found.update(**shown)
        return Project(client, found.id, found.title, scheme.id, tuple(scheme.names))
    if _is_number(title):
        raise NotInStudio(
            f"{client.url} has no project with the number {title}; a title for a new one has a letter in it"
        )
    made = client.request(
        "POST",
        "api/projects",
        what=f"make the project {title!r}",
        body=shown
        | {
            "title": title,
            "show_instruction": True,
            "show_collab_predictions": True,  # the page opens with the suggestions in it
            "maximum_annotations": overlap,
            "overlap_cohort_percentage": 100,
            "sampling": "Sequential sampling",
            "enable_empty_annotation": False,
            "show_skip_button": True,
        },
    )
    twins = sorted(row["id"] for row in _listed(client) if row["title"] == title)
    if (
        twins[0] != made["id"]
    ):  # another process made it at the same moment: that one was first, this one is still empty
        client.request("DELETE", f"api/projects/{made['id']}")
        return ensure_project(client, title, scheme, overlap=overlap)
    tidy_view(client, made["id"])
    return Project(client, made["id"], title, scheme.id, tuple(scheme.names))


def refuse_other_scheme(project: Project, scheme: Scheme) -> None:
    """Raise BadScheme where a project was made from another scheme, or is being moved to one."""
    refuse_moving(project)
    if set(project.names) != set(scheme.names):
        raise BadScheme(
            f"the project {project.title!r} has the labels {', '.join(project.names) or '(none)'}, the scheme "
            f"{scheme.id} has"
            f" {', '.join(scheme.names)}; give another title, or the scheme that it was made from with --scheme FILE"
        )
    if project.scheme and project.scheme != scheme.id:
        raise BadScheme(
            f"the project {project.title!r} is of the scheme {project.scheme}, not of {scheme.id}; give another "
            "title, the scheme"
            " that it was made from with --scheme FILE, or move corpus and project with `pageblocks scheme migrate`"
        )


def refuse_moving(project: Project) -> None:
    """Raise BadScheme for a project whose migration is not finished: its answers are of two schemes."""
    if project.moving:
        raise BadScheme(
            f"the project {project.title!r} is being moved from {project.scheme or 'another scheme'} to"
            f" {project.moving}; finish that first, with the same `pageblocks scheme migrate` again"
        )


def _is_number(title: str) -> bool:
    return title.isascii() and title.isdigit()


def _listed(client: Client) -> Iterator[dict[str, Any]]:
    number = 1
    while True:
        answer = client.get("api/projects", "the list of projects", page=number, page_size=100, include="id,title")
        yield from answer["results"]
        if not answer.get("next"):
            return
        number += 1


def _project(client: Client, row: dict[str, Any]) -> Project:
    scheme, moving = "", ""
    if said := _DESCRIPTION.match(str(row.get("description") or "")):
        scheme, moving = (word or "" for word in said.groups())
    try:
        config = ElementTree.fromstring(row.get("label_config") or "<View/>")
    except ElementTree.ParseError as error:
        raise BadInput(f"the configuration of project {row['id']} on {client.url} is not XML ({error})") from error
    names = tuple(str(label.get("value")) for label in config.iter("Label"))
    return Project(client, int(row["id"]), str(row["title"]), scheme, names, moving)


def tidy_view(client: Client, id: int) -> None:
    """The list of pages without the columns that only machines read: what is left has title and address in sight."""
    hidden = [f"tasks:{key}" for key in _HIDDEN]
    data = {
        "title": "Pages",
        "type": "list",
        "target": "tasks",
        "hiddenColumns": {"explore": hidden, "labeling": hidden},
        "columnsWidth": {"tasks:data.title": 360, "tasks:data.url": 420},
    }
    client.request("POST", "api/dm/views", what=f"the view of project {id}", body={"project": id, "data": data})


_HIDDEN = (
    *("inner_id", "completed_at", "total_predictions", "annotations_results", "annotations_ids", "predictions_score"),
    *("predictions_model_versions", "predictions_results", "file_upload", "storage_filename", "created_at"),
    *("updated_at", "updated_by", "data.html", "data.blocks", "data.sha256", "data.external_id"),
)

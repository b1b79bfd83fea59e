"""Label Studio: the server, projects, tasks and answers. Needs the extra `studio`."""

from toolkit.studio import (
    AnnotateReport,
    Client,
    Project,
    PullReport,
    PushReport,
    Server,
    add_annotator,
    annotate,
    connect,
    ensure_project,
    find_project,
    pull,
    push,
    start,
    status,
    stop,
)

__all__ = [
    "AnnotateReport",
    "Client",
    "Project",
    "PullReport",
    "PushReport",
    "Server",
    "add_annotator",
    "annotate",
    "connect",
    "ensure_project",
    "find_project",
    "pull",
    "push",
    "start",
    "status",
    "stop",
]

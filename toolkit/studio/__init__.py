"""All communication with Label Studio. The import is quick: the SDK is loaded with the first request to a server."""

from __future__ import annotations

from .answers import PullReport, pull
from .client import Client, connect
from .overlap import ensure_overlap, work_on
from .people import AnnotateReport, add_annotator, annotate, invitation
from .projects import Project, ensure_project, find_project, refuse_other_scheme
from .server import Server, start, status, stop
from .sync import PushReport, push
from .tasks import suggestions

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
    "ensure_overlap",
    "ensure_project",
    "find_project",
    "invitation",
    "pull",
    "push",
    "refuse_other_scheme",
    "start",
    "status",
    "stop",
    "suggestions",
    "work_on",
]

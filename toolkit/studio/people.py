"""Existing people and answers: users of the server, and stand-off labels that are sent as their annotations."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadScheme, Mismatch, PageblocksError, UsageError
from ..standoff import Annotation, attach
from ..support.text import counted
from . import tasks
from .annotators import DOMAIN, users_of
from .client import Client
from .progress import progress_bar
from .projects import Project


@dataclass
class AnnotateReport:
    """What `annotate` did.

    Parameters
    ----------
    sent : int, default=0
        Annotations that were sent.
    present : int, default=0
        Annotations that the project already had.
    missing : list of str
        Ids of labelled pages that the project does not have.
    problems : list of str
        Problems that the user should know of, one line each.
    """

    sent: int = 0
    present: int = 0
    missing: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def invitation(client: Client, renew: bool = False) -> str:
    """The link with which people create an account on the server. Anyone who has it may label.

    `renew` replaces the link: the old one becomes invalid, the accounts stay. Raises PageblocksError if the server
    gives no link, and StudioRefused if the user may not have one.
    """
    path, method = ("api/invite/reset-token", "POST") if renew else ("api/invite", "GET")
    found = client.request(method, path, what="the invitation link")
    if not isinstance(found, dict) or not found.get("invite_url"):
        raise PageblocksError(f"{client.url} gives no invitation link; look under Organization, Add people")
    link = str(found["invite_url"])
    return link if "://" in link else f"{client.url}/{link.lstrip('/')}"  # also for a server that lives under a path


def add_annotator(client: Client, name: str) -> int:
    """Find a user of the server, or create one without a password.

    Parameters
    ----------
    client : Client
        The connection.
    name : str
        E-mail address, or a name from which one is made.

    Returns
    -------
    int
        The id of the user.

    Raises
    ------
    UsageError
        If the name has no letter or digit.
    """
    email = _email(name)
    for user in users_of(client.get("api/users", "the list of users")):
        if str(user.get("email", "")).lower() == email:
            return int(user["id"])
    made = client.request(
        "POST", "api/users", what=f"make the user {email}", body={"email": email, "username": email.split("@")[0]}
    )
    return int(made["id"])


def annotate(project: Project, annotations: Iterable[Annotation], quiet: bool = False) -> AnnotateReport:
    """Send stand-off labels to a project, as annotations of the people who made them.

    Each annotator becomes a user of the server. An existing answer of an annotator stays as it is, so this may be
    repeated.

    Parameters
    ----------
    project : Project
        A project to which the pages were pushed.
    annotations : iterable of Annotation
        The labels. Reviews are sent only to projects of reviews.
    quiet : bool, default=False
        Whether to show no progress on stderr.

    Returns
    -------
    AnnotateReport
        What was sent, and what was not.

    Raises
    ------
    Mismatch
        If the page of a task is another version than was labelled.
    BadScheme
        If the project does not have a label.
    UsageError
        If the names of two annotators give the same user.
    """
    wanted = list(annotations)
    report = AnnotateReport()
    owners: dict[str, str] = {}
    for name in dict.fromkeys(a.annotator for a in wanted):
        if (other := owners.setdefault(_email(name), name)) != name:
            raise UsageError(f"{other!r} and {name!r} would both be the user {_email(name)}; rename one")
    rows: dict[str, dict[str, Any]] = {}
    for row in project.tasks("id,data,annotators"):
        rows.setdefault(row["data"].get("external_id", ""), row)
    users = {name: add_annotator(project.client, name) for name in dict.fromkeys(a.annotator for a in wanted)}
    reviews = 0
    with progress_bar(quiet) as bar:
        for annotation in bar.track(wanted, description="Sending annotations"):
            found = rows.get(annotation.page)
            user = users[annotation.annotator]
            if found is None:
                report.missing.append(annotation.page)
            elif annotation.review and not tasks.meant_in(found["data"]):
                reviews += 1
            elif user in found["annotators"]:
                report.present += 1
            else:
                _send(project, found, user, annotation=annotation, report=report)
                found["annotators"].append(user)
                report.sent += 1
    if report.missing:
        pages = ", ".join(sorted(set(report.missing))[:5])
        report.problems.append(
            f"{counted(len(report.missing), 'annotation', 'is')} for pages that were not pushed: {pages}"
        )
    if reviews:
        report.problems.append(
            f"{counted(reviews, 'review')} not sent, because their pages are not reviews in {project.title!r}"
        )
    return report


def _send(project: Project, row: dict[str, Any], user: int, *, annotation: Annotation, report: AnnotateReport) -> None:
    blocks = tasks.blocks_of(row["data"])
    if annotation.sha256 and row["data"].get("sha256") != annotation.sha256:
        raise Mismatch(
            f"{annotation.page}: {annotation.annotator} labelled another version of this page than was pushed"
        )
    labels = attach(blocks, Annotation(annotation.page, "", annotation.annotator, annotation.labels))
    unknown = {label for label in labels if label is not None} - set(project.names)
    if unknown:
        raise BadScheme(f"{annotation.page}: no label {', '.join(sorted(unknown))} in the project {project.title!r}")
    skipped = annotation.state == "skipped"
    if None in labels and not skipped:
        what = f"{counted(labels.count(None), 'block', 'has')} no label by {annotation.annotator}"
        report.problems.append(f"{annotation.page}: {what}")
    result = (
        [] if skipped else [region | {"origin": "manual"} for region in tasks.regions(blocks.text, labels, blank=True)]
    )
    project.client.request(
        "POST",
        f"api/tasks/{row['id']}/annotations/",
        what=f"annotation of {annotation.page}",
        body={"result": result, "completed_by": user, "was_cancelled": skipped},
    )


def _email(name: str) -> str:
    name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip().lower()
    local, _, domain = name.partition("@")
    local = re.sub(r"[^a-z0-9._+-]+", "-", local).strip(".-")
    if not local:
        raise UsageError(f"{name!r} is not a name for an annotator; use letters and digits")
    return f"{local}@{domain or DOMAIN}"

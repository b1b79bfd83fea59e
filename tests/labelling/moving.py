"""A live project in all states that a migration meets, and what must be in it after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx

from toolkit.corpus.folder import Corpus
from toolkit.labelling.migrate.corpus import MigrationPlan
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import detach
from toolkit.studio import tasks
from toolkit.studio.client import Client
from toolkit.studio.people import annotate
from toolkit.studio.projects import Project, ensure_project
from toolkit.studio.sync import push

OLD = Scheme.default()
BODY = (
    "<h1>Head {i} <b>&lt;script&gt;alert(1)&lt;/script&gt;</b></h1><p>Story "
    "{i}</p><p>Give</p><form><button>Go</button></form>"
)
FIRST = ["article", "article", "appeal", "form"]
TEXTS = ["Head", "Story", "Give", "Go"]


def scheme(*names: str, version: str = "2") -> Scheme:
    colors = {"definition": "It.", "color": "#A06000"}
    return Scheme.model_validate(
        {"name": "web-page", "version": version, "labels": [{"name": n, **colors} for n in names]}
    )


# Two change places, so that nothing may move twice; two become one; one becomes two.
NEW = scheme("form", "appeal", "frame", "story", "data")
RULES: dict[str, list[str]] = {
    "rename": ["appeal=form", "form=appeal"], "merge": ["sidebar,caption=frame"], "split": ["article=story,data"]
}  # fmt: skip
PLAN = MigrationPlan.of(NEW, **RULES)
MOVED = ["story", "story", "form", "appeal"]


@contextmanager
def person(client: Client, name: str) -> Iterator[httpx.Client]:
    """Somebody who logs in as everybody does: by the invitation's link, with a password."""
    with httpx.Client(base_url=client.url, trust_env=False, follow_redirects=True, timeout=60) as line:
        link = client.get("api/invite")["invite_url"]
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', line.get(link).text)
        assert found is not None
        form = {"email": f"{name}@example.org", "password": "Long-Pass-1234", "csrfmiddlewaretoken": found[1]}
        assert line.post(link, data=form, headers={"Referer": link}).status_code == 200
        yield line


def all_states(client: Client, corpus: Corpus, title: str) -> Project:
    """p0: two people. p1: submitted, then updated. p2: skipped. p3: a draft. p4: its author was deleted. p5: submitted,
    then changed without *Update*. p6: the same, where only the draft has labels that move. p7: the same, where only the
    answer has. p8: skipped, with a draft on it. p9: nobody saw it. p10: a person who logged in answered, left blocks to
    the suggestion, and changed it without *Update*.
    """
    project = ensure_project(client, title, OLD, overlap=2)
    pages = {page.page.id: page for page in map(segment, corpus.pages())}
    shown = [["sidebar", "article", "appeal", "form"]] * len(pages)
    scores = [[0.5] * 4] * len(pages)
    ids = push(project, list(pages.values()), shown, scores=scores, model_version="m1", quiet=True).task_ids
    said = {("p0", "ada"): FIRST, ("p0", "ben"): FIRST, ("p1", "ada"): FIRST, ("p4", "carl"): FIRST}
    answers = [detach(pages[page], labels, who, scheme=OLD.id) for (page, who), labels in said.items()]
    answers.append(replace(answers[0], page="p2", sha256=pages["p2"].page.sha256, labels=[], state="skipped"))
    annotate(project, answers, quiet=True)

    def regions(*labels: str | None) -> list[dict[str, Any]]:
        return tasks.regions(TEXTS[: len(labels)], labels)

    def answer(line: Any, page: str, result: Any, **more: Any) -> int:
        return int(line("POST", f"api/tasks/{ids[page]}/annotations/", {"result": result, **more})["id"])

    def draft(line: Any, page: str, result: Any, of: int | None = None) -> None:
        where = f"annotations/{of}/drafts" if of else "drafts"
        line("POST", f"api/tasks/{ids[page]}/{where}", {"result": result, "lead_time": 1})

    def admin(method: str, path: str, body: Any) -> Any:
        return client.request(method, path, body=body)

    (first,) = client.get(f"api/tasks/{ids['p1']}/annotations/")
    admin("PATCH", f"api/annotations/{first['id']}/", {"result": regions("article", "caption", "appeal", "form")})
    draft(admin, "p3", regions("article"))
    for user in client.get("api/users"):
        if user["email"].startswith("carl@"):
            client.request("DELETE", f"api/users/{user['id']}")
    for page, now, then in (
        ("p5", regions(*FIRST), regions(*reversed(FIRST))),
        ("p6", tasks.regions(TEXTS, [None] * 4, blank=True), regions("caption")),
        ("p7", regions(*FIRST), []),
    ):
        draft(admin, page, then, answer(admin, page, now))
    draft(admin, "p8", regions("form"), answer(admin, "p8", regions("caption"), was_cancelled=True))
    with person(client, f"dora-{project.id}") as line:

        def dora(method: str, path: str, body: Any) -> Any:
            sent = line.request(method, f"/{path}", json=body, headers={"Referer": client.url})
            assert sent.status_code < 300, sent.text
            return sent.json()

        draft(dora, "p10", regions("caption", "form"), answer(dora, "p10", regions("article")))
    return project


def state(project: Project) -> dict[str, Any]:
    """Page -> who said what, and whether it was skipped; whose drafts say what, and on whose answer; suggestions."""
    found = {}
    path = f"api/projects/{project.id}/export"
    listed = {row["id"]: row["predictions"] for row in project.tasks("id,predictions")}
    for task in project.client.get(path, exportType="JSON", download_all_tasks="true"):
        authors = {a["id"]: a["completed_by"] for a in task["annotations"]}
        answers = {(a["completed_by"], a["was_cancelled"], _labels(a["result"])) for a in task["annotations"]}
        drafts = {(str(d["user"]), authors.get(d["annotation"]), _labels(d["result"])) for d in task["drafts"]}
        shown = {(p["model_version"], _labels(p["result"]), p["score"]) for p in listed[task["id"]]}
        found[task["data"]["external_id"]] = (answers, drafts, shown)
    return found


def moved_state(found: dict[str, Any]) -> dict[str, Any]:
    """What a `state` must be after the plan."""

    def moved(labels: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(label and PLAN.choices(label)[0] for label in labels)

    return {
        page: (
            # What was left to the suggestions on p10 is written out: the server keeps them as they were.
            {(who, skipped, tuple(MOVED) if page == "p10" else moved(labels)) for who, skipped, labels in answers},
            {(who, of, moved(labels)) for who, of, labels in drafts},
            {(f"{version}+{NEW.id}", moved(labels), score) for version, labels, score in shown},
        )
        for page, (answers, drafts, shown) in found.items()
    }


def _labels(result: list[dict[str, Any]]) -> tuple[str | None, ...]:
    return tuple(tasks.labels_of(result, 4)[0])

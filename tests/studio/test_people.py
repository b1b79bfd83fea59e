"""Annotators who log in: invited by link, with hotkeys that come with the project."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.errors import PageblocksError
from toolkit.page import Blocks
from toolkit.standoff import attach, detach
from toolkit.studio import tasks
from toolkit.studio.answers import pull
from toolkit.studio.client import Client
from toolkit.studio.people import add_annotator, annotate, invitation
from toolkit.studio.projects import Project
from toolkit.studio.sync import push

pytestmark = pytest.mark.studio


def sign_up(link: str, email: str, password: str) -> bool:
    """What a browser does with the link; whether somebody is logged in afterwards."""
    with httpx.Client(follow_redirects=True, timeout=120, trust_env=False) as browser:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', (page := browser.get(link)).text)
        if page.status_code != 200 or found is None:
            return False
        browser.post(
            link,
            data={"email": email, "password": password, "csrfmiddlewaretoken": found[1]},
            headers={"Referer": link},
        )
        origin = link.split("/user/")[0]
        who = browser.get(f"{origin}/api/current-user/whoami")
        return who.status_code == 200 and who.json()["email"] == email


def members(client: Client) -> set[str]:
    users = client.get("api/users")
    return {user["email"] for user in (users["results"] if isinstance(users, dict) else users)}


def test_an_invited_annotator_makes_an_account(client: Client, studio: Any) -> None:
    printed = CliRunner().invoke(app, ["studio", "invite", "--folder", str(studio.folder)])
    assert printed.exit_code == 0, printed.output
    link = printed.stdout.strip()
    assert link == invitation(client)
    assert link.startswith(f"{studio.url}/user/signup/?token=")
    assert sign_up(link, "mara@annotators.example", "a-long-word-7")
    assert "mara@annotators.example" in members(client)


def test_without_a_valid_link_nobody_gets_in(client: Client, studio: Any) -> None:
    old = invitation(client)
    new = invitation(client, renew=True)
    assert old != new
    assert not sign_up(old, "late@annotators.example", "a-long-word-7")
    assert not sign_up(f"{studio.url}/user/signup/", "bare@annotators.example", "a-long-word-7")
    assert not {"late@annotators.example", "bare@annotators.example"} & members(client)
    assert sign_up(new, "nina@annotators.example", "a-long-word-7")


@pytest.fixture
def pages(page_of: Callable[..., Blocks]) -> list[Blocks]:
    return [page_of(f"page-{i}", f"<h1>Tide {i}</h1><p>The tide turns.</p><p>Imprint</p>") for i in range(2)]


def test_people_keep_their_names_whoever_joins_and_leaves(
    client: Client, project: Project, pages: list[Blocks], tmp_path: Path
) -> None:
    ids = push(project, pages).task_ids

    def says(email: str, page: int, label: str) -> int:
        user = add_annotator(client, email)
        result = tasks.regions(pages[page].text, [label] * 3)
        body = {"result": result, "completed_by": user}
        client.request("POST", f"api/tasks/{ids[pages[page].page.id]}/annotations/", body=body)
        return user

    first = says("ida@a.example", 0, "article")
    assert set(pull(project, tmp_path, quiet=True).by_annotator) == {"ida"}
    second = says("ida@b.example", 0, "sidebar")
    says("mats@a.example", 0, "sidebar")
    wanted = {"ida": "article", f"ida-{second}": "sidebar", "mats": "sidebar"}

    def pulled(folder: Path = tmp_path) -> dict[str, str]:
        found = pull(project, folder, full=True, quiet=True).annotations
        return {a.annotator: a.labels[0].label for a in found if a.page == "page-0"}

    assert pulled() == wanted
    client.request("DELETE", f"api/users/{first}")
    assert pulled() == wanted
    assert says("ida@a.example", 1, "form") != first  # an account made anew, by the same person
    report = pull(project, tmp_path, quiet=True)
    assert {(a.annotator, a.page) for a in report.annotations} == {
        ("ida", "page-0"), (f"ida-{second}", "page-0"), ("mats", "page-0"), ("ida", "page-1")
    }  # fmt: skip
    assert "@" not in (tmp_path / "annotators.json").read_text()


def test_a_block_without_a_label_is_sent_and_comes_back_without_one(
    project: Project, pages: list[Blocks], tmp_path: Path
) -> None:
    push(project, pages, [["sidebar"] * 3] * 2, model_version="m1")
    report = annotate(project, [detach(pages[0], ["article", None, "form"], "nils")], quiet=True)
    assert report.problems == ["page-0: 1 block has no label by nils"]
    (found,) = pull(project, tmp_path, quiet=True).annotations
    assert attach(pages[0], found) == ["article", None, "form"]  # not the suggestion


def test_two_names_are_no_one_user(project: Project, pages: list[Blocks]) -> None:
    push(project, pages)
    with pytest.raises(PageblocksError, match="'Ana' and 'Aná' would both be the user ana@example.org"):
        annotate(project, [detach(pages[0], ["article"] * 3, name) for name in ("Ana", "Aná")], quiet=True)

"""Annotators who log in: invited by link, with hotkeys that come with the project."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.studio.client import Client
from toolkit.studio.people import invitation

pytestmark = pytest.mark.studio


def sign_up(link: str, email: str, password: str) -> bool:
    """What a browser does with the link; whether somebody is logged in afterwards."""
    with httpx.Client(follow_redirects=True, timeout=120, trust_env=False) as browser:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', (page := browser.get(link)).text)
        if page.status_code != 200 or found is None:
            return False
        browser.post(
            link, data={"email": email, "password": password, "csrfmiddlewaretoken": found[1]}, headers={"Referer": link}
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

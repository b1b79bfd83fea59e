"""Finding the server, tokens of both kinds, and errors in one line that never show the token."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from toolkit.errors import NotInStudio, PageblocksError, StudioGone, StudioRefused, UsageError
from toolkit.studio.client import connect
from toolkit.studio.projects import find_project

pytestmark = pytest.mark.studio


@pytest.fixture
def nobody() -> Iterator[str]:
    with socket.socket() as s:  # bound, so that nobody else gets the port, and not listening
        s.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{s.getsockname()[1]}"


@pytest.fixture
def foreign() -> Iterator[Any]:
    """A server that is no Label Studio, and remembers what it was told."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.heard.append(str(self.headers))  # type: ignore[attr-defined]
            body = b"<html>hello</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.heard = []  # type: ignore[attr-defined]
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_the_folder_tells_where_the_server_is(studio: Any) -> None:
    with connect(folder=studio.folder) as found:
        assert (found.url, found.user) == (studio.url, studio.user)
        assert studio.token not in repr(found)


def test_the_environment_tells_it_too(studio: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LABEL_STUDIO_URL", studio.url + "/")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", f"Token {studio.token}\n")  # as it is copied from a header
    with connect(folder=tmp_path) as found:
        assert (found.url, found.user) == (studio.url, studio.user)


def test_an_argument_goes_before_the_environment(studio: Any, nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABEL_STUDIO_URL", nobody)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "wrong")
    with connect(studio.url, studio.token) as found:
        assert found.user == studio.user


def test_a_proxy_of_the_desktop_is_not_asked_for_this_machine(
    studio: Any, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, nobody)
    with connect(studio.url, studio.token) as found:
        assert found.user == studio.user


def test_personal_access_tokens_work(studio: Any, client: Any) -> None:
    client.request(
        "POST",
        "api/jwt/settings",
        body={"api_tokens_enabled": True, "legacy_api_tokens_enabled": True, "api_token_ttl_days": 30},
    )
    personal = client.request("POST", "api/token/", body={})["token"]
    with connect(studio.url, personal) as found:
        assert found.user == studio.user
        assert find_project(found, "no such project") is None
        access = found.sdk._client_wrapper._tokens_client.api_key
    with pytest.raises(StudioRefused, match="the token is not valid, status 401") as caught:
        connect(studio.url, access)  # the short-lived half of a personal token
    assert access not in str(caught.value)


def test_a_wrong_token(studio: Any) -> None:
    wrong = "f" * 40
    with pytest.raises(StudioRefused, match=r"refuses \(log in\): the token is not valid, status 401") as caught:
        connect(studio.url, wrong)
    assert wrong not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("token", ["  ", "two words", "naïve", "line\nbreak"])
def test_what_is_no_token_at_all(studio: Any, token: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="token") as caught:
        connect(studio.url, token, folder=tmp_path)
    assert token.strip() == "" or token not in str(caught.value)


def test_nobody_there(nobody: str) -> None:
    with pytest.raises(StudioGone, match=f"no Label Studio answers at {nobody}"):
        connect(nobody, "x" * 40)


def test_nothing_given_and_nothing_running(tmp_path: Path) -> None:
    with pytest.raises(StudioGone, match="no Label Studio runs in .*pageblocks studio start"):
        connect(folder=tmp_path)


def test_the_folders_token_goes_to_no_other_server(studio: Any, foreign: Any) -> None:
    address = f"http://127.0.0.1:{foreign.server_port}"
    with pytest.raises(UsageError, match="no token for"):
        connect(address, folder=studio.folder)
    assert foreign.heard == []


def test_a_server_that_is_no_label_studio(foreign: Any) -> None:
    with pytest.raises(StudioRefused, match="with no JSON"):
        connect(f"http://127.0.0.1:{foreign.server_port}", "x" * 40)


@pytest.mark.parametrize(
    "address", ["", "localhost:8080", "ftp://a.example", "http://", "http://a.example:99999", "/tmp"]
)
def test_what_is_no_address(address: str, tmp_path: Path) -> None:
    with pytest.raises(PageblocksError, match="is not the address of a server|no Label Studio runs in"):
        connect(address, "x", folder=tmp_path)


def test_a_password_in_the_address_is_refused_and_not_shown() -> None:
    with pytest.raises(UsageError, match="holds a user or password") as caught:
        connect("http://anna:hunter2@127.0.0.1:1", "x")
    assert "hunter2" not in str(caught.value)


def test_a_missing_project(client: Any) -> None:
    with pytest.raises(NotInStudio, match=r"has no such thing \(project 99999\)"):
        find_project(client, 99999)


def test_refusals_say_their_status(client: Any) -> None:
    with pytest.raises(StudioRefused) as missing:
        client.get("api/projects/99999")
    with pytest.raises(StudioRefused) as bad:
        client.request("POST", "api/projects", body={"title": "x", "label_config": "no markup"})
    assert (missing.value.status, bad.value.status) == (404, 400)

"""A thin client of Label Studio: its address, the token, and its errors in one sentence each.

Answers are plain JSON: the models of the SDK refuse answers of a server of another release, and raw answers can be
kept.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import MissingExtra, NotInStudio, PageblocksError, StudioGone, StudioRefused, UsageError
from . import server

TIMEOUT = 300.0  # seconds; on SQLite a writer was seen to wait 45 s for another


@dataclass
class Client:
    """A connection to a server, which `connect` opens. In a `with` statement it is closed at the end.

    Parameters
    ----------
    url : str
        Address of the server.
    sdk : LabelStudio
        The client of `label_studio_sdk`, for what is not wrapped here. It does not retry.
    user : str, default=""
        E-mail address of the token's owner.
    """

    url: str
    sdk: Any = field(repr=False)
    user: str = ""

    def request(
        self, method: str, path: str, *, what: str = "", params: dict[str, Any] | None = None, body: Any = None
    ) -> Any:
        """Send one request and decode the answer.

        Parameters
        ----------
        method : str
            HTTP method.
        path : str
            Path below the address of the server, such as `api/projects`.
        what : str, default=""
            Name of what is requested, for errors; by default the path.
        params : dict, optional
            Query parameters.
        body : object, optional
            Body, which is sent as JSON.

        Returns
        -------
        object
            The decoded JSON; None for an empty answer.

        Raises
        ------
        StudioGone
            If the server does not answer or fails, or the connection breaks.
        StudioRefused
            If the server refuses the request, or the answer is not JSON.
        """
        raw = self.raw(method, path, what=what, params=params, body=body)
        try:
            return json.loads(raw) if raw else None
        except ValueError as error:
            raise StudioRefused(
                f"{self.url} answered {path} with no JSON; check that this is the address of a Label Studio"
            ) from error

    def raw(
        self, method: str, path: str, *, what: str = "", params: dict[str, Any] | None = None, body: Any = None
    ) -> bytes:
        """Send one request and return the bytes of the answer.

        Parameters
        ----------
        method : str
            HTTP method.
        path : str
            Path below the address of the server, such as `api/projects`.
        what : str, default=""
            Name of what is requested, for errors; by default the path.
        params : dict, optional
            Query parameters.
        body : object, optional
            Body, which is sent as JSON.

        Returns
        -------
        bytes
            The answer.

        Raises
        ------
        StudioGone
            If the server does not answer or fails, or the connection breaks.
        StudioRefused
            If the server refuses the request.
        """
        with self._mapped(what or path):
            # The SDK's own transport: it renews personal tokens, and with max_retries=0 sends nothing twice.
            # It gets bytes, since its own conversion to JSON goes through each value and takes as long as the server.
            content = None if body is None else _json(body)
            answer = self.sdk._client_wrapper.httpx_client.request(
                path.lstrip("/"),
                method=method,
                params=params,
                content=content,
                headers=None if content is None else {"Content-Type": "application/json"},
            )
            if answer.status_code >= 400:
                raise _refusal(self.url, what or path, answer.status_code, body=_body(answer))
            received: bytes = answer.content
            return received

    def close(self) -> None:
        """Close the connections."""
        self.sdk._client_wrapper.httpx_client.httpx_client.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, path: str, what: str = "", **params: Any) -> Any:
        """Send a GET request; see `request` for errors.

        Parameters
        ----------
        path : str
            Path below the address of the server, such as `api/projects`.
        what : str, default=""
            Name of what is requested, for errors; by default the path.
        **params : object
            Query parameters.

        Returns
        -------
        object
            The decoded JSON; None for an empty answer.
        """
        return self.request("GET", path, what=what, params=params)

    @contextmanager
    def _mapped(self, what: str) -> Iterator[None]:
        try:
            import httpx  # extra
            from label_studio_sdk.core.api_error import ApiError  # extra
        except ImportError as error:
            raise MissingExtra("the Label Studio SDK", "studio") from error
        try:
            yield
        except ApiError as error:
            raise _refusal(self.url, what, error.status_code or 0, body=error.body) from None
        except httpx.ConnectError:
            raise StudioGone(
                f"no Label Studio answers at {self.url}; start it with `pageblocks studio start`, or check the address"
            ) from None
        except httpx.TimeoutException:
            raise StudioGone(
                f"Label Studio at {self.url} did not answer in time ({what}); is it up? then repeat"
            ) from None
        except (httpx.TransportError, httpx.InvalidURL, httpx.TooManyRedirects):
            raise StudioGone(
                f"the connection to Label Studio at {self.url} broke ({what}); repeat the command, nothing is "
                "sent twice"
            ) from None


def connect(url: str | None = None, token: str | None = None, folder: Path | str = server.FOLDER) -> Client:
    """Connect to a server and check the token with one request.

    Parameters
    ----------
    url : str, optional
        Address of the server; by default LABEL_STUDIO_URL, else the embedded server of `folder`.
    token : str, optional
        Personal access token or legacy token; by default LABEL_STUDIO_API_KEY, else the token of the embedded server.
    folder : Path or str, default=".studio"
        Folder of the embedded server.

    Returns
    -------
    Client
        The connection.

    Raises
    ------
    StudioGone
        If no server answers.
    StudioRefused
        If the server refuses the token, which no message contains.
    UsageError
        If there is no token, or the address or token is malformed.
    MissingExtra
        If the SDK of Label Studio is not installed.
    """
    given = url or os.environ.get("LABEL_STUDIO_URL", "")
    key = token or os.environ.get("LABEL_STUDIO_API_KEY", "")
    own = server.status(folder)
    if not given:
        if own is None:
            raise StudioGone(
                f"no Label Studio runs in {folder}; start it with `pageblocks studio start`,"
                " or set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY"
            )
        given, key = own.url, token or own.token
    address = _address(given)
    if not key and own is not None and address == own.url:
        key = own.token  # the folder's token is for the folder's server alone
    key = re.sub(r"^(Token|Bearer)\s+", "", key.strip())
    if not key:
        raise UsageError(f"no token for {address}; set LABEL_STUDIO_API_KEY (in Label Studio: Account & Settings)")
    if not re.fullmatch(r"[!-~]+", key):
        raise UsageError("the token holds characters that no token has; copy it again (Account & Settings)")
    client = Client(address, None)
    with client._mapped("log in"):
        client.sdk = _sdk(address, key)
    try:
        who = client.get("api/current-user/whoami", what="log in")
    except BaseException:
        client.close()
        raise
    client.user = str(who.get("email", "")) if isinstance(who, dict) else ""
    return client


def _sdk(url: str, key: str) -> Any:
    import httpx  # extra
    from label_studio_sdk import LabelStudio  # extra

    local = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    # A local server is reached without a proxy, whatever the environment says.
    line = httpx.Client(timeout=httpx.Timeout(TIMEOUT, connect=10), follow_redirects=True, trust_env=not local)
    return LabelStudio(base_url=url, api_key=key, timeout=TIMEOUT, max_retries=0, httpx_client=line)


def _address(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"{url.split('@')[-1]!r} is not the address of a server; write it like http://localhost:8080")
    if parts.username or parts.password:
        raise UsageError("the address holds a user or password; give the token in LABEL_STUDIO_API_KEY instead")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _body(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        return ""


def _refusal(url: str, what: str, status: int, *, body: Any) -> PageblocksError:
    if status == 401:
        mend = "check LABEL_STUDIO_API_KEY (a legacy token of 40 signs may be switched off there; make a personal one)"
        return StudioRefused(
            f"Label Studio at {url} refuses ({what}): the token is not valid, status 401; {mend}", status=status
        )
    if status == 404:
        return NotInStudio(f"Label Studio at {url} has no such thing ({what}), or this user may not see it")
    if status >= 500:
        # 500, too: a locked SQLite, or a list that was made while another push took tasks away. It passes.
        return StudioGone(
            f"Label Studio at {url} failed ({what}, status {status}); wait a moment and repeat: {_detail(body)}"
        )
    return StudioRefused(f"Label Studio at {url} refuses ({what}, status {status}): {_detail(body)}", status=status)


def _detail(body: Any) -> str:
    """What the server says is wrong, short and on one line."""
    if isinstance(body, dict):
        body = body.get("validation_errors") or body.get("detail") or body
    text = " ".join(str(body).split()) or "it does not say why"
    return text if len(text) <= 300 else text[:300] + " ..."

"""Around every request: the host that was called, headers of every answer, counting, and one line for whatever goes
wrong.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from .errors import Refused, one_line
from .metrics import Metrics

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# For all answers but the two pages, which bring their own.
POLICY = "default-src 'none'; frame-ancestors 'none'"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": POLICY,
}


class Outer:
    """ASGI middleware. `hosts`: names under which the service may be called; empty: any.

    A page on the web can make a browser call 127.0.0.1 under a name of its own ("DNS rebinding") and read the answer;
    the name gives it away.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, hosts: Collection[str], *, paths: Collection[str]) -> None:
        self.app, self.metrics, self.hosts, self.paths = app, metrics, hosts, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                have = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in have),
                ]
            await send(message)

        try:
            if self.hosts and (called := _host(scope)) not in self.hosts:
                refused = Refused(
                    421, f"{called:.100} is not a name of this service; start it with --allow-host to make it one"
                )
                await error(refused)(scope, receive, answer)
                return
            await self.app(scope, receive, answer)
        except Exception as fault:
            if not status:
                why = f"internal error ({type(fault).__name__}); please report it, with the request if you can"
                await error(Refused(500, why))(scope, receive, answer)
            raise  # the server logs it
        finally:
            path = scope["path"] if scope["path"] in self.paths else "other"
            self.metrics.answered(path, status or 499, time.perf_counter() - began)


def error(refused: Refused) -> Any:
    """The JSON response for a refused request."""
    from starlette.responses import JSONResponse  # extra

    return JSONResponse({"error": one_line(str(refused))}, refused.status, refused.headers)


def _host(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            host: str = value.decode("latin-1").lower()
            return host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return ""

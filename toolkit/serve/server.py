"""A process that serves until it is stopped."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from ..errors import MissingExtra, PageblocksError, UsageError
from .settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def serve(
    settings: Settings | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    on_ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve at `host` and `port` (0: any free one) until SIGTERM or SIGINT; requests under way are finished first.

    `on_ready` is called with the address when requests are accepted. Raises MissingExtra where the extra is missing,
    BadModel where the model cannot be opened, PageblocksError where the port is taken.
    """
    try:
        import uvicorn  # extra

        from .app import create_app  # extra
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "serve") from None
    chosen = settings or Settings()
    line = _listen(host, port)
    try:
        app = create_app(chosen)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False,  # addresses that people ask for are theirs
            timeout_graceful_shutdown=round(5 + 4 * chosen.time_limit), timeout_keep_alive=30,
            h11_max_incomplete_event_size=65536, server_header=False,
        )  # fmt: skip

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    shown = f"[{host}]" if ":" in host else host
                    on_ready(f"http://{shown}:{line.getsockname()[1]}")

        # uvicorn raises the signal again when all is done, which would end the process as if it had failed.
        before = signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            Server(config).run(sockets=[line])
        finally:
            signal.signal(signal.SIGTERM, before)
            app.state.gate.close()
    finally:
        line.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=512)
    except OSError as error:
        mend = "; give another --port" if port else ""
        raise PageblocksError(f"cannot listen at {host}:{port}: {error.strerror or error}{mend}") from None
    except OverflowError:
        raise UsageError(f"{port} is not a port; give one from 0 to 65535") from None

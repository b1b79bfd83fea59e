"""The socket of the embedded server."""

from __future__ import annotations

import socket
import time

from ..errors import PageblocksError

HOST = "127.0.0.1"
_BACKLOG = 128


def listen(port: int, patience: float = 0) -> socket.socket:
    """A socket that listens at `port` of this machine, or at the next free one; a busy `port` is tried for `patience`
    seconds.

    It listens from now on, so that no other process can take the port before the server is up.
    """
    deadline = time.monotonic() + patience
    while True:
        for candidate in range(port, min(port + 1000, 65536)):
            found = _listen(candidate)
            if found is not None:
                return found
            if time.monotonic() < deadline:
                break
        else:
            raise PageblocksError(f"no free port from {port} on; give another with --port")
        time.sleep(0.02)


def _listen(port: int) -> socket.socket | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.settimeout(1)
        if s.connect_ex((HOST, port)) == 0:  # on macOS the bind works beside a server that listens at 0.0.0.0
            return None
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of a server that ended do not count
        s.bind((HOST, port))
        s.listen(_BACKLOG)
    except OSError:
        s.close()
        return None
    return s

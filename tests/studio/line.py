"""A bad line: a TCP proxy in front of a server, which cuts, holds or halves what a test tells it to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

Fault = Callable[[str], str]  # request line -> "", "refuse", "lose" (done, but the answer is lost), "halve" or "hang"


class Line:
    """Listens at `url` and passes on to `port` of this machine; `fault` is asked at every request. `asked` are their
    lines.
    """

    def __init__(self, port: int) -> None:
        self.port, self.asked = port, list[str]()
        self.fault: Fault = lambda request: ""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            while head := _head(caller):
                request = head.split(b"\r\n")[0].decode()
                self.asked.append(request)
                fault = self.fault(request)
                if fault == "refuse":
                    return _reset(caller)
                answer = self._ask(head + _body(caller, head))
                if fault == "lose":
                    return _reset(caller)
                if fault == "hang":
                    self._ended.wait()
                    return None
                if fault == "halve":
                    start = answer.index(b"\r\n\r\n") + 4
                    return caller.sendall(answer[: (start + len(answer)) // 2])
                caller.sendall(answer)
        return None

    def _ask(self, request: bytes) -> bytes:
        """The whole answer, up to the end that the server makes of the connection."""
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            end = request.index(b"\r\n\r\n")
            lines = [one for one in request[:end].split(b"\r\n") if not one.lower().startswith(b"connection:")]
            server.sendall(b"\r\n".join([*lines, b"Connection: close"]) + request[end:])
            answer = b""
            while part := server.recv(65536):
                answer += part
        return answer


def _head(line: socket.socket) -> bytes:
    """Up to the empty line, and what came along of the body."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = line.recv(65536)
        if not part:
            return b""
        found += part
    return found


def _body(line: socket.socket, head: bytes) -> bytes:
    """The rest of the body."""
    start = head.index(b"\r\n\r\n") + 4
    lengths = [
        int(one.split(b":")[1]) for one in head[:start].lower().split(b"\r\n") if one.startswith(b"content-length:")
    ]
    left = (lengths[0] if lengths else 0) - (len(head) - start)
    found = b""
    while len(found) < left:
        found += line.recv(65536)
    return found


def _reset(line: socket.socket) -> None:
    """Closed with RST: what was on its way is lost."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

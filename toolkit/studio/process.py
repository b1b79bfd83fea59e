"""The server's own process: Label Studio on a socket that listens already.

Run as a script, without the package: `python -P process.py SOCKET start ...`. SOCKET is the number of the inherited
socket. Label Studio would look for a port itself, and move to the next one without telling; the socket leaves it no
choice.
"""

from __future__ import annotations

import gc
import socket
import sys
from typing import Any


def main() -> Any:
    """Run Label Studio's server on the socket whose file descriptor is the first argument."""
    # A request makes many objects, and the server holds a million that stay: going through these again and again while
    # it decodes JSON took half of its time.
    gc.set_threshold(20_000, 10, 10)
    listening = socket.socket(fileno=int(sys.argv[1]))
    sys.argv = ["label-studio", *sys.argv[2:]]

    from django.core.servers.basehttp import WSGIServer  # extra
    from label_studio import server  # extra

    def server_bind(self: Any) -> None:
        self.socket.close()
        self.socket = listening
        self.server_address = listening.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()

    WSGIServer.server_bind = server_bind
    WSGIServer.server_activate = lambda self: gc.freeze()  # it listens; what was loaded until now stays
    server._get_free_port = lambda port, debug: port  # its check of the port would find this socket
    return server.main()


if __name__ == "__main__":
    sys.exit(main())

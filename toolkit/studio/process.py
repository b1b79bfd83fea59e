"""The server's own process: Label Studio on a socket that listens already.

Run as a script, without the package: `python -P process.py SOCKET start ...`. SOCKET is the number of the inherited
socket. Label Studio would look for a port itself, and move to the next one without telling; the socket leaves it no
choice.

Two things are added to Label Studio, by its own settings: its pages load annotate.js, and its list of tasks has the
columns of the data first.
"""

from __future__ import annotations

import gc
import hashlib
import re
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("annotate.js")
_BUNDLE = re.compile(rb'<script src="[^"]*/react-app/runtime\.js')  # of Label Studio's own scripts the first


def main() -> Any:
    """Run Label Studio's server on the socket whose file descriptor is the first argument."""
    # A request makes many objects, and the server holds a million that stay: going through these again and again while
    # it decodes JSON took half of its time.
    gc.set_threshold(20_000, 10, 10)
    listening = socket.socket(fileno=int(sys.argv[1]))
    sys.argv = ["label-studio", *sys.argv[2:]]

    from django.conf import settings  # extra
    from django.core.handlers.base import BaseHandler  # extra
    from django.core.servers.basehttp import WSGIServer  # extra
    from label_studio import server  # extra

    def server_bind(self: Any) -> None:
        self.socket.close()
        self.socket = listening
        self.server_address = listening.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()

    load_middleware = BaseHandler.load_middleware

    def load_more(self: Any, *args: Any, **more: Any) -> None:
        if f"{__name__}.with_script" not in settings.MIDDLEWARE:
            settings.MIDDLEWARE.insert(0, f"{__name__}.with_script")
            settings.DATA_MANAGER_GET_ALL_COLUMNS = f"{__name__}.columns"
        load_middleware(self, *args, **more)

    BaseHandler.load_middleware = load_more
    WSGIServer.server_bind = server_bind
    WSGIServer.server_activate = lambda self: gc.freeze()  # it listens; what was loaded until now stays
    server._get_free_port = lambda port, debug: port  # its check of the port would find this socket
    return server.main()


def with_script(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Django's middleware that serves annotate.js, and has it loaded before Label Studio's own scripts."""
    from django.http import HttpResponse  # extra

    script = _SCRIPT.read_bytes()
    path = f"/pageblocks-{hashlib.sha256(script).hexdigest()[:12]}.js"
    tag = f'<script src="{path}"></script>\n'.encode()

    def respond(request: Any) -> Any:
        if request.path == path:
            headers = {"Cache-Control": "public, max-age=31536000, immutable"}
            return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers=headers)
        response = get_response(request)
        page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
        if page and tag not in response.content:
            response.content = _BUNDLE.sub(lambda found: tag + found[0], response.content, count=1)
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response

    return respond


def columns(project: Any, *rest: Any) -> Any:
    """The columns of the list of tasks, those of the data (title, address) first."""
    from django.utils.module_loading import import_string  # extra

    found = import_string("data_manager.functions.get_all_columns")(project, *rest)
    found["columns"].sort(key=lambda column: "data" not in (column["id"], column.get("parent")))
    return found


if __name__ == "__main__":
    sys.exit(main())

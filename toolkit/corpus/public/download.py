"""An archive from the network into a file: never larger than said, never less than all of it."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib import request
from urllib.error import HTTPError, URLError

from ...errors import BadInput
from ...support.text import counted

SECONDS = 60.0  # of silence
_PIECE = 1 << 18


class _Redirects(request.HTTPRedirectHandler):
    """Follows redirects, but from https to https only."""

    def redirect_request(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise BadInput(
                f"{req.full_url}: redirects from https to {newurl:.200}, which is refused; check the address"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(url: str, path: Path, largest: int, *, on_bytes: Callable[[int, int | None], object] | None = None) -> str:
    """Fetch `url` into the file `path`; its SHA-256. `on_bytes(more, total)` is called for each piece.

    Raises BadInput for an answer of more than `largest` bytes, one that breaks off, and any error of the
    network.
    """
    # No file:, ftp: or data: handlers, whatever a recipe or a redirect says.
    opener = request.OpenerDirector()
    for handler in (request.ProxyHandler, request.HTTPHandler, request.HTTPSHandler, _Redirects,
                    request.HTTPDefaultErrorHandler, request.HTTPErrorProcessor, request.UnknownHandler):  # fmt: skip
        opener.add_handler(handler())
    digest, size = hashlib.sha256(), 0
    try:
        with opener.open(request.Request(url, headers={"User-Agent": "pageblocks"}), timeout=SECONDS) as answer:
            said = answer.headers.get("Content-Length")
            total = int(said) if said and said.isdigit() else None
            with open(path, "wb") as file:
                while piece := answer.read(_PIECE):
                    size += len(piece)
                    if size > largest:
                        raise BadInput(f"{url}: more than {largest >> 20} MiB; this is not the expected archive")
                    digest.update(piece)
                    file.write(piece)
                    if on_bytes is not None:
                        on_bytes(len(piece), total)
            if total is not None and size < total:
                raise BadInput(f"{url}: the answer broke off after {size:,} of {counted(total, 'byte')}; try again")
    except HTTPError as error:
        with error:
            raise BadInput(f"{url}: the server answered {error.code} {error.reason}; check the address") from error
    except (URLError, OSError, http.client.HTTPException, ValueError) as error:
        why = " ".join(str(getattr(error, "reason", None) or error).split()) or type(error).__name__
        raise BadInput(
            f"{url}: cannot be fetched ({why:.200}); try again, or give a folder that has it with --mirror"
        ) from error
    return digest.hexdigest()

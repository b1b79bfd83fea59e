"""The classifier behind HTTP: one command, one page in the browser.

Requests are read by one process (FastAPI, uvicorn) and pages are labelled by others, so that it answers while it works.
"""

from __future__ import annotations

from .server import serve
from .settings import Settings

__all__ = ["Settings", "serve"]

"""A browser tab in which an annotator works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest


@pytest.fixture
def tab(chromium: Any, studio: Any) -> Iterator[Any]:
    """A logged-in tab that notes every request to another host and every dialog."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.foreign, page.dialogs = [], []
    own = urlsplit(studio.url).netloc

    def note(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != own:
            page.foreign.append(request.url)

    def dismiss(dialog: Any) -> None:
        page.dialogs.append(dialog.message)
        dialog.dismiss()

    context.on("request", note)
    page.on("dialog", dismiss)
    page.goto(f"{studio.url}/user/login/")
    page.fill("input[name=email]", studio.user)
    page.fill("input[name=password]", studio.password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
    page.foreign.clear()  # the log-in page is Label Studio's own affair
    yield page
    context.close()

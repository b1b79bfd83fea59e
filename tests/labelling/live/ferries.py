"""Pages of one kind, with their labels, for tests that train a model in a second."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toolkit.page import Page
from toolkit.scheme import Scheme

ROOT = Path(__file__).parents[3]
SCHEME = Scheme.default()
NAMES = SCHEME.names
LOCK = ("label-studio", "geheim:1")
TEXT = "The ferry number {i} left the harbour on Monday night with forty people, said the captain of the harbour."
BODY = (
    "<nav><a href=/>Home</a> <a href=/n>News {i}</a></nav><h1>Ferry {i} sails again</h1>"
    "<p>{text}</p><p>It was late. {text}</p><figure><img src=x><figcaption>Photo {i}: Ida Lund</figcaption></figure>"
    "<div class=donate><p>Give money, reader {i}</p></div><form><input placeholder='Your mail "
    "{i}'><button>Send</button></form>"
)
LABELS = ["sidebar", "article", "article", "article", "caption", "appeal", "form", "form"]


def page(i: int) -> Page:
    html = f"<!doctype html><title>Ferry {i}</title>" + BODY.format(i=i, text=TEXT.format(i=i))
    return Page(f"page-{i}", f"page-{i}.html", html.encode(), url=f"https://site{i}.example/a")


def asked(*items: Any, config: str = "") -> dict[str, Any]:
    return {
        "tasks": list(items),
        "label_config": config or SCHEME.label_studio_config(),
        "project": "1.1",
        "params": {},
    }


def until(what: Callable[[], Any]) -> Any:
    """Its answer, once it has one. pytest's own time-out ends a wait that has no end."""
    while not (found := what()):
        time.sleep(0.1)
    return found


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PAGEBLOCKS_BACKEND_PASSWORD": LOCK[1]}

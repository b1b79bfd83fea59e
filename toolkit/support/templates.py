"""HTML from templates: text in it is escaped, and a policy can name the style and script that may run."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


def template(folder: Path, name: str) -> Template:
    """A template that escapes all values and refuses undefined ones."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # start-up

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def policy_hash(text: str) -> str:
    """The source expression by which a Content-Security-Policy allows exactly this style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

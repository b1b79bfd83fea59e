"""The two pages for people: the one that shows a page's blocks, and the description of the service.

Each is one answer: style and script are in it and nothing else is loaded. The policy allows exactly these
texts.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from ..scheme import Scheme, contrast
from .settings import Settings

_TEMPLATES = Path(__file__).parent / "templates"
# For labels of other schemes: the colours of the default scheme come first where its names are used.
_MORE = ("#2EA86E", "#C77700", "#D6409F", "#3E63DD", "#7A8594", "#0E9AA7", "#B5651D", "#8E4EC6", "#A0A000", "#E5484D")


def front_page(labels: list[str], settings: Settings) -> tuple[str, str]:
    """The page at `/` and its content-security policy."""
    scheme = Scheme.default()
    shown = []
    spare = iter(_MORE)
    used = {scheme.color(name) for name in labels if name in scheme.names}
    for name in sorted(
        labels, key=lambda name: scheme.names.index(name) if name in scheme.names else len(scheme.names)
    ):
        known = name in scheme.names
        color = scheme.color(name) if known else next((c for c in spare if c not in used), "#7A8594")
        shown.append({"name": name, "about": scheme[name].definition if known else "", "color": color})
    colors = "".join(f".l{k}{{--c:{label['color']};--t:{_ink(label['color'])}}}\n" for k, label in enumerate(shown))
    return _render("page", colors, labels=shown, most=settings.max_bytes)


def docs_page(openapi: dict[str, Any], address: str) -> tuple[str, str]:
    """The page at `/docs`, made from the OpenAPI description, and its policy. `address`: where the service was
    asked.
    """
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    return _render("docs", "", operations=operations, info=openapi["info"], address=address)


def _ink(color: str) -> str:
    return "#000000" if contrast(color, "#000000") >= contrast(color, "#FFFFFF") else "#FFFFFF"


def _render(name: str, more_css: str, **values: Any) -> tuple[str, str]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # start-up
    from markupsafe import Markup  # start-up

    css = (_TEMPLATES / "page.css").read_text("utf-8") + more_css
    path = _TEMPLATES / f"{name}.js"
    script = path.read_text("utf-8") if path.exists() else ""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template(f"{name}.html").render(css=Markup(css), script=Markup(script), **values)
    policy = (
        f"default-src 'none'; style-src {_hash(css)}; script-src "
        f"{_hash(script) if script else chr(39) + 'none' + chr(39)}; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text, policy


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

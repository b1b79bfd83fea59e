"""The two pages for people: the one that shows a page's blocks, and the description of the service.

Each is one answer: style and script are in it and nothing else is loaded. The policy allows exactly these
texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..scheme import Scheme, text_color_on
from ..support.templates import policy_hash, template
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
    colors = "".join(
        f".l{k}{{--c:{label['color']};--t:{text_color_on(label['color'])}}}\n" for k, label in enumerate(shown)
    )
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


def _render(name: str, more_css: str, **values: Any) -> tuple[str, str]:
    from markupsafe import Markup  # start-up

    css = (_TEMPLATES / "page.css").read_text("utf-8") + more_css
    path = _TEMPLATES / f"{name}.js"
    script = path.read_text("utf-8") if path.exists() else ""
    text = template(_TEMPLATES, f"{name}.html").render(css=Markup(css), script=Markup(script), **values)
    none = "'none'"
    policy = (
        f"default-src 'none'; style-src {policy_hash(css)}; script-src "
        f"{policy_hash(script) if script else none}; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text, policy

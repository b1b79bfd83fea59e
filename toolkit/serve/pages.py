"""The two pages for people: the one that shows a page's blocks, and the description of the service.

Each is one answer: style and script are in it and nothing else is loaded. The policy allows exactly these
texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..scheme import Scheme, text_color_on
from ..support.templates import policy_hash, template

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = {"page": ("store.js", "marks.js", "help.js", "page.js")}


def front_page(scheme: Scheme, labels: list[str], model: str, *, most: int) -> tuple[str, str]:
    """The page at `/` and its content-security policy.

    `labels`: those of the model, which suggests no others; `most`: bytes that a page may have.
    """
    colors = "".join(f".l{k}{{--c:{x.color};--t:{text_color_on(x.color)}}}\n" for k, x in enumerate(scheme.labels))
    suggests = set(labels) <= set(scheme.names)
    return _render(
        "page", colors, scheme=scheme.model_dump(), id=scheme.id, model=model if suggests else "",
        most=most,
    )  # fmt: skip


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
    script = "".join((_TEMPLATES / file).read_text("utf-8") for file in _SCRIPTS.get(name, ()))
    text = template(_TEMPLATES, f"{name}.html").render(css=Markup(css), script=Markup(script), **values)
    none = "'none'"
    policy = (
        f"default-src 'none'; style-src {policy_hash(css)}; script-src "
        f"{policy_hash(script) if script else none}; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text, policy

"""The Python reference, generated from signatures and docstrings."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

from numpydoc.docscrape import NumpyDocString

import pageblocks

HEAD = """# Python API

This page is generated from the code. `import pageblocks` is fast: each name is loaded when it is first used. Bad input
raises a subclass of `pageblocks.PageblocksError` (see `pageblocks.errors`); its message says what is wrong, where, and
how to fix it.

The names on this page are stable. The code is in the package `toolkit`, which gives the same objects; other names of
`toolkit` may change.

"""


def page() -> str:
    parts, described = [], {}
    for module in _modules():
        try:
            home = importlib.import_module(module)
        except ImportError:  # an extra that is not installed
            parts.append(
                f"## {module}\n\nNot described here: its extra was not installed when this page was generated.\n"
            )
            continue
        parts.append(f"## {module}\n\n{_text(home.__doc__)}\n")
        for name in home.__all__:
            thing = getattr(home, name)
            if inspect.ismodule(thing) or name.startswith("__"):
                continue
            if (first := described.setdefault(id(thing), f"{module}.{name}")) == f"{module}.{name}":
                parts.append(_thing(first, thing))
            else:
                parts.append(f"### {module}.{name}\n\nThe same as `{first}`.\n")
    return HEAD + "\n".join(parts)


def _modules() -> list[str]:
    """The public modules; packages that only hold others have nothing of their own to show."""
    found = ["pageblocks"]
    for module in pkgutil.walk_packages(pageblocks.__path__, "pageblocks."):
        if not module.ispkg and not module.name.endswith("__main__"):
            found.append(module.name)
    return found


def _thing(name: str, thing: Any) -> str:
    if not callable(thing):
        return f"### {name}\n\n`{_value(thing)}`\n"
    if not inspect.isclass(thing):
        return f"### {name}\n\n{_signature(name, thing)}{_text(_doc(thing))}\n"
    lines = [f"### {name}\n", _signature(name, thing) + _text(_doc(thing)), ""]
    for word, kind, member in _members(thing):
        text = _text(_doc(member))
        if kind == "property":
            lines.append(f"**`.{word}`** {text}\n")
        else:
            lines.append(f"**`.{word}`**\n\n{_signature(f'{thing.__name__}.{word}', member)}{text}\n")
    return "\n".join(lines)


def _members(thing: type) -> Iterator[tuple[str, str, Any]]:
    """Public methods and properties of the class, and of those of this project that it inherits from."""
    ours = [base for base in thing.__mro__ if base.__module__.startswith("toolkit.")]
    members = {word: member for base in reversed(ours) for word, member in vars(base).items()}
    for word, member in members.items():
        kind = "method"
        if isinstance(member, (staticmethod, classmethod)):
            member = member.__func__
        elif isinstance(member, property) or type(member).__name__ == "cached_property":
            member, kind = getattr(member, "fget", None) or getattr(member, "func", None), "property"
        if word.startswith("_") or not inspect.isfunction(member) or not member.__doc__:
            continue
        if member.__module__.startswith("toolkit."):  # pydantic puts methods of its own into the class
            yield word, kind, member


def _signature(name: str, thing: Any) -> str:
    """The call as a code block, one parameter per line if it is long; nothing for exceptions."""
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return ""
    signature = inspect.signature(thing)
    parts, starred = [], False
    for p in signature.parameters.values():
        if p.name in ("self", "cls") and not parts:
            continue
        if p.kind is p.KEYWORD_ONLY and not starred:
            parts.append("*")
        starred = starred or p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        hint = "" if p.annotation is p.empty else f": {_hint(p.annotation)}"
        default = "" if p.default is p.empty else f" = {_value(p.default)}"
        parts.append(f"{stars}{p.name}{hint}{default}")
    answer = signature.return_annotation
    gives = "" if inspect.isclass(thing) or answer is signature.empty else f" -> {_hint(answer)}"
    whole = f"{name}({', '.join(parts)}){gives}"
    if len(whole) > 90:
        whole = f"{name}(\n    " + ",\n    ".join(parts) + f",\n){gives}"
    return f"```python\n{whole}\n```\n\n"


def _value(default: Any) -> str:
    # The repr of a factory or an object would show a memory address.
    shown = repr(default)
    return shown if len(shown) < 40 and "<" not in shown else "..."


def _hint(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:\w+\.)+(?=[A-Z])", "", text)


def _doc(thing: Any) -> str:
    own = thing.__doc__ or ""
    # A dataclass without a docstring gets its signature as one.
    return "" if inspect.isclass(thing) and own.startswith(f"{thing.__name__}(") else own


def _text(docstring: str | None) -> str:
    """A numpydoc docstring as Markdown: its lists of parameters, results and errors become tables."""
    doc = NumpyDocString(inspect.cleandoc(docstring or ""))
    parts = [_prose(doc["Summary"]), _prose(doc["Extended Summary"])]
    parts += [_table(title, doc[title]) for title in ("Parameters", "Attributes", "Returns", "Yields", "Raises")]
    parts += [_prose(doc["Notes"]), _prose(doc["Examples"])]
    return "\n\n".join(part for part in parts if part)


def _table(title: str, entries: list[Any]) -> str:
    if not entries:
        return ""
    rows = [f"| **{title}** | Type | |\n|---|---|---|"]
    for name, kind, text in entries:
        # An entry of Returns or Raises without a name is parsed as a type alone.
        cells = (f"`{name}`" if name else "", f"`{kind}`" if kind else "", _plain(" ".join(text)))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _prose(lines: list[str]) -> str:
    """Text as Markdown: examples become code, what a browser would take for a tag stays text."""
    text = "\n".join(lines).strip()
    parts = re.split(r"((?:^>>> .*\n?(?:^(?!>>>)\S.*\n?)*)+)", text, flags=re.M)
    parts = [f"\n```python\n{p.rstrip()}\n```\n" if p.startswith(">>>") else _plain(p) for p in parts]
    return "".join(parts)


def _plain(text: str) -> str:
    # Aligned columns (a list of files, say) would run together as a paragraph.
    blocks = []
    for block in text.split("\n\n"):
        columns = [bool(re.search(r"\S {2,}\S", line)) for line in block.splitlines()]
        fenced = len(columns) > 1 and sum(columns) > len(columns) / 2
        shown = "".join(p if i % 2 else p.replace("<", "&lt;") for i, p in enumerate(re.split(r"(`[^`]*`)", block)))
        blocks.append(f"```text\n{block}\n```" if fenced else shown)
    return "\n\n".join(blocks)

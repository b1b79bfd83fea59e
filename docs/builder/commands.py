"""The reference of all commands, generated from the command line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer.main

from toolkit.cli import app

HEAD = """# Commands

This page is generated from the command line; `pageblocks COMMAND --help` prints the same text. Results are written to
stdout, messages to stderr. The exit status is 0 for success, 1 for failure, 2 for a usage error, and 130 after Ctrl-C.

"""


def page() -> str:
    return HEAD + "\n".join(
        _command(name, command) for name, command in _leaves(typer.main.get_command(app), "pageblocks")
    )


def _leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from _leaves(child, f"{name} {word}") if hasattr(child, "commands") else [(f"{name} {word}", child)]


def _command(name: str, command: Any) -> str:
    context = command.context_class(command, info_name=name)
    lines = [
        f"## {name}",
        "",
        inspect.cleandoc(command.help or ""),
        "",
        "```text",
        f"{name} {' '.join(command.collect_usage_pieces(context))}",
        "```",
        "",
    ]
    rows = [
        _row(parameter, context) for parameter in command.params if parameter.name != "help" and not parameter.hidden
    ]
    if rows:
        lines += [*rows, ""]
    examples = [line.strip() for line in (command.epilog or "").splitlines() if line.strip().startswith("pageblocks")]
    if examples:
        lines += ["```sh", *examples, "```", ""]
    return "\n".join(lines)


def _row(parameter: Any, context: Any) -> str:
    """A list item, because a table does not fit on a phone."""
    names, what = parameter.get_help_record(context)
    what, _, extra = what.partition("  [")
    default = re.search(r"default: ([^;\]]+)", extra)
    limits = [part for part in extra.rstrip("]").split("; ") if part and not part.startswith(("default:", "required"))]
    notes = [
        f"default: `{default[1]}`" if default else "required" if "required" in extra else "",
        *(f"`{x}`" for x in limits),
    ]
    note = ", ".join(filter(None, notes))
    return f"- `{names}`: {_plain(what)}{f' ({note})' if note else ''}"


def _plain(text: str) -> str:
    return re.sub(r"([*_<\[])", r"\\\1", " ".join(text.split()))

"""Usage and options of every command, for the pages in docs/commands.

A page there has a section `## pageblocks COMMAND` for each of its commands, with examples. The options are written
below them from the command line, so that they cannot be out of date.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer.main

from toolkit.cli import app

_SECTION = re.compile(r"^## (pageblocks .+)\n", re.M)


def check(pages: Iterable[Path]) -> list[str]:
    """What is wrong with the sections of the pages: commands without one, with two, or sections of no command."""
    known = {name for name, _ in _leaves(typer.main.get_command(app), "pageblocks")}
    found = [name for page in pages for name in _SECTION.findall(page.read_text("utf-8"))]
    return [
        *(
            f"{name} has no section; add `## {name}` with an example to a page of docs/commands"
            for name in sorted(known - {*found})
        ),
        *(
            f"docs/commands has a section `## {name}`, but there is no such command"
            for name in sorted({*found} - known)
        ),
        *(f"docs/commands has two sections `## {name}`" for name in sorted({*found}) if found.count(name) > 1),
    ]


def with_options(text: str) -> str:
    """The page with usage and options of each command at the end of its section."""
    known = dict(_leaves(typer.main.get_command(app), "pageblocks"))
    parts = _SECTION.split(text)
    made = [parts[0]]
    for name, section in zip(parts[1::2], parts[2::2], strict=True):
        made.append(f"## {name}\n{section.rstrip()}\n\n{_options(name, known[name])}\n")
    return "".join(made)


def _leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, child in getattr(command, "commands", {}).items():
        if not child.hidden:
            yield from _leaves(child, f"{name} {word}") if hasattr(child, "commands") else [(f"{name} {word}", child)]


def _options(name: str, command: Any) -> str:
    context = command.context_class(command, info_name=name)
    rows = [
        _row(parameter, context) for parameter in command.params if parameter.name != "help" and not parameter.hidden
    ]
    usage = f"{name} {' '.join(command.collect_usage_pieces(context))}"
    lines = ["**Usage**", "", "```text", usage, "```", "", *_help(command), *rows, ""]
    return "\n".join(lines)


def _help(command: Any) -> Iterator[str]:
    """The help text without its first sentence, which the section says in other words."""
    _, _, rest = inspect.cleandoc(command.help or "").partition("\n\n")
    for paragraph in filter(None, rest.split("\n\n")):
        yield from (_plain(paragraph), "")


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

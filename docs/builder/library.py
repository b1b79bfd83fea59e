"""The Python reference, generated from signatures and docstrings: one page per public module."""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin

from docstring import to_markdown

import pageblocks

HEAD = """# Python reference

These pages are generated from the code. `import pageblocks` is fast: each name is loaded when it is first used. Bad
input raises a subclass of `pageblocks.PageblocksError`; its message says what is wrong, where, and how to fix it.

The names on these pages are stable. The code is in the package `toolkit`, which gives the same objects; other names of
`toolkit` may change. [Types in the Python reference](../../docs/types.md) explains names such as `OnError`.

"""
TYPES = Path(__file__).parent.parent / "types.md"
# Types of Python itself that signatures name.
_PYTHON = {"Any", "BinaryIO", "Counter", "False", "Literal", "None", "Path", "Self", "True", *collections.abc.__all__}


def pages() -> dict[str, str]:
    """The pages by the name of their file: index.md, and one for each module."""
    homes = {module: _home(module) for module in _modules()}
    places = _places(homes)
    rows = ["| module | |", "|---|---|"]
    made = {}
    for module, home in homes.items():
        if module != "pageblocks":
            rows.append(f"| [{module}]({module}.md) | {_summary(home)} |")
        made[_file(module)] = _module(module, home, places)
    index = made["index.md"]
    index = index[index.index("\n## ") :]  # what the module says of itself is in HEAD
    return made | {"index.md": HEAD + index + "\n## Modules\n\n" + "\n".join(rows) + "\n"}


def unexplained() -> list[str]:
    """Names of types in signatures that have no section, no row in docs/types.md, and no docstring of their own."""
    return sorted(_unlisted() - _records().keys())


def types(text: str) -> str:
    """The text of docs/types.md with the classes that signatures name and that have no section."""
    rows = [f"| `{name}` | {_summary(thing)} |" for name, thing in sorted(_records().items())]
    return text + "\n## Other records\n\n| name | what it is |\n|---|---|\n" + "\n".join(rows) + "\n" if rows else text


def _unlisted() -> set[str]:
    explained = set(re.findall(r"`([A-Z]\w+)`", TYPES.read_text("utf-8"))) | _PYTHON
    explained |= {name.rpartition(".")[2] for name in _places({module: _home(module) for module in _modules()})}
    signatures = re.findall(r"^```python\n(\w[^`]*)^```", "".join(pages().values()), re.M)
    return {name for one in signatures for name in re.findall(r"(?<!['\w])[A-Z]\w+", one)} - explained


def _records() -> dict[str, type]:
    """The classes of the project among the unlisted names."""
    loaded = [module for name, module in sorted(sys.modules.items()) if name.startswith("toolkit.")]
    found = {}
    for name in _unlisted():
        things = [getattr(module, name, None) for module in loaded]
        for thing in things:
            if inspect.isclass(thing) and thing.__module__.startswith("toolkit.") and thing.__doc__:
                found.setdefault(name, thing)
    return found


def _modules() -> list[str]:
    """The public modules; packages that only hold others have nothing of their own to show."""
    found = ["pageblocks"]
    for module in pkgutil.walk_packages(pageblocks.__path__, "pageblocks."):
        if not module.ispkg and not module.name.endswith("__main__"):
            found.append(module.name)
    return found


def _file(module: str) -> str:
    return "index.md" if module == "pageblocks" else f"{module}.md"


def _home(module: str) -> ModuleType | None:
    try:
        return importlib.import_module(module)
    except ImportError:  # an extra that is not installed
        return None


def _names(home: ModuleType) -> Iterator[tuple[str, Any]]:
    for name in home.__all__:
        thing = getattr(home, name)
        if not inspect.ismodule(thing) and not name.startswith("__"):
            yield name, thing


def _places(homes: dict[str, ModuleType | None]) -> dict[str, tuple[str, int]]:
    """Full name -> the file that describes it, and the identity of the thing; a thing has its first name."""
    found: dict[str, tuple[str, int]] = {}
    described: set[int] = set()
    for module, home in homes.items():
        for name, thing in _names(home) if home else ():
            if id(thing) not in described:
                described.add(id(thing))
                found[f"{module}.{name}"] = (_file(module), id(thing))
    return found


def _summary(home: ModuleType | type | None) -> str:
    return " ".join(inspect.getdoc(home).partition("\n\n")[0].split()) if home else "needs an extra"


def _module(module: str, home: ModuleType | None, places: dict[str, tuple[str, int]]) -> str:
    if home is None:
        return f"# {module}\n\nNot described here: its extra was not installed when this page was generated.\n"
    first = {identity: name for name, (_, identity) in places.items()}

    def link(word: str) -> str:
        for name, (file, _) in places.items():
            if name.rpartition(".")[2] == word and (word[0].isupper() or name == word):
                return f"{file}#{_anchor(name)}"
        return ""

    parts = [f"# {module}\n\n{to_markdown(home.__doc__, link)}\n"]
    for name, thing in _names(home):
        if (known := first[id(thing)]) == f"{module}.{name}":
            parts.append(_thing(known, thing, link))
        else:
            parts.append(f"## {module}.{name}\n\nThe same as [{known}]({places[known][0]}#{_anchor(known)}).\n")
    return "\n".join(parts)


def _anchor(heading: str) -> str:
    """How the site calls the anchor of a heading."""
    return re.sub(r"[^\w\s-]", "", heading).strip().lower()


def _thing(name: str, thing: Any, link: Callable[[str], str]) -> str:
    if not callable(thing):
        return f"## {name}\n\n`{_value(thing)}`\n"
    if not inspect.isclass(thing):
        return f"## {name}\n\n{_signature(name, thing)}{to_markdown(_doc(thing), link)}\n"
    lines = [f"## {name}\n", _signature(name, thing) + to_markdown(_doc(thing), link), ""]
    for word, kind, member in _members(thing):
        text = to_markdown(_doc(member), link)
        if kind == "property":
            lines.append(f"### .{word}\n\n{text}\n")
        else:
            lines.append(f"### .{word}\n\n{_signature(f'{thing.__name__}.{word}', member)}{text}\n")
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
    shown = repr(str(default) if isinstance(default, Path) else default)
    return shown if len(shown) < 40 and "<" not in shown else "..."


def _hint(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(_unannotated(annotation))
    return re.sub(r"\b(?:\w+\.)+(?=[A-Z])", "", text)


def _unannotated(annotation: Any) -> Any:
    """The type without what pydantic checks."""
    if get_origin(annotation) is Annotated:
        return _unannotated(get_args(annotation)[0])
    if (origin := get_origin(annotation)) in (list, dict, tuple):
        return origin[tuple(map(_unannotated, get_args(annotation)))]
    return annotation


def _doc(thing: Any) -> str:
    own = thing.__doc__ or ""
    # A dataclass without a docstring gets its signature as one.
    return "" if inspect.isclass(thing) and own.startswith(f"{thing.__name__}(") else own

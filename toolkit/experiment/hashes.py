"""What a result depends on, as hashes: settings, code, data, and the versions of what did the sums."""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .. import __version__

_TOOLKIT = Path(__file__).parents[1]
# Where each step begins; what these modules import counts, too, and what that imports.
READING = ("standoff", "segment", "corpus.public.pages")
LEARNING = ("experiment.folds", "experiment.without", "experiment.parts")
MEASURING = ("experiment.measure",)
_DATA = ("data/words.toml", "data/pitches.toml", "data/word_vectors.npz")  # read by the features and by the model


def hash_value(value: Any) -> str:
    """Sixteen hex digits of anything that JSON can hold; the order of keys does not count."""
    raw = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(raw.encode()).hexdigest()[:16]


def file_hash(path: Path) -> str:
    """The SHA-256 of a file, as hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def code(roots: tuple[str, ...] = (*READING, *LEARNING, *MEASURING)) -> str:
    """A hash of these modules of the toolkit and of all that they import; comments, docstrings and layout do not count.

    Raises FileNotFoundError for a module that is not there.
    """
    files = [[path.relative_to(_TOOLKIT).as_posix(), _meaning(path)] for path in closure(roots)]
    return hash_value([files, [[name, file_hash(_TOOLKIT / name)] for name in _DATA]])


def closure(roots: tuple[str, ...]) -> list[Path]:
    """The source files that are run when these modules are imported and used, sorted.

    Imports inside functions count; those under `if TYPE_CHECKING` do not, as nothing of them runs.
    `toolkit/__init__.py` is left out: it names every public module.
    """
    found: set[Path] = set()
    waiting = [_file(root.split(".")) for root in roots]
    while waiting:
        path = waiting.pop()
        if path is None:
            raise RuntimeError(f"a module of {', '.join(roots)} is not in {_TOOLKIT}")
        if path in found:
            continue
        found.add(path)
        waiting += [file for file in _imported(path) if file not in found]
    return sorted(found)


def _imported(path: Path) -> Iterator[Path]:
    package = list(path.relative_to(_TOOLKIT).parent.parts)
    for depth in range(1, len(package) + 1):  # a package runs before what is in it
        yield _TOOLKIT.joinpath(*package[:depth], "__init__.py")
    for node in _running(ast.parse(path.read_bytes())):
        if not isinstance(node, ast.ImportFrom) or node.level == 0:
            continue
        base = [*package[: len(package) + 1 - node.level], *(node.module or "").split(".")]
        base = [part for part in base if part]
        for name in node.names:
            if file := _file([*base, name.name]) or (_file(base) if base else None):
                yield file


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        yield from _running(node)


def _file(parts: list[str]) -> Path | None:
    path = _TOOLKIT.joinpath(*parts)
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _meaning(path: Path) -> str:
    """The source without what changes no answer."""
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            node.body = node.body[ast.get_docstring(node) is not None :]
    return ast.dump(tree)


@cache
def _versions() -> dict[str, str]:
    import numpy  # start-up
    import scipy  # start-up
    import sklearn  # start-up

    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "pageblocks": __version__,
    }


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that compute."""
    return dict(_versions())

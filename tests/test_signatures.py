"""A call of a public function says what its arguments are: no more than three are given by position."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import typer

from toolkit.cli import app

ROOT = Path(__file__).parents[1]


def commands(group: typer.Typer) -> Iterator[tuple[str, str]]:
    """Module and name of the functions behind the commands: Typer reads their options by name."""
    for command in group.registered_commands:
        if command.callback is not None:
            yield command.callback.__module__, command.callback.__name__
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from commands(inner.typer_instance)


def functions(node: ast.AST, inside: ast.ClassDef | None = None) -> Iterator[tuple[ast.FunctionDef, bool]]:
    """The public functions and methods below `node`, each with whether it is a method."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            if not child.name.startswith("_"):
                yield from functions(child, child)
        elif isinstance(child, ast.FunctionDef):
            if not child.name.startswith("_") or child.name == "__init__":
                yield child, inside is not None
        else:
            yield from functions(child, inside)


def test_no_public_function_takes_more_than_three_arguments_by_position() -> None:
    exempt = set(commands(app))
    assert ("toolkit.cli.classify", "classify") in exempt
    found = []
    for path in sorted((ROOT / "toolkit").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for function, method in functions(ast.parse(path.read_text("utf-8"))):
            static = any(ast.unparse(decorator) == "staticmethod" for decorator in function.decorator_list)
            positional = [*function.args.posonlyargs, *function.args.args][method and not static :]
            if len(positional) > 3 and (module, function.name) not in exempt:
                found.append(f"{path.relative_to(ROOT)}:{function.lineno} {function.name}")
    assert found == []

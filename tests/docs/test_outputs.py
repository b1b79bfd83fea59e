"""The output below an example in the documentation is what the example prints."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = [f"docs/commands/{name}.md" for name in ("pages", "corpora", "gold", "models", "experiments")]
PYTHON = ["docs/explain.md", "docs/pandas.md", "docs/scikit-learn.md"]
NEEDED = {"docs/pandas.md": ("duckdb", "polars")}  # of the extra `test`
PAGES = [
    "README.md",
    "docs/quickstart.md",
    "docs/tutorial.md",
    "docs/troubleshooting.md",
    "docs/without-label-studio.md",
    *COMMANDS,
    *PYTHON,
]


def _runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("doc_examples", ROOT / "docs/builder/examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


RUNNER = _runner()


def compare(name: str, folder: Path) -> None:
    compared = 0
    for example, printed in RUNNER.runs(ROOT / name, folder):
        if example.shown is not None:
            assert RUNNER.same(example.shown, printed), f"{name}:{example.line} shows\n{example.shown}not\n{printed}"
            compared += 1
    assert compared


@pytest.mark.parametrize("name", PAGES)
def test_what_is_shown_is_what_is_printed(name: str, tmp_path: Path) -> None:
    RUNNER.furnish(tmp_path)
    compare(name, tmp_path)


@pytest.mark.studio
def test_what_is_shown_of_label_studio(studio_folder: Path, tmp_path: Path) -> None:
    RUNNER.furnish(tmp_path)
    studio_folder.rename(tmp_path / ".studio")
    try:
        compare("docs/commands/studio.md", tmp_path)
    finally:
        RUNNER.run_shell("pageblocks studio stop", tmp_path)


@pytest.mark.parametrize(
    ("shown", "printed", "equal"),
    [
        ("one\ntwo\n", "one\ntwo\n", True),
        ("one\n", "one\ntwo\n", False),
        ("one\n...\nfour\n", "one\ntwo\nthree\nfour\n", True),
        ("one\n...\n", "one\ntwo\n", True),
        ("one ... s\n", "one 2.5 s\n", True),
        ("one ... s\n", "one\n2.5 s\n", False),
        ("a.b\n", "axb\n", False),
        ("...\n", "", True),
        ("F1 0.754\n", "F1 0.755\n", True),
        ("F1 0.754\n", "F1 0.790\n", False),
        ("52 pages, 0.5 s ... x\n", "52 pages, 0.5 s and 1.0 x\n", True),
        ("52 pages\n", "53 pages\n", False),
    ],
)
def test_how_output_is_compared(shown: str, printed: str, equal: bool) -> None:
    assert RUNNER.same(shown, printed) is equal

"""Python examples: what a page shows below them is what they print, and they pass the strict checks of mypy."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PRINTED = ["docs/explain.md", "docs/pandas.md", "docs/scikit-learn.md"]
DOCS = sorted(path for pattern in ("*.md", "docs/*.md", "labels/**/*.md") for path in ROOT.glob(pattern))


@pytest.fixture(scope="module")
def examples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("printed", ROOT / "docs/builder/printed.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def missing(code: str) -> list[str]:
    """Packages that the code imports and that are not installed."""
    nodes = list(ast.walk(ast.parse(code)))
    names = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return sorted(name for name in {name.split(".")[0] for name in names} if importlib.util.find_spec(name) is None)


def codes(examples: ModuleType, path: Path) -> list[str]:
    return ["\n".join(block[2] for block in program) for program in examples.programs(path.read_text("utf-8"))]


@pytest.mark.parametrize("page", PRINTED)
def test_a_page_shows_what_its_examples_print(examples: ModuleType, page: str) -> None:
    if lacking := missing("\n".join(codes(examples, ROOT / page))):
        pytest.skip(f"{', '.join(lacking)} not installed; pip install 'pageblocks[test]'")
    assert examples.printed(ROOT / page) == (ROOT / page).read_text("utf-8")


def test_what_is_out_of_date_is_found(examples: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```sh\npageblocks --version\n```\n\n```text\n?\n```\n\n```python\nprint(2)\n```\n\n```text\n1\n```\n"
    )
    version = importlib.import_module("pageblocks").__version__
    assert examples.printed(page) == page.read_text().replace("?", f"pageblocks {version}").replace("\n1\n", "\n2\n")


def test_python_examples_have_sound_types(examples: ModuleType, tmp_path: Path) -> None:
    for path in DOCS:
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "_").replace("-", "_")
        for number, code in enumerate(codes(examples, path)):
            if not missing(code):
                (tmp_path / f"{name}_{number}.py").write_text(code, "utf-8")
    files = sorted(map(str, tmp_path.glob("*.py")))
    assert len(files) > 4
    line = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache"), "--config-file"]
    ran = subprocess.run([*line, str(ROOT / "pyproject.toml"), *files], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout.replace(str(tmp_path), "")

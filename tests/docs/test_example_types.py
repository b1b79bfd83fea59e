"""Python examples of the documentation pass the strict checks of mypy."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = sorted(path for pattern in ("*.md", "docs/**/*.md", "labels/**/*.md") for path in ROOT.glob(pattern))


def programs(text: str) -> list[str]:
    """The examples of a page are one program, and one with `__main__` in it is a program of its own."""
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    alone = [block for block in blocks if "__main__" in block]
    return ["\n".join(block for block in blocks if block not in alone), *alone]


def imported(code: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(code)))
    names = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}


def test_python_examples_have_sound_types(tmp_path: Path) -> None:
    for path in DOCS:
        name = re.sub(r"\W", "_", path.relative_to(ROOT).with_suffix("").as_posix())
        for number, code in enumerate(programs(path.read_text("utf-8"))):
            if code and all(importlib.util.find_spec(package) for package in imported(code)):
                (tmp_path / f"{name}_{number}.py").write_text(code, "utf-8")
    files = sorted(map(str, tmp_path.glob("*.py")))
    assert len(files) > 4
    line = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache"), "--config-file"]
    ran = subprocess.run([*line, str(ROOT / "pyproject.toml"), *files], capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout.replace(str(tmp_path), "")

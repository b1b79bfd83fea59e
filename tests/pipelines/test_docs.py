"""The examples in docs/crawl.md: the first runs, the others import what is there and give it options that exist."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
from pathlib import Path

import pytest

BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (Path(__file__).parents[2] / "docs/crawl.md").read_text("utf-8"), re.M | re.S
)


def test_the_library_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(BLOCKS[0], {})
    assert "The night ferry sails again" in capsys.readouterr().out


@pytest.mark.parametrize("code", [code for code in BLOCKS if "LabelBlocks" in code], ids=["datatrove", "ray"])
def test_names_and_options_of_the_other_examples_exist(code: str) -> None:
    tree = ast.parse(code)
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            if importlib.util.find_spec(str(node.module).partition(".")[0]) is None:
                pytest.skip(f"{node.module} is not installed")
            module = importlib.import_module(str(node.module))
            known |= {name.name: getattr(module, name.name) for name in node.names}
    assert "LabelBlocks" in known
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            inspect.signature(known[node.func.id].__init__).bind(
                None, *node.args, **{str(k.arg): k.value for k in node.keywords}
            )

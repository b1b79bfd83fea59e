"""Errors as code sees them."""

from __future__ import annotations

import ast
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit import PageblocksError
from toolkit.errors import MissingExtra

ROOT = Path(__file__).parents[2]
_WITHOUT = "import sys; sys.modules[{module!r}] = None\n"


def test_a_missing_extra_is_an_import_error_and_survives_a_process_border() -> None:
    error = pickle.loads(pickle.dumps(MissingExtra("ferries", "quality")))  # noqa: S301
    assert isinstance(error, ImportError)
    assert isinstance(error, PageblocksError)
    assert str(error) == "ferries is not installed; pip install 'pageblocks[quality]'"


@pytest.mark.parametrize(
    ("module", "code", "extra"),
    [
        ("datatrove", "import toolkit.pipelines.datatrove", "datatrove"),
        ("cleanlab", "from toolkit.labelling.doubts import unlikely; unlikely(None)", "quality"),
        ("uvicorn", "from toolkit.serve import serve; serve()", "serve"),
        ("label_studio_sdk", "from toolkit.studio import connect; connect('http://localhost:9', 'x')", "studio"),
        ("justext", "from toolkit.benchmark.peers import peer; peer('justext')", "peers"),
    ],
)
def test_a_missing_extra_says_what_to_install(module: str, code: str, extra: str) -> None:
    caught = f"try:\n    {code}\nexcept ImportError as error:\n    print(type(error).__name__, error)"
    ran = subprocess.run(
        [sys.executable, "-c", _WITHOUT.format(module=module) + caught],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert ran.stdout.startswith("MissingExtra "), ran.stderr
    assert f"pip install 'pageblocks[{extra}]'" in ran.stdout


def test_no_code_asks_for_the_words_of_an_error() -> None:
    wrong = []
    for path in sorted((ROOT / "toolkit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            words = (
                [ast.unparse(side) for side in (node.left, *node.comparators)] if isinstance(node, ast.Compare) else []
            )
            called = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
            if called is not None and called.attr in ("startswith", "endswith"):
                words = [ast.unparse(called.value)]
            if any(re.match(r"str\((error|body|e|fault|exc)\)", word) for word in words):
                wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


def test_each_connection_of_a_command_is_closed() -> None:
    for path in [*(ROOT / "toolkit").rglob("*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "connect"]
        closed = {id(item.context_expr) for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items}
        assert [f"{path.name}:{call.lineno}" for call in calls if id(call) not in closed] == []

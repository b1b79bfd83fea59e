"""Errors as code sees them."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit import PageblocksError
from toolkit.errors import MissingExtra

ROOT = Path(__file__).parent.parent
_WITHOUT = "import sys; sys.modules[{module!r}] = None\n"


def test_a_missing_extra_is_an_import_error_and_survives_a_process_border() -> None:
    error = pickle.loads(pickle.dumps(MissingExtra.of("ferries", "quality")))  # noqa: S301
    assert isinstance(error, ImportError)
    assert isinstance(error, PageblocksError)
    assert str(error) == "ferries is not installed; pip install 'pageblocks[quality]'"


@pytest.mark.parametrize(
    ("module", "code", "extra"),
    [
        ("datatrove", "import toolkit.pipelines.datatrove", "datatrove"),
        ("cleanlab", "from toolkit.doubts import unlikely; unlikely(None)", "quality"),
        ("uvicorn", "from toolkit.serve import serve; serve()", "serve"),
        ("label_studio_sdk", "from toolkit.studio import connect; connect('http://localhost:9', 'x')", "studio"),
        ("justext", "from toolkit.peers import peer; peer('justext')", "peers"),
    ],
)
def test_a_missing_extra_says_what_to_install(module: str, code: str, extra: str) -> None:
    caught = f"try:\n    {code}\nexcept ImportError as error:\n    print(type(error).__name__, error)"
    ran = subprocess.run(
        [sys.executable, "-c", _WITHOUT.format(module=module) + caught], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert ran.stdout.startswith("MissingExtra "), ran.stderr
    assert f"pip install 'pageblocks[{extra}]'" in ran.stdout

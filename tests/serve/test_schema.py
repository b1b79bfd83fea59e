"""The endpoints against their own description: schemathesis makes requests that fit it and requests that do not.

`EXAMPLES=5000 pytest tests/serve/test_schema.py` looks longer.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

schemathesis = pytest.importorskip(
    "schemathesis", reason="schemathesis is not installed; pip install 'pageblocks[test]'"
)


@schemathesis.serializer("text/html")
def _html(context: Any, value: Any) -> Any:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """No request leaves this machine: whatever address is asked for, it is one that is refused."""
    pages = case.body.get("pages", [case.body]) if isinstance(case.body, dict) else []
    for page in pages if isinstance(pages, list) else []:
        if isinstance(page, dict) and isinstance(page.get("url"), str) and not {"html", "text"} & set(page):
            start, mark, rest = page["url"].partition("://")
            page["url"] = f"{start}://127.0.0.1/{rest}" if mark else page["url"]


@pytest.fixture(scope="module")
def described(url: str) -> Any:
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


PATHS = [
    ("/classify", "POST"),
    ("/classify/batch", "POST"),
    ("/extract", "POST"),
    ("/health", "GET"),
    ("/metrics", "GET"),
]


CASES = [(*one, mode) for one in PATHS for mode in ("positive", "negative") if one[1] == "POST" or mode == "positive"]


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_no_request_breaks_its_promise(described: Any, path: str, method: str, mode: str) -> None:
    operation = described[path][method]
    generation = getattr(schemathesis.GenerationMode, mode.upper())

    @given(operation.as_strategy(generation_mode=generation))
    @settings(
        max_examples=int(os.environ.get("EXAMPLES", "20")), deadline=None, derandomize="EXAMPLES" not in os.environ,
        database=None, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: Any) -> None:
        nonlocal asked
        asked += 1
        # Whether a page has text in it is no matter of a schema: what fits may be refused with 422. A batch reports
        # what does not fit in its place, and of text/html any bytes are taken for a page.
        unfit = [schemathesis.checks.positive_data_acceptance]
        unfit += (
            [schemathesis.checks.negative_data_rejection]
            if "batch" in path or case.media_type != "application/json"
            else []
        )
        case.call_and_validate(excluded_checks=unfit)

    asked = 0
    ask()
    assert asked > 0


def test_the_paths_are_all_of_them(described: Any) -> None:
    found = {(one.ok().path, one.ok().method.upper()) for one in described.get_all_operations()}
    assert found == set(PATHS)

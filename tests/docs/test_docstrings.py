"""Docstrings of the documented names: numpydoc, complete, with examples that run."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from numpydoc.docscrape import ClassDoc
from numpydoc.validate import validate
from sklearn.utils import _testing

import pageblocks
from pageblocks import BlockClassifier, Page
from pageblocks.segment import segment

ROOT = Path(__file__).parents[2]
IGNORED = {
    "GL01",  # the summary begins beside the quotes
    "GL02",  # and one that is alone ends beside them
    "ES01",  # an extended summary is written where one is needed
    "SA01",  # so is "See Also"
}


def _library() -> ModuleType:
    spec = importlib.util.spec_from_file_location("library", ROOT / "docs/builder/library.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs/builder"))
        spec.loader.exec_module(module)
    return module


LIBRARY = _library()


def _documented() -> Iterator[str]:
    for module in LIBRARY._modules():
        home = importlib.import_module(module)
        for thing in (getattr(home, name) for name in home.__all__):
            # The parameters of an enumeration are those of Enum.
            if inspect.isfunction(thing) or (inspect.isclass(thing) and not issubclass(thing, Enum)):
                place = f"{thing.__module__}.{thing.__qualname__}"
                yield place
                if inspect.isclass(thing):
                    yield from (f"{place}.{word}" for word, _, _ in LIBRARY._members(thing))


DOCUMENTED = sorted(set(_documented()))
EXPORTED = {
    f"{thing.__module__}.{thing.__qualname__}"
    for thing in (getattr(pageblocks, name) for name in pageblocks.__all__)
    if inspect.isclass(thing) or inspect.isfunction(thing)
}


@pytest.mark.parametrize("place", DOCUMENTED)
def test_docstrings_are_complete_numpydoc(place: str) -> None:
    # Names that `pageblocks` itself exports show an example, except the error.
    ignored = IGNORED | (set() if place in EXPORTED - {"toolkit.errors.PageblocksError"} else {"EX01"})
    assert [f"{code} {text}" for code, text in validate(place)["errors"] if code not in ignored] == []


EXAMPLES = sorted(
    path
    for path in (ROOT / "toolkit").rglob("*.py")
    if ">>> " in path.read_text("utf-8") and path.parent.name != "pipelines"  # those start a cluster
)


@pytest.mark.parametrize("path", EXAMPLES, ids=[str(path.relative_to(ROOT)) for path in EXAMPLES])
def test_examples_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    assert doctest.testmod(module, raise_on_error=False).failed == 0


def test_the_estimator_passes_the_docstring_checks_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    def undocumented(self: Any, pages: Any) -> None:
        """Do something."""

    # They look at functions of scikit-learn only.
    name_of = _testing._get_func_name
    monkeypatch.setattr(_testing, "_get_func_name", lambda function: f"sklearn.{name_of(function)}")
    assert _testing.check_docstring_parameters(undocumented) != []
    methods = [word for word, kind, _ in LIBRARY._members(BlockClassifier) if kind == "method"]
    for member in (BlockClassifier, *(getattr(BlockClassifier, word) for word in methods)):
        assert _testing.check_docstring_parameters(member) == []


def test_fitted_attributes_of_the_estimator_are_documented() -> None:
    page = segment(Page("first", "first.html", b"<h1>The night ferry</h1><p>It left on Monday<p>Subscribe"))
    fitted = BlockClassifier(members=1, hidden=4, epochs=1, dumps=0, folds=2).fit(
        [page] * 4, [["article", "article", "appeal"]] * 4
    )
    learned = {name for name in vars(fitted) if name.endswith("_") and not name.startswith("_")}
    assert learned == {entry.name for entry in ClassDoc(BlockClassifier)["Attributes"]}

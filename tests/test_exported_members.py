"""The names that users import: which there are, that they are those of the code, and that the documentation shows no
others.
"""

from __future__ import annotations

import ast
import importlib
import pickle
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pageblocks
import toolkit

ROOT = Path(__file__).parents[1]
TOP = "Block BlockClassifier Blocks Classified Page PageblocksError Scheme __version__ compiled load read_pages"
# A name that is missing here was added without a thought; one that is missing there breaks what users wrote.
MEMBERS = {
    "benchmark": "shingle_overlap snippet_share word_overlap",
    "checks": "RULES Check check_evaluation check_scores",
    "corpus": "PARTS Corpus Pair Split check_split find_alike only_test open_test read_openings read_split split "
    "without_test",
    "crawl": "Progress Summary classify_crawl",
    "errors": "AlreadyExists BadInput BadModel BadPage BadScheme Mismatch MissingColumn MissingExtra "
    "NotInStudio NothingRead PageblocksError PrivateAddress SeenTestPages SourceError StudioGone "
    "StudioRefused TooFewLabels UsageError",
    "evaluate": "Changes Comparison Evaluation Group LabelScores baseline compare_evaluations compare_labels evaluate "
    "find_changes",
    "exchange": "FORMATS dataset_dict export import_corpus push_to_hub",
    "experiment": "Experiment Point Result compare_experiments dry_run list_experiments read_experiment read_result run"
    " sweep",
    "explain": "Explanation Neighbours Reason explain",
    "labelling": "Agreement Calibration Reader Readings agreement compare_with_people how_seen measure_readings",
    "model": "BlockClassifier Seen learned_from load seen",
    "page": "Block Blocks Flag Note Page group_of",
    "pipelines": "",
    "pipelines.datatrove": "LabelBlocks ReadPages clean_warc",
    "pipelines.ray": "LabelBlocks",
    "readers": "Columns Skipped read_file read_pages read_stream",
    "report": "print_agreement print_evaluation render write_comparison write_evaluation write_report",
    "scheme": "Label Scheme check",
    "segment": "segment",
    "standoff": "Annotation attach detach read_annotations write_annotations",
    "studio": "AnnotateReport Client Project PullReport PushReport Server add_annotator annotate connect "
    "ensure_project find_project pull push start status stop",
    "tables": "FeatureTable feature_table to_arrow to_pandas",
    "train": "ComparedRuns Predictions compare_runs cross_validate evaluate_predictions make_block_scorer predict "
    "train",
}


def test_the_top_of_both_packages_is_what_it_was() -> None:
    rooms = [module for module in MEMBERS if "." not in module]
    assert sorted(toolkit.__all__) == sorted(TOP.split())
    assert sorted(pageblocks.__all__) == sorted([*TOP.split(), *rooms])
    assert dir(toolkit) == sorted(toolkit.__all__)
    assert dir(pageblocks) == sorted(pageblocks.__all__)


@pytest.mark.parametrize("name", TOP.split())
def test_both_packages_give_the_same_object(name: str) -> None:
    assert getattr(pageblocks, name) is getattr(toolkit, name)


@pytest.mark.parametrize("module", MEMBERS)
def test_a_module_has_these_members(module: str) -> None:
    if module == "pipelines.datatrove":
        pytest.importorskip("datatrove", reason="datatrove is not installed; pip install '.[datatrove]'")
    found = importlib.import_module(f"pageblocks.{module}")
    members = getattr(found, "__all__", [])
    assert members == sorted(members, key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert sorted(members) == sorted(MEMBERS[module].split())
    for name in members:
        home = getattr(getattr(found, name), "__module__", "toolkit")
        assert home.startswith("toolkit"), name


def test_every_module_is_pinned() -> None:
    found = {module.name for module in pkgutil.walk_packages(pageblocks.__path__, "pageblocks.")}
    assert found == {f"pageblocks.{module}" for module in MEMBERS} | {"pageblocks.__main__"}


def test_a_room_is_there_without_an_import_of_its_own() -> None:
    ran = python(
        "-c", "import pageblocks; print(pageblocks.corpus.Corpus.__name__, pageblocks.standoff.attach.__name__)"
    )
    assert ran == "Corpus attach\n"


@pytest.mark.parametrize("package", [pageblocks, toolkit])
def test_an_unknown_name_is_an_attribute_error(package: Any) -> None:
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'no_such_name'"):
        package.no_such_name  # noqa: B018


def test_a_pickle_of_one_is_the_other() -> None:
    page = pageblocks.Page("a", "", b"<p>One</p>", url="https://ferry.example/")
    assert pickle.loads(pickle.dumps(page)) == toolkit.Page("a", "", b"<p>One</p>", url="https://ferry.example/")  # noqa: S301
    with pytest.raises(pageblocks.PageblocksError):
        toolkit.load("no/such/model")


def test_the_package_runs_as_the_command() -> None:
    assert python("-m", "pageblocks", "--version") == f"pageblocks {toolkit.__version__}\n"


def test_types_are_those_of_the_code(tmp_path: Path) -> None:
    user = tmp_path / "user.py"
    user.write_text(
        "import pageblocks\n"
        "from pageblocks.corpus import Corpus\n"
        "reveal_type(pageblocks.load())\n"
        "reveal_type(Corpus.open('x'))\n"
        "reveal_type(pageblocks.standoff.read_annotations('x'))\n"
        "pageblocks.no_such_name\n"
    )
    line = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache"), "--config-file"]
    ran = subprocess.run([*line, str(ROOT / "pyproject.toml"), str(user)], capture_output=True, text=True, cwd=ROOT)
    notes = re.findall(r'Revealed type is "(.+)"', ran.stdout)
    assert notes == [
        "toolkit.model.classifier.BlockClassifier",
        "toolkit.corpus.folder.Corpus",
        "list[toolkit.standoff.Annotation]",
    ], ran.stdout
    assert 'Module has no attribute "no_such_name"' in ran.stdout


def python_of(path: Path) -> list[str]:
    return (
        re.findall(r"^```py(?:thon)?\n(.*?)^```", path.read_text("utf-8"), re.M | re.S) if path.suffix == ".md" else []
    )


DOCS = [path for pattern in ("*.md", "docs/*.md", "labels/**/*.md") for path in sorted(ROOT.glob(pattern))]


def test_names_that_text_shows_exist() -> None:
    # CHANGELOG.md tells how names were, too.
    for path in [path for path in DOCS if path.name != "CHANGELOG.md"] + sorted((ROOT / "toolkit").rglob("*.py")):
        text = path.read_text("utf-8")
        for code in python_of(path):
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith("pageblocks"):
                    text += "".join(f" {node.module}.{name.name} " for name in node.names)
        for name in re.findall(r"\b(?<!/)(?:pageblocks|toolkit)(?:\.[A-Za-z_]\w*)+", text):
            assert exists(name), f"{path.name}: {name}"


def exists(name: str) -> bool:
    first, *words = name.split(".")
    found: Any = importlib.import_module(first)
    for depth, word in enumerate(words, 1):
        if not hasattr(found, word):
            try:
                importlib.import_module(".".join([first, *words[:depth]]))
            except ModuleNotFoundError:
                return False
        found = getattr(found, word)
    return True


def test_the_documentation_imports_the_documented_name() -> None:
    for path in DOCS:
        for code in python_of(path):
            assert not re.search(r"^\s*(import|from) toolkit\b", code, re.M), path.name


def python(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    ).stdout

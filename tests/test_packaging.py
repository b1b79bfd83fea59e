"""The package as users get it: metadata, constraints, the wheel's data, a quick import."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = {
    re.split("==", line)[0].lower(): line.split("==")[1].split(";")[0].strip()
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
}


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ]", requirement)[0].lower() for requirement in requirements} - {"pageblocks"}


def test_constraints_pin_everything_that_is_asked_for() -> None:
    asked = _names(PROJECT["dependencies"]).union(*map(_names, PROJECT["optional-dependencies"].values()))
    assert asked - PINNED.keys() == set()


def test_constraints_are_exact_and_name_no_index() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.!+]+( ; .+)?", line), line
        assert "://" not in line


def test_label_studio_is_pinned_alike_in_both_files() -> None:
    for requirement in PROJECT["optional-dependencies"]["studio"][:2]:
        name, version = requirement.split("==")
        assert PINNED[name] == version


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# The extras whose packages the code imports, and where in toolkit/ it may.
PLACES = {
    "studio": ("studio/",),
    "serve": ("serve/", "labelling/live/"),
    "datatrove": ("pipelines/datatrove.py",),
    "quality": ("labelling/doubts.py",),
    "pandas": ("support/frame.py", "classify/table.py", "features/table.py", "explain/"),
    "peers": ("benchmark/peers.py",),
    "pagesift": ("benchmark/peers.py",),
    "rs-trafilatura": ("benchmark/peers.py",),
}
NEVER_IMPORTED = {"ray", "test", "docs", "dev"}  # what else is an extra


def declared(extra: str) -> set[str]:
    return set(map(_canonical, _names(PROJECT["optional-dependencies"][extra])))


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """For each file of toolkit/ the distributions that it imports."""
    homes, found = packages_distributions(), {}
    for path in (ROOT / "toolkit").rglob("*.py"):
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(str(node.module).split(".")[0])
        names -= sys.stdlib_module_names | {"toolkit"}
        found[path.relative_to(ROOT / "toolkit").as_posix()] = {
            _canonical(home) for name in names for home in homes.get(name, [name])
        }
    return found


def test_what_a_file_imports_is_declared_where_it_is_used(imported: dict[str, set[str]]) -> None:
    core = set(map(_canonical, _names(PROJECT["dependencies"])))
    for file, names in imported.items():
        of_extras = {name for extra, places in PLACES.items() if file.startswith(places) for name in declared(extra)}
        assert names - core - of_extras == set(), file


def test_what_is_declared_is_imported(imported: dict[str, set[str]]) -> None:
    assert set(PROJECT["optional-dependencies"]) == PLACES.keys() | NEVER_IMPORTED
    assert set(map(_canonical, _names(PROJECT["dependencies"]))) - set().union(*imported.values()) == set()
    for extra, places in PLACES.items():
        used = set().union(*(names for file, names in imported.items() if file.startswith(places)))
        assert declared(extra) - used == set(), extra


def test_no_extra_repeats_what_is_installed_anyway() -> None:
    core = set(map(_canonical, _names(PROJECT["dependencies"])))
    assert {extra: declared(extra) & core for extra in PLACES} == {extra: set() for extra in PLACES}


def test_types_of_the_package_are_seen_by_type_checkers(wheel: Path) -> None:
    assert {"pageblocks/py.typed", "toolkit/py.typed"} <= set(zipfile.ZipFile(wheel).namelist())


def test_mypy_skips_no_library_that_ships_types() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert "follow_imports" not in settings
    assert all(part.keys() == {"module", "ignore_missing_imports"} for part in settings["overrides"])
    for module in (name for part in settings["overrides"] for name in part["module"]):
        found = importlib.util.find_spec(module.removesuffix(".*"))
        typed = found is not None and any(
            (Path(at) / "py.typed").exists() for at in found.submodule_search_locations or ()
        )
        assert not typed, module


HEAVY = {"sklearn", "numpy", "pandas", "pyarrow", "label_studio_sdk", "datasets"}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("toolkit", HEAVY | {"rich", "pydantic"}),
        ("pageblocks", HEAVY | {"rich", "pydantic"}),
        ("pageblocks.studio", HEAVY - {"numpy"}),
        ("toolkit.cli", HEAVY),
    ],
)
def test_import_is_quick_and_needs_no_extra(module: str, unwanted: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted({{m.split('.')[0] for m in sys.modules}} & {unwanted}))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        == "\n"
    )


_PAGE = "corpora/sample/pages/bench-notes-dynamo.html"


@pytest.mark.parametrize(
    "code",
    [
        f"import pageblocks; pageblocks.load().classify(open({_PAGE!r}, 'rb').read()).text()",
        f"import sys, toolkit.cli as cli; sys.argv[1:] = ['classify', {_PAGE!r}, '--format', 'jsonl']; cli.main()",
        f"import sys, toolkit.cli as cli; sys.argv[1:] = ['classify', {_PAGE!r}, '--format', 'text']; cli.main()",
    ],
)
def test_what_only_training_needs_is_not_imported_to_label_a_page(code: str) -> None:
    unwanted = HEAVY - {"numpy"} | {"matplotlib", "rich", "jinja2", "scipy", "threadpoolctl"}
    report = f"print('imported', *sorted({{m.split('.')[0] for m in sys.modules}} & {unwanted}))"
    ran = subprocess.run(
        [sys.executable, "-c", f"import atexit, sys; atexit.register(lambda: {report})\n{code}"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    assert ran.stdout.splitlines()[-1] == "imported"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        env=os.environ | {"PAGEBLOCKS_COMPILE": "0"},  # tests/test_compiled.py has the other wheel
    )
    if built.returncode and re.search(
        "No matching distribution|ConnectionError|Could not find a version", built.stderr
    ):
        pytest.skip("the build backend cannot be had here (no package index)")
    assert built.returncode == 0, built.stderr
    return next(out.glob("pageblocks-*-py3-none-any.whl"))


def test_wheel_carries_code_scheme_sample_and_command(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "pageblocks/__init__.py",
        "pageblocks/pipelines/ray.py",
        "toolkit/cli/__init__.py",
        "toolkit/data/labels/web-page.toml",
        "toolkit/data/corpora/sample/pages.jsonl",
    ):
        assert wanted in names
    assert "toolkit/data/word_vectors.npz" in names
    # Labels of real pages are for training from a checkout; they would be a third of the wheel.
    left_out = ("tests/", "labels/", "corpora/", "toolkit/data/labels/web/", "toolkit/data/labels/silver/")
    assert not [name for name in names if name.startswith(left_out)]
    meta = next(name for name in names if name.endswith("entry_points.txt"))
    assert "pageblocks = toolkit.cli:main" in zipfile.ZipFile(wheel).read(meta).decode()


def test_wheel_carries_every_recipe_of_a_public_corpus() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    carried = tool["hatch"]["build"]["targets"]["wheel"]["force-include"]
    files = {f"corpora/{path.name}" for path in (ROOT / "corpora").iterdir() if path.suffix in (".toml", ".sha256")}
    assert {name: to for name, to in carried.items() if name in files} == {
        name: f"toolkit/data/{name}" for name in files
    }


def test_installed_wheel_finds_its_data_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "from pageblocks import Scheme; from pageblocks.corpus import Corpus;"
        "from toolkit.support.files import data_path;"
        "print(Scheme.default().name, len(Corpus.open(data_path('corpora/sample')).rows) >= 40)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
    )
    assert ran.stdout == "web-page True\n", ran.stderr


def test_an_import_in_a_function_says_why() -> None:
    silent = []
    for path in (ROOT / "toolkit").rglob("*.py"):
        if path.parent.name == "cli":  # a command loads what it needs when it is called
            continue
        lines = path.read_text("utf-8").splitlines()
        functions = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.FunctionDef)]
        for node in (node for function in functions for node in ast.walk(function)):
            if isinstance(node, (ast.Import, ast.ImportFrom)) and "  # " not in lines[node.lineno - 1]:
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert silent == []

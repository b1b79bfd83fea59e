"""Errors as code sees them."""

from __future__ import annotations

import ast
import builtins
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit import PageblocksError, errors
from toolkit.cli import _end
from toolkit.crawl import classify_crawl
from toolkit.errors import MissingExtra

ROOT = Path(__file__).parents[2]
_WITHOUT = "import sys; sys.modules[{module!r}] = None\n"


CLASSES = sorted(
    (found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, PageblocksError)),
    key=lambda found: found.__name__,
)
# What is raised and is no PageblocksError, and why nobody meets it.
BUILT_IN = {
    "__init__.py": ("AttributeError", "Python asks modules for it"),
    "cli/__init__.py": ("OSError", "the command line says it in one line"),
    "crawl/folder.py": ("OSError", "caught where a shard is put in place"),
    "corpus/public/entry.py": ("ValueError", "pydantic's validators; told as BadInput"),
    "crawl/positions.py": ("ValueError", "caught where the manifest is read"),
    "crawl/run.py": ("KeyboardInterrupt", "Ctrl-C, a second time"),
    "exchange/lines.py": ("TypeError", "caught below"),
    "experiment/hashes.py": ("RuntimeError", "an internal error: a module has moved"),
    "experiment/settings.py": ("ValueError", "pydantic's validators; told as BadInput"),
    "experiment/silver.py": ("ValueError", "caught where the file is read"),
    "features/sparse.py": ("ValueError", "told as BadModel"),
    "model/classifier.py": ("NotFittedError ValueError", "scikit-learn's own; and one that is caught below"),
    "model/estimator.py": ("RuntimeError TypeError ValueError", "as scikit-learn raises them"),
    "model/store.py": ("ValueError", "told as BadModel"),
    "readers/jsonl.py": ("ValueError", "caught below"),
    "readers/members.py": ("OSError zlib.error", "told as SourceError"),
    "readers/web.py": ("OSError TimeoutError", "caught where a page is fetched"),
    "scheme.py": ("ValueError", "pydantic's validators; told as BadScheme"),
    "standoff.py": ("ValueError", "told as BadInput"),
    "studio/tasks.py": ("ValueError", "caught below"),
}


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "toolkit").rglob("*.py")):
        yield path.relative_to(ROOT / "toolkit").as_posix(), ast.parse(path.read_text("utf-8"))


def test_all_errors_are_in_one_tree_of_one_sentence_each() -> None:
    names = {found.__name__ for found in CLASSES}
    assert names == set(errors.__all__)
    assert len(names) <= 18
    for found in CLASSES:
        first = (found.__doc__ or "").split("\n\n")[0]
        assert first.endswith("."), found
    elsewhere = [
        f"{name}:{node.name}"
        for name, tree in _trees()
        if name != "errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and names & {ast.unparse(base).split(".")[-1] for base in node.bases}
    ]
    assert elsewhere == []


def test_each_class_is_raised_somewhere() -> None:
    called = {ast.unparse(node.func) for _, tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert {found.__name__ for found in CLASSES} <= called


MADE = [
    *(found("ferry.html: sank") for found in CLASSES if found is not MissingExtra),
    MissingExtra("ferries", "quality"),
    errors.MissingColumn("ferries.csv:3: no column 'html'", table="ferries.csv"),
    errors.SeenTestPages("ferry is a test corpus", names=["ferry"]),
    errors.AlreadyExists("out already exists", path="out"),
    errors.StudioRefused("no", status=403),
    errors.NotInStudio("no such task"),
]


@pytest.mark.parametrize("made", MADE, ids=lambda made: type(made).__name__)
def test_an_error_crosses_a_process_border_whole(made: PageblocksError) -> None:
    came = pickle.loads(pickle.dumps(made))  # noqa: S301
    assert type(came) is type(made)
    assert (str(came), vars(came)) == (str(made), vars(made))


def test_a_process_that_cannot_load_the_model_says_so_by_class(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>The ferry sank.</p>")
    (tmp_path / "model").mkdir()
    (tmp_path / "model/model.json").write_text('{"labels": ["article", "menu"]}')
    (tmp_path / "model/weights.npz").write_bytes(b"")
    with pytest.raises(errors.BadModel, match="not a model's facts"):
        classify_crawl([str(tmp_path / "page.html")], tmp_path / "out", str(tmp_path / "model"), jobs=1)


def test_a_missing_extra_is_an_import_error() -> None:
    error = MissingExtra("ferries", "quality")
    assert isinstance(error, ImportError)
    assert (str(error), error.msg) == ("ferries is not installed; pip install 'pageblocks[quality]'",) * 2
    assert error.extra == "quality"


def test_an_exception_that_nobody_expected_is_an_internal_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert _end(KeyError("one\ntwo")) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "internal error (KeyError: 'one\\ntwo'); please report it" in said
    assert errors.internal_error(ValueError("one\ntwo")) == "internal error (ValueError: one two); please report it"


@pytest.mark.parametrize(
    ("module", "code", "extra"),
    [
        ("datatrove", "import toolkit.pipelines.datatrove", "datatrove"),
        ("cleanlab", "from toolkit.labelling.doubts import unlikely; unlikely(None)", "quality"),
        ("pandas", "import pageblocks; pageblocks.load().classify('<p>One').to_pandas()", "pandas"),
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


def _of_words(tree: ast.Module) -> list[int]:
    """Lines that compare, search or match the message of an exception which is caught around them."""
    lines = []
    for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name):
        message = [f"str({handler.name})", f"repr({handler.name})"]
        message += [f"{handler.name}.{field}" for field in ("args", "msg", "message", "strerror", "reason")]

        def told(node: ast.AST, message: list[str] = message) -> bool:
            return any(ast.unparse(part) in message for part in ast.walk(node) if isinstance(part, ast.expr))

        for node in ast.walk(handler):  # `why = str(error)`, and then `why`
            if isinstance(node, ast.Assign) and told(node.value):
                message += [ast.unparse(target) for target in node.targets]
        for node in ast.walk(handler):
            if isinstance(node, ast.Compare):
                asked: list[ast.AST] = [node.left, *node.comparators]
            elif isinstance(node, ast.Match):
                asked = [node.subject]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SEARCHES:
                asked = [node.func.value, *node.args]
            else:
                continue
            lines += [node.lineno] * any(map(told, asked))
    return lines


SEARCHES = ("startswith", "endswith", "find", "index", "count", "match", "search", "fullmatch")


@pytest.mark.parametrize(
    "code",
    [
        '"gone" in str(error)',
        'str(error).startswith("gone")',
        'error.args[0] == "gone"',
        're.search("gone", str(error))',
        'why = str(error)\n    if "gone" in why: pass',
        'match str(error):\n        case "gone": pass',
    ],
)
def test_words_of_an_error_are_found_out(code: str) -> None:
    assert _of_words(ast.parse(f"try:\n    go()\nexcept OSError as error:\n    {code}\n"))


def test_no_code_asks_for_the_words_of_an_error() -> None:
    assert [f"{name}:{line}" for name, tree in _trees() for line in _of_words(tree)] == []


def test_each_raise_of_a_built_in_exception_is_meant() -> None:
    found: dict[str, set[str]] = {}
    for name, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                called = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
                if isinstance(getattr(builtins, called, None), type) or called in ("NotFittedError", "zlib.error"):
                    found.setdefault(name, set()).add(called)
    assert {name: " ".join(sorted(names)) for name, names in found.items()} == {
        name: names for name, (names, _) in BUILT_IN.items()
    }


def test_each_connection_of_a_command_is_closed() -> None:
    for path in [*(ROOT / "toolkit").rglob("*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "connect"]
        closed = {id(item.context_expr) for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items}
        assert [f"{path.name}:{call.lineno}" for call in calls if id(call) not in closed] == []

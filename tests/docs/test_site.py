"""The documentation site: the reference comes from the code, every page is listed, and the whole builds without a
warning.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

import toolkit
from toolkit.cli import app

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def builder() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("builder", ROOT / "docs/builder/__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))
        spec.loader.exec_module(module)
        yield module
        for name in ("commands", "docstring", "figures", "library"):
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def pages(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "pages"
    builder.gather(folder)
    return folder


def test_every_command_and_option_is_described(pages: Path) -> None:
    text = "".join(page.read_text("utf-8") for page in (pages / "docs/commands").glob("*.md"))
    groups = [("pageblocks", typer.main.get_command(app))]
    described = 0
    while groups:
        name, group = groups.pop()
        for word, command in group.commands.items():  # type: ignore[attr-defined]
            if hasattr(command, "commands"):
                groups.append((f"{name} {word}", command))
                continue
            section = re.search(rf"^## {name} {word}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
            assert section is not None, f"{name} {word}"
            for parameter in command.params:
                if parameter.opts[0].startswith("--") and parameter.name != "help":
                    assert parameter.opts[0] in section[1]
                    described += 1
    assert described > 50


def test_a_command_without_a_page_stops_the_build(builder: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "".join((ROOT / f"docs/commands/{name}").read_text("utf-8") for name in os.listdir(ROOT / "docs/commands"))
    assert builder.commands.check(sorted((ROOT / "docs/commands").glob("*.md"))) == []
    page.write_text(text.replace("## pageblocks split\n", "## pageblocks spit\n"), "utf-8")
    assert builder.commands.check([page]) == [
        "pageblocks split has no section; add `## pageblocks split` with an example to a page of docs/commands",
        "docs/commands has a section `## pageblocks spit`, but there is no such command",
    ]


def test_the_library_is_described_as_it_is(pages: Path) -> None:
    text = "".join(page.read_text("utf-8") for page in sorted((pages / "reference/python").glob("*.md")))
    assert "pageblocks.load(name: str | Path = 'default') -> BlockClassifier" in text
    for name in (
        "read_pages",
        "BlockClassifier",
        "segment.segment",
        "corpus.Corpus",
        "evaluate.evaluate",
        "report.write_report",
    ):
        assert f"## pageblocks.{name}\n" in text
    assert " at 0x" not in text
    assert str(ROOT) not in text
    # Every name has more than its signature to say.
    bare = re.findall(r"^## (\S+)\n\n```python\n[^`]*```\s+(?=##|\Z)", text, re.M)
    assert bare == []
    # Types are linked, and pydantic's are not shown.
    assert "| `keep` | collection of str, optional |" in text
    assert "[Classified](index.md#pageblocksclassified)" in text
    assert "pydantic" not in text.lower()


def test_every_page_is_in_the_list_of_pages(builder: ModuleType, pages: Path) -> None:
    listed = builder.navigation(pages)
    for path in (ROOT / "docs").rglob("*.md"):
        place = path.relative_to(ROOT).as_posix()
        assert f'"{place}"' in listed or place == "docs/index.md"
    for place in re.findall(r'= "([^"]+\.md)"', listed):
        assert (pages / place).is_file(), place


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(ROOT / "docs/builder"), "--out", str(folder)]
    return subprocess.run(line, capture_output=True, text=True)


def test_the_site_builds_and_fetches_nothing(tmp_path: Path) -> None:
    pytest.importorskip("zensical", reason="zensical is not installed; pip install '.[docs]'")
    built = build(tmp_path / "site")
    assert built.returncode == 0, built.stderr
    home = (tmp_path / "site/index.html").read_text("utf-8")
    assert "Commands" in home
    assert f"pageblocks {toolkit.__version__}" in home
    for path in (tmp_path / "site").rglob("*.html"):
        text = path.read_text("utf-8")
        loads = re.findall(r"<(?:script|img|iframe)[^>]*\bsrc=\"?([^\"\s>]+)|<link[^>]*\bhref=\"?([^\"\s>]+)", text)
        assert [a or b for a, b in loads if re.match(r"(https?:)?//", a or b)] == [], path.name
        for target in re.findall(r'<a [^>]*href="([^"#?:]+)(?=["#?])', text):
            assert (path.parent / target).exists() or path.name == "404.html", f"{path.name}: {target}"

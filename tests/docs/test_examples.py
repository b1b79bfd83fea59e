"""The documentation says what is so: its commands parse, its links lead somewhere, its examples run, no command is left
out.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from toolkit.cli import app
from toolkit.experiment import read_result
from toolkit.model import load
from toolkit.scheme import check

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TALK = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**/*.md",
    "labels/**/*.md",
    "corpora/sample/*.md",
)
DOCS = sorted(path for pattern in TALK for path in ROOT.glob(pattern))
CLI = typer.main.get_command(app)


def code(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)


def shown(word: str) -> list[tuple[str, str]]:
    """(file, line) of every line of shell code that runs `word`, also behind a pipe."""
    found = []
    for path in DOCS:
        for line in "".join(code(path, "sh")).splitlines():
            for part in re.split(r"\s\|\s", line):
                if part.split()[:1] == [word] and not part.startswith("pageblocks --"):
                    found.append((str(path.relative_to(ROOT)), part))
    return found


def parse(line: str) -> Any:
    """The context of a line that calls pageblocks: options and arguments checked and converted, nothing run."""
    words = shlex.split(re.split(r" (?:\d?>|&)", line)[0], comments=True)[1:]
    command: Any = CLI
    context = command.context_class(command, info_name="pageblocks")
    while hasattr(command, "commands"):
        name = words.pop(0)
        assert name in command.commands, f"no command {name!r}"
        command = command.commands[name]
        if hasattr(command, "commands"):
            context = command.context_class(command, info_name=name, parent=context)
    return command.make_context(name, words, parent=context)


def leaves(group: Any = CLI, words: tuple[str, ...] = ("pageblocks",)) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, (*words, name))
        else:
            yield " ".join((*words, name))


COMMANDS = shown("pageblocks")


def test_there_are_commands_to_check() -> None:
    assert len(COMMANDS) > 15
    assert {"README.md", "docs/tutorial.md", "docs/label-studio.md"} <= {file for file, _ in COMMANDS}


@pytest.mark.parametrize(("file", "line"), COMMANDS, ids=[f"{file}: {line.strip()}" for file, line in COMMANDS])
def test_commands_parse(file: str, line: str) -> None:
    parse(line)


WRONG = [
    ("pageblocks train corpora/mine", "MissingParameter"),
    ("pageblocks classify x.html --no-such 1", "NoSuchOption"),
    ("pageblocks classify x.html --format no-such", "BadParameter"),
    ("pageblocks pul", "AssertionError"),
]


@pytest.mark.parametrize(("line", "error"), WRONG)
def test_a_wrong_command_does_not_parse(line: str, error: str) -> None:
    with pytest.raises(Exception) as raised:
        parse(line)
    assert type(raised.value).__name__ == error


@pytest.mark.parametrize("command", list(leaves()))
def test_every_command_has_an_example_with_its_output(command: str) -> None:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "docs/commands").glob("*.md"))
    section = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert section is not None, f"add a section `## {command}` with an example to a page of docs/commands"
    assert re.search(rf"^```sh\n[^`]*{command}\b[^`]*```\n\n```text\n[^`]", section[1], re.M), f"{command}: no output"


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = {name for path in DOCS for name in re.findall(r"`make ([a-z]+)", path.read_text("utf-8"))}
    named |= {line.split()[1] for _, line in shown("make")}
    assert {"demo", "test"} <= named <= targets


@pytest.mark.parametrize("path", DOCS, ids=[str(path.relative_to(ROOT)) for path in DOCS])
def test_links_and_pictures_exist(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target.partition("#")[0]).exists(), target


def test_json_examples_are_json() -> None:
    examples = [text for path in DOCS for text in code(path, "json")]
    assert examples
    for text in examples:
        json.loads(text)


def test_markdown_examples_are_what_pageblocks_writes() -> None:
    path = ROOT / "docs/extraction.md"
    (source,) = re.findall(r"^pageblocks classify (corpora\S+) --format markdown$", path.read_text("utf-8"), re.M)
    written = load().extract((ROOT / source).read_bytes(), format="markdown")
    examples = code(path, "markdown")
    assert examples
    for text in examples:
        assert f"\n\n{text.strip()}\n\n" in written


def test_scheme_example_is_sound(tmp_path: Path) -> None:
    (text,) = code(ROOT / "docs/formats.md", "toml")
    (tmp_path / "recipes.toml").write_text(text, "utf-8")
    assert check(tmp_path / "recipes.toml") == []


def run(cwd: Path, *arguments: str) -> str:
    env = {"PYTHONPATH": str(ROOT), "PATH": "", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_tutorial_makes_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/first.html").write_text("<h1>The night ferry sails again</h1>", "utf-8")
    lines = "\n".join(code(ROOT / "docs/tutorial.md", "sh")).splitlines()
    (line,) = [line for line in lines if line.startswith("pageblocks import")]
    run(tmp_path, "-m", "toolkit.cli", *line.split()[1:])
    (row,) = map(json.loads, (tmp_path / "corpora/mine/pages.jsonl").read_text("utf-8").splitlines())
    assert row["id"] == "first"


def test_the_figures_are_those_of_the_experiments() -> None:
    ran = subprocess.run(
        [sys.executable, "experiments/figures.py", "--check"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "."},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    text = (ROOT / "docs/experiments.md").read_text("utf-8")
    for name in ("default", "text-only"):
        (point,) = read_result(ROOT / f"experiments/{name}.json").points
        f1, mended = point.evaluation.figures["macro_f1"], point.evaluation.figures["corrections_per_page"]
        said = " ".join(text.partition(f"**`{name}`**")[2].partition("\n\n")[0].split())
        assert f"{f1.value:.3f} ({f1.low:.3f} to {f1.high:.3f})" in said
        assert f"{mended.value:.1f} corrections per page" in said


def test_the_readme_says_who_made_the_labels_and_that_no_people_did() -> None:
    beside = README.read_text("utf-8").partition("## How good is it?")[2].partition("<!-- end of figures")[0]
    for fact in ("made by LLM annotators", "agree on 95 to 98 % of blocks", "no test set that people labelled"):
        assert fact in " ".join(beside.split())

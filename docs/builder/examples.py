"""Run the examples of the documentation and compare what they print with what the pages show.

    python docs/builder/examples.py [PAGE ...]            exit with status 1 if a page shows something else
    python docs/builder/examples.py --write [PAGE ...]    write what they printed into the pages

An example is a block of `sh` or `python` that is directly followed by a block of `text`: its output. The examples of a
page run one after the other in a folder of their own with the sample corpus, as in a checkout. The shell's are printed
on a terminal of 100 columns. In the output `...` stands for any text in a line, or alone for any lines.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COLUMNS = 100
_EXAMPLE = re.compile(r"^```(sh|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# These install, or need what a folder without the repository does not have.
_OUTSIDE = ("pip ", "make ", "git ", "export ", "python -m venv")


@dataclass(frozen=True)
class Example:
    """Code of a page, the output that the page shows below it (None: nothing), and its line."""

    language: str
    code: str
    shown: str | None
    line: int


def examples(page: Path) -> Iterator[Example]:
    """The blocks of code of a page, in their order."""
    text = page.read_text("utf-8")
    for found in _EXAMPLE.finditer(text):
        yield Example(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1)


def furnish(folder: Path) -> None:
    """Make the folder look like a checkout to the examples."""
    shutil.copytree(ROOT / "corpora/sample", folder / "corpora/sample")
    (folder / "docs").mkdir()
    for name in ("ferry.html", "pageblocks-ada.jsonl"):
        shutil.copy(ROOT / "docs" / name, folder / "docs")
    for name in ("labels", "experiments"):
        (folder / name).symlink_to(ROOT / name)


def runs(page: Path, folder: Path, *, everything: bool = False) -> Iterator[tuple[Example, str]]:
    """Run the page's examples in the folder and give what each printed; `everything`: also those without output."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for example in examples(page):
        if example.shown is None and not everything and example.language == "sh":
            continue
        yield example, run_shell(example.code, folder) if example.language == "sh" else _run_python(example, names)


def run_shell(code: str, folder: Path) -> str:
    """What bash prints for these lines on a terminal."""
    lines = [line for line in code.splitlines() if not line.startswith(_OUTSIDE)]
    ours = f'pageblocks() {{ {shlex.quote(sys.executable)} -m toolkit.cli "$@"; }}'
    env = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": str(COLUMNS), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    read, write = pty.openpty()
    running = subprocess.Popen(
        ["bash", "-c", "\n".join([ours, *lines])],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=write,
        stderr=write,
    )
    os.close(write)
    printed = b""
    with contextlib.suppress(OSError):  # how Linux reports the end of a terminal
        while part := os.read(read, 1 << 16):
            printed += part
    os.close(read)
    running.wait()
    return _tidy(printed.decode("utf-8", "replace"))


def _run_python(example: Example, names: dict[str, Any]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(example.code, f"example at line {example.line}", "exec"), names)
    return _tidy(printed.getvalue())


def _tidy(text: str) -> str:
    lines = _COLOUR.sub("", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def same(shown: str, printed: str) -> bool:
    """Whether the output is what the page shows."""
    pattern = re.escape(_tidy(shown)).replace(re.escape("..."), r"\.\.\.")
    pattern = re.sub(r"(?m)^(?:\\\.){3}$\n?", "(?s:.*?)", pattern.replace("\\\n", "\n"))
    return re.fullmatch(pattern.replace(r"\.\.\.", r"[^\n]*?"), printed) is not None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE")
    parser.add_argument("--write", action="store_true", help="write what was printed into the pages")
    options = parser.parse_args()
    wrong = 0
    for page in options.pages or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        page = page.resolve()
        text = page.read_text("utf-8")
        with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
            furnish(Path(name))
            for example, printed in runs(page, Path(name)):
                if example.shown is None or same(example.shown, printed):
                    continue
                wrong += 1
                print(f"{page}:{example.line} shows\n{example.shown}\nbut this was printed:\n{printed}")
                block = f"```{example.language}\n{example.code}```\n\n```text\n"
                text = text.replace(f"{block}{example.shown}```\n", f"{block}{printed}```\n", 1)
        if options.write:
            page.write_text(text, "utf-8")
    return int(bool(wrong) and not options.write)


if __name__ == "__main__":
    sys.exit(main())

"""Run the examples of the documentation and compare what they print with what the pages show.

    python docs/builder/examples.py [PAGE ...]            exit with status 1 if a page shows something else
    python docs/builder/examples.py --write [PAGE ...]    write what they printed into the pages

An example is a block of `sh` or `python`; a block of `text` that directly follows it is its output. The examples of a
page run one after the other in a folder of their own with the sample corpus, as in a checkout: those of Python as one
program, those of the shell on a terminal of 80 columns, if they have an output and do not begin with `# needs`. In the
output `...` stands for any text in a line, or alone for any lines.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import pty
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLUMNS = 80
_EXAMPLE = re.compile(r"^```(sh|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PORT = "8000"  # of the service in the examples; they run on a free one
# These install, or need what a folder without the repository does not have.
_OUTSIDE = ("pip ", "make ", "git ", "export ", "python -m venv")
_PROGRAM = """import json, sys
names = {"__name__": "__main__"}
for line in sys.stdin:
    exec(compile(json.loads(line), "example", "exec"), names)
    print("\\f", flush=True)
"""


@dataclass(frozen=True)
class Example:
    """Code of a page, the output that the page shows below it (None: nothing), and its line."""

    language: str
    code: str
    shown: str | None
    line: int


def examples(page: Path) -> list[Example]:
    """The blocks of code of a page, in their order."""
    text = page.read_text("utf-8")
    return [
        Example(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1)
        for found in _EXAMPLE.finditer(text)
    ]


def furnish(folder: Path) -> None:
    """Make the folder look like a checkout to the examples."""
    shutil.copytree(ROOT / "corpora/sample", folder / "corpora/sample")
    (folder / "docs").mkdir()
    for name in ("ferry.html", "pageblocks-ada.jsonl"):
        shutil.copy(ROOT / "docs" / name, folder / "docs")
    for name in ("labels", "experiments"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "bin").mkdir()
    command = folder / "bin/pageblocks"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m toolkit.cli "$@"\n')
    command.chmod(0o755)


def runs(page: Path, folder: Path) -> Iterator[tuple[Example, str]]:
    """Run the page's examples in the folder and give what each printed."""
    program = None
    try:
        for example in examples(page):
            if example.language == "sh":
                if example.shown is not None and not example.code.startswith("# needs "):
                    yield example, run_shell(example.code, folder)
                continue
            program = program or _start_program(folder)
            yield example, _run_python(example, program)
    finally:
        if program:
            program.communicate()


def run_shell(code: str, folder: Path) -> str:
    """What bash prints for these lines on a terminal."""
    lines = [line for line in code.splitlines() if not line.startswith(_OUTSIDE)]
    port = str(_free_port())
    read, write = pty.openpty()
    running = subprocess.Popen(
        ["bash", "-c", "\n".join(lines).replace(_PORT, port)],
        cwd=folder, env=_environment(folder), stdin=subprocess.DEVNULL, stdout=write, stderr=write,
    )  # fmt: skip
    os.close(write)
    printed = b""
    with contextlib.suppress(OSError):  # how Linux reports the end of a terminal
        while part := os.read(read, 1 << 16):
            printed += part
    os.close(read)
    running.wait()
    return _tidy(printed.decode("utf-8", "replace").replace(port, _PORT))


def _environment(folder: Path) -> dict[str, str]:
    path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    terminal = {"COLUMNS": str(COLUMNS), "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    return os.environ | terminal | {"PYTHONPATH": str(ROOT), "PATH": path}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _start_program(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], cwd=folder, env=_environment(folder), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def _run_python(example: Example, program: subprocess.Popen[str]) -> str:
    program.stdin.write(json.dumps(example.code) + "\n")
    program.stdin.flush()
    printed = ""
    for line in program.stdout:
        if line == "\f\n":
            return _tidy(printed)
        printed += line
    raise RuntimeError(f"the example at line {example.line} failed:\n{example.code}")


def _tidy(text: str) -> str:
    lines = _COLOUR.sub("", text.replace("\r\n", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def same(shown: str, printed: str) -> bool:
    """Whether the output is what the page shows. Machines differ in the last digits: 0.754 may be 0.755, too."""
    pattern = re.escape(_tidy(shown)).replace(re.escape("..."), "...")
    pattern = re.sub(r"(?m)^\.\.\.\\?$\n?", "(?s:.*?)", pattern).replace("...", r"[^\n]*?")
    pattern = re.sub(r"\d+\\\.\d+", r"(\\d+\\.\\d+)", pattern)
    found = re.fullmatch(pattern, printed)
    decimals = [float(number) for number in re.findall(r"\d+\.\d+", shown)]
    return found is not None and all(
        math.isclose(one, float(two), rel_tol=0.02, abs_tol=0.011)
        for one, two in zip(decimals, found.groups(), strict=True)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, metavar="PAGE")
    parser.add_argument("--write", action="store_true", help="write what was printed into the pages")
    options = parser.parse_args()
    wrong = 0
    for page in options.pages or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        page = page.resolve()
        text = page.read_text("utf-8")
        with tempfile.TemporaryDirectory() as name:
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

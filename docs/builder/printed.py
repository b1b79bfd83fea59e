"""Runs the examples of a page, and compares what they print with the output that the page shows below them.

    python docs/builder/printed.py docs/pandas.md            say which output is out of date
    python docs/builder/printed.py docs/pandas.md --write    write the output that the examples print now

The Python blocks of a page are one program, run in an empty folder with the sample corpus in it, after the commands of
its shell blocks that call `pageblocks`. A block with `__main__` in it is a program of its own. A block of text below a
block of code is what that block prints.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
_END = "\f\n"  # between the output of two blocks


def programs(text: str) -> list[list[re.Match[str]]]:
    """The Python blocks of a page by the program that they are parts of."""
    blocks = [match for match in _FENCE.finditer(text) if match[1] == "python"]
    alone = [[block] for block in blocks if "__main__" in block[2]]
    return [program for program in ([block for block in blocks if [block] not in alone], *alone) if program]


def printed(path: Path) -> str:
    """The page with the output that its examples print."""
    text = path.read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="pageblocks-docs-") as folder:
        work = Path(folder)
        (work / "corpora").mkdir()
        (work / "corpora/sample").symlink_to(ROOT / "corpora/sample", target_is_directory=True)
        outputs = {match.start(): _shell(match[2], work) for match in _FENCE.finditer(text) if match[1] == "sh"}
        for blocks in programs(text):
            between = f"\nprint({_END!r}, end='', flush=True)\n"
            (work / "program.py").write_text(between.join(block[2] for block in blocks), "utf-8")
            parts = _run([sys.executable, "program.py"], work).split(_END)
            outputs |= {block.start(): part for block, part in zip(blocks, parts, strict=True)}

    def with_output(match: re.Match[str]) -> str:
        if match[3] is None:
            return match[0]
        output = "\n".join(line.rstrip() for line in outputs[match.start()].rstrip().split("\n"))
        return f"```{match[1]}\n{match[2]}```\n\n```text\n{output}\n```\n"

    return _FENCE.sub(with_output, text)


def _shell(lines: str, work: Path) -> str:
    commands = [shlex.split(line, comments=True)[1:] for line in lines.splitlines() if line.startswith("pageblocks ")]
    return "".join(_run([sys.executable, "-m", "toolkit.cli", *words], work) for words in commands)


def _run(words: list[str], work: Path) -> str:
    ran = subprocess.run(words, capture_output=True, text=True, cwd=work, encoding="utf-8")
    if ran.returncode:
        raise RuntimeError(f"{shlex.join(words)} ended with {ran.returncode}:\n{ran.stderr}")
    return ran.stdout


def main() -> int:
    pages, old = [Path(word) for word in sys.argv[1:] if word != "--write"], 0
    for path in pages:
        if (now := printed(path)) != path.read_text("utf-8"):
            old += 1
            print(f"{path}: the output is out of date")
            if "--write" in sys.argv:
                path.write_text(now, "utf-8")
    return 1 if old and "--write" not in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())

"""One extractor in a process of its own, which cost.py starts and gives work: tool.py NAME FOLDER

FOLDER has the pages 0, 1, 2 and so on, as bytes in 0.html and as UTF-8 in 0.txt. The first line of output says how
long the tool took until it was ready. For each line "FIRST END" of the input, the tool takes the text of the pages
FIRST to END - 1; the answer has the seconds of processor time and by the clock, how many pages failed, and the peak of
the memory beyond the pages themselves. Every line of output is JSON.

pageblocks gets bytes, and also gives labels and probabilities; the others get decoded text. Only pageblocks needs its
own dependencies here, so the others can run in another environment.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
OURS = "pageblocks"
BATCH = 64  # pages, as in a crawl
DISTRIBUTIONS = {"rs-trafilatura": "trafipy"}  # where the name differs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help=f"{OURS}, or a name of toolkit.benchmark.peers")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    read = _bytes if options.name == OURS else _text
    pages = [read(options.folder / str(k)) for k in range(len(list(options.folder.glob("*.html"))))]
    floor, began = peak(), time.perf_counter()
    work = ours() if options.name == OURS else theirs(options.name)
    say({"ready_s": time.perf_counter() - began, "version": version_of(options.name)})
    for line in sys.stdin:
        first, end = map(int, line.split())
        clock, used = time.perf_counter(), time.process_time()
        failed = work(pages[first:end])
        cpu, wall = time.process_time() - used, time.perf_counter() - clock
        say({"cpu_s": cpu, "wall_s": wall, "failed": failed, "peak_mb": (peak() - floor) / 1024})
    return 0


def say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


def _bytes(path: Path) -> bytes:
    return path.with_suffix(".html").read_bytes()


def _text(path: Path) -> str:
    return path.with_suffix(".txt").read_bytes().decode("utf-8", "surrogatepass")


def ours() -> Callable[[list[bytes]], int]:
    """From bytes to labels, probabilities and main text. No page of these fails."""
    import pageblocks

    model = pageblocks.load()

    def work(some: list[bytes]) -> int:
        pages = (pageblocks.Page(str(k), "page", content) for k, content in enumerate(some))
        for page in model.classify_many(pages, batch=BATCH):
            page.text()
        return 0

    return work


def theirs(name: str) -> Callable[[list[str]], int]:
    """From decoded HTML to the main text; how many pages failed, whose time counts too."""
    from toolkit.benchmark.peers import peer

    extract = peer(name)

    def work(some: list[str]) -> int:
        failed = 0
        for html in some:
            try:
                extract(html, "")
            except Exception:
                failed += 1
        return failed

    return work


def version_of(name: str) -> str:
    if name != OURS:
        return version(DISTRIBUTIONS.get(name, name))
    import toolkit

    return toolkit.__version__


def peak() -> int:
    """The peak of this process's memory in kB."""
    try:  # getrusage may give the peak of the parent process
        return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())

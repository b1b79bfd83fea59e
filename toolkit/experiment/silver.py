"""Silver labels: what models said of the blocks of public pages, kept without their text."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..corpus.public.mirror import Mirror, refuse_test
from ..errors import BadInput, Mismatch
from ..features.codes import Floats
from ..model.sample import Silver
from ..page import Blocks
from ..segment import segment
from ..support.files import atomic


class SilverPage(NamedTuple):
    """A page as a file has it. A row of `blocks` is [first text node, last plus one, hash, percents, main percent].

    The percents are of `classes`. The last one says how likely the block is main content.
    """

    page: str
    sha256: str
    classes: list[str]
    blocks: list[Any]


def read_silver_file(path: Path) -> list[SilverPage]:
    """The pages of a file (`.jsonl.gz`). Raises BadInput if it is no file of silver labels."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        return [_page(row) for row in rows]
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except (EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path}: no file of silver labels ({error!r:.80})") from error


def _page(row: dict[str, Any]) -> SilverPage:
    page = SilverPage(row["page"], row["sha256"], row["classes"], row["blocks"])
    for start, end, digest, percents, main in page.blocks:
        numbers = [float(number) for number in (*percents, main)]
        if not (0 <= start <= end and isinstance(digest, str) and len(numbers) == len(page.classes) + 1):
            raise ValueError(f"a row of page {page.page!r}")
    return page


def write_silver_file(path: Path, pages: Iterable[SilverPage]) -> None:
    """Write a file that `read_silver_file` reads; the same pages give the same bytes."""
    with atomic(path) as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        for page in pages:
            file.write(json.dumps(page._asdict(), separators=(",", ":")).encode() + b"\n")


def read_silver(files: Sequence[str], corpora: Sequence[str], folder: Path, *, mirror: Path) -> Silver:
    """The silver labels of `files` in `folder`, on their pages from `corpora` in the mirror.

    Raises `Mismatch` for a page that is missing or changed, or for files with different labels, `SeenTestPages` for a
    test corpus.
    """
    refuse_test(corpora, mirror)
    places = {id: place for corpus in corpora for place in [Mirror.open(mirror / corpus)] for id in place.records}
    found = Silver([], [], [], [])
    for file in files:
        for page in read_silver_file(folder / file):
            if page.page not in places:
                raise Mismatch(f"{folder / file}: page {page.page!r} is in none of {', '.join(corpora)}")
            blocks = segment(places[page.page].page(page.page))
            if blocks.page.sha256 != page.sha256:
                raise Mismatch(f"{folder / file}: page {page.page!r} changed since it was labelled (its hash differs)")
            if found.classes and found.classes != page.classes:
                raise Mismatch(f"{folder / file}: page {page.page!r} has other labels than the pages before it")
            found.classes[:] = page.classes
            chances, main = attach_silver(blocks, page)
            found.pages.append(blocks)
            found.probabilities.append(chances)
            found.main.append(main)
    return found


def attach_silver(blocks: Blocks, page: SilverPage) -> tuple[Floats, npt.NDArray[np.float32]]:
    """The probabilities (blocks, classes) and the main content (blocks,) of a page's blocks, NaN for unknown.

    A block whose run and text are those of a row has its numbers; any other block the mean of the rows of its nodes.
    """
    exact: dict[tuple[int, int, str], list[Any]] = defaultdict(list)
    of_node: dict[int, list[float]] = {}
    for start, end, digest, percents, main in page.blocks:
        numbers = [*percents, main]
        exact[start, end, digest].append(numbers)
        of_node.update(dict.fromkeys(range(start, end), numbers))
    found = np.full((len(blocks), len(page.classes) + 1), np.nan, np.float32)
    for i, place in enumerate(zip(blocks.start, blocks.end, blocks.hashes, strict=True)):
        if rows := exact.get(place):
            found[i] = rows.pop(0) if len(rows) > 1 else rows[0]
        elif covered := [of_node[node] for node in range(*place[:2]) if node in of_node]:
            found[i] = np.mean(covered, axis=0)
    chances = found[:, :-1]
    shares = chances / np.maximum(chances.sum(axis=1, keepdims=True), 1e-9)
    return shares.astype(np.float32), (found[:, -1] / 100).astype(np.float32)

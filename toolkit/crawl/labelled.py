"""Labelled pages for comparisons: drawn from the folder of a crawl, or labelled for that."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..classify.result import Classified
from ..errors import BadInput, UsageError
from ..page import site_of
from ..support.files import read_jsonl
from .folder import MANIFEST, SETTINGS

_SHARDS = 50  # from which pages are drawn
_COLUMNS = ["id", "url", "language", "text", "blocks"]
_SHARD = re.compile(r"part-\d+\.(?:parquet|jsonl\.gz)")


@dataclass(frozen=True)
class LabelledPage:
    """A page with what comparisons need of its blocks. `site`: or the page itself, if its address is unknown."""

    site: str
    language: str
    texts: list[str]
    tags: list[str]
    labels: list[str]
    confidence: npt.NDArray[np.floating[Any]]


def of_classified(pages: Iterable[Classified]) -> list[LabelledPage]:
    """Pages that a model has labelled now."""
    return [
        LabelledPage(
            _site(page.blocks.page.url, page.blocks.page.id), page.blocks.language, page.blocks.text, page.blocks.tag,
            page.labels, page.probabilities.max(axis=1),
        )
        for page in pages
        if len(page.blocks)
    ]  # fmt: skip


def is_crawl(folder: Path) -> bool:
    """Whether `folder` holds shards of a labelled crawl."""
    return (folder / SETTINGS).exists() or (folder.is_dir() and bool(_shards(folder)))


def model_of(folder: Path) -> str:
    """What names the model that labelled a crawl, or "" if the folder does not say it."""
    try:
        return str(json.loads((folder / SETTINGS).read_bytes())["model"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def pages_in_crawl(folder: Path) -> int | None:
    """How many pages a crawl has; None if the folder has no manifest."""
    try:
        return sum(int(line["pages"]) for line in read_jsonl(folder / MANIFEST))
    except (OSError, BadInput, KeyError, TypeError):
        return None


def draw(folder: Path, most: int, *, seed: int = 0) -> list[LabelledPage]:
    """At most `most` pages of a crawl, drawn at random from at most 50 shards, which are drawn at random too."""
    shards = _shards(folder)
    if not shards:
        raise UsageError(f"{folder}: no shards in it; give a folder that `pageblocks classify --out FOLDER/` wrote")
    chance = random.Random(seed)
    chosen = sorted(chance.sample(shards, min(len(shards), _SHARDS)))
    pages: list[LabelledPage] = []
    for k, path in enumerate(chosen):
        wanted = -(-(most - len(pages)) // (len(chosen) - k))  # what earlier shards lack, later ones give
        try:
            read = _of_parquet if path.suffix == ".parquet" else _of_lines
            pages += read(path, wanted, chance)
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            why = " ".join(str(error).split())[:200]
            raise BadInput(
                f"{path}: not a shard of a labelled crawl, or damaged ({why}); label the pages again"
            ) from error
    return pages


def _shards(folder: Path) -> list[Path]:
    found = [*folder.glob("part-*.parquet"), *(folder / "documents").glob("part-*.jsonl.gz")]
    return sorted(path for path in found if _SHARD.fullmatch(path.name))


def _of_parquet(path: Path, wanted: int, chance: random.Random) -> list[LabelledPage]:
    import pyarrow.parquet as pq  # start-up

    file = pq.ParquetFile(path)
    groups = list(range(file.num_row_groups))
    chance.shuffle(groups)
    pages: list[LabelledPage] = []
    for group in groups:
        if len(pages) >= wanted:
            break
        table = file.read_row_group(group, columns=_COLUMNS)
        rows = sorted(chance.sample(range(len(table)), min(len(table), wanted - len(pages))))
        for row in table.take(rows).to_pylist():
            pages += _of_row(row, row)
    return pages


def _of_lines(path: Path, wanted: int, chance: random.Random) -> list[LabelledPage]:
    held: list[bytes] = []
    with gzip.open(path) as lines:
        for number, line in enumerate(lines):  # a reservoir: each page has the same chance
            if number < wanted:
                held.append(line)
            elif (at := chance.randrange(number + 1)) < wanted:
                held[at] = line
    return [page for line in held for row in [json.loads(line)] for page in _of_row(row, row["metadata"])]


def _of_row(row: dict[str, Any], about: dict[str, Any]) -> Iterator[LabelledPage]:
    blocks: Sequence[dict[str, Any]] = row["blocks"]
    if blocks:
        yield LabelledPage(
            _site(about["url"], row["id"]), about["language"],
            [row["text"][block["start"] : block["end"]] for block in blocks],
            [block["tag"] for block in blocks], [block["label"] for block in blocks],
            np.array([max(block["probabilities"].values()) for block in blocks]),
        )  # fmt: skip


def _site(url: str, id: str) -> str:
    return site_of(url) or f"page:{id}"

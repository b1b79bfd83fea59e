"""Labelled pages -> files. One row a page; a block is a span of the page's text, with a probability for each label.

Parquet: `part-N.parquet`; the column `blocks` holds start, end, tag, hidden, label and probabilities of each
block, the column `clean` the main content, or the text of the labels in `keep`. JSON lines: `documents/part-N.jsonl.gz`
with the same, and `attributes/pageblocks/part-N.jsonl.gz`, the same pages in the same order as Dolma's taggers write
them: for each label the spans `[start, end, probability]` of all blocks. So another threshold or a merge of two labels
is a matter of reading, not of classifying again. Positions count characters (code points).
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..classify.layout import BETWEEN, TextFormat
from ..classify.least import MinProbability
from ..classify.result import Classified, hidden
from ..support.text import encode_utf8, without_surrogates

_GROUP, _GROUP_BLOCKS = 256, 10_000  # pages in a row group, or blocks: long pages take much memory
_TAGS = 1000  # names of tags whose JSON is kept
STEPS = 255  # Parquet holds probabilities as one of 256 values, in a byte each; users read floats
_PARTS = 10_000  # JSON holds probabilities to four digits


@dataclass(frozen=True)
class Row:
    """One page on its way into a shard. `file`: what its file is called in the run, `number`: which page of it."""

    file: str
    number: int
    page: Classified


@dataclass(frozen=True)
class Clean:
    """What the column `clean` has: the text of these labels (() for the main content) from this probability on, and how
    it is written.
    """

    keep: tuple[str, ...] = ()
    format: TextFormat = "text"
    visible: bool = False
    min_probability: MinProbability | None = None

    def text(self, page: Classified) -> str:
        """The page's text."""
        how = {"format": self.format, "visible": self.visible, "min_probability": self.min_probability}
        return page.text(self.keep or None, **how)  # type: ignore[arg-type]


class Shard(Protocol):
    """Files under way. `close` returns them by the place where they belong, {} standing for the shard's number."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add pages to the shard."""

    def close(self) -> dict[str, str]:
        """Finish the shard; place in the crawl's folder, {} for the shard's number -> path of the written file."""


def open_shard(format: str, folder: Path, name: str, *, classes: list[str], clean: Clean) -> Shard:
    """A new shard, `parquet` or `jsonl`, at `folder`/`name`."""
    made = ParquetShard if format == "parquet" else JsonlShard
    return made(folder / name, classes, clean)


def spans(texts: Sequence[str]) -> tuple[list[int], list[int]]:
    """Start and end of each block in the text that `BETWEEN` joins."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    ends = np.cumsum(lengths + len(BETWEEN)) - len(BETWEEN)
    return (ends - lengths).tolist(), ends.tolist()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=1)
def _decimals() -> npt.NDArray[np.object_]:
    """What each probability looks like, rounded to four digits."""
    return np.array([repr(n / _PARTS) for n in range(_PARTS + 1)], object)


def _written(probabilities: npt.NDArray[Any]) -> list[list[str]]:
    """By class, the probabilities of all blocks as they are written."""
    parts = np.rint(probabilities.astype(np.float64) * _PARTS).astype(np.int64)
    columns: list[list[str]] = _decimals()[parts].T.tolist()
    return columns


class JsonlShard:
    """Gzipped JSON lines, with a file of Dolma attributes beside the documents."""

    def __init__(self, path: Path, classes: list[str], clean: Clean) -> None:
        self.clean = clean
        self.quoted = {name: _json(name) for name in classes}
        self.tags: dict[str, str] = {}
        self.attributes = [_json(f"pageblocks__{name}") for name in classes]
        # A block as JSON without its numbers: blocks are most of a line, and the encoder would take most of the time of
        # a run.
        chances = ", ".join(f"{name.replace('%', '%%')}: %s" for name in self.quoted.values())
        self.block = f'{{"start": %d, "end": %d, "tag": %s, "hidden": %s, "label": %s, "probabilities": {{{chances}}}}}'
        self.paths = {
            "documents/part-{}.jsonl.gz": str(path) + ".documents",
            "attributes/pageblocks/part-{}.jsonl.gz": str(path) + ".attributes",
        }
        self.files = [open(name, "wb") for name in self.paths.values()]  # noqa: SIM115
        # No name and no time in the head: the same pages make the same bytes.
        self.packed = [gzip.GzipFile("", "wb", 4, file, mtime=0) for file in self.files]

    def write(self, rows: Sequence[Row]) -> None:
        """Add pages to the shard."""
        for row in rows:
            for out, line in zip(self.packed, self._lines(row), strict=True):
                out.write(encode_utf8(line))

    def _lines(self, row: Row) -> tuple[str, str]:
        blocks, page = row.page.blocks, row.page.blocks.page
        starts, ends = spans(blocks.text)
        columns = _written(row.page.probabilities)
        head: dict[str, Any] = {
            "id": page.id,
            "text": BETWEEN.join(blocks.text),
            "source": page.source,
            "metadata": {
                "url": page.url, "date": page.date, "status": page.status, "title": blocks.title,
                "language": blocks.language, "file": row.file, "number": row.number, "note": str(blocks.note or ""),
                "extra": _json(page.extra),
            },
        }  # fmt: skip
        tags = map(self._tag, blocks.tag)
        unseen = map(("false", "true").__getitem__, hidden(blocks))
        facts = zip(starts, ends, tags, unseen, map(self.quoted.get, row.page.labels), *columns, strict=True)
        said = ", ".join(map(self.block.__mod__, facts))
        clean = _json(self.clean.text(row.page))
        attributes = ", ".join(
            f"{name}: [{', '.join(map('[%d, %d, %s]'.__mod__, zip(starts, ends, column, strict=True)))}]"
            for name, column in zip(self.attributes, columns, strict=True)
        )
        names = {"id": page.id, "source": page.source}
        document = f'{_json(head)[:-1]}, "blocks": [{said}], "clean": {clean}}}\n'
        return document, f'{_json(names)[:-1]}, "attributes": {{{attributes}}}}}\n'

    def _tag(self, tag: str) -> str:
        known = self.tags.get(tag)
        if known is None:
            known = _json(tag)
            if len(self.tags) < _TAGS:  # custom elements can have any name
                self.tags[tag] = known
        return known

    def close(self) -> dict[str, str]:
        """Finish the shard; place in the crawl's folder, {} for the shard's number -> path of the written file."""
        for packed, file in zip(self.packed, self.files, strict=True):
            packed.close()
            file.flush()
            os.fsync(file.fileno())
            file.close()
        return self.paths


class ParquetShard:
    """A Parquet file, written in row groups."""

    def __init__(self, path: Path, classes: list[str], clean: Clean) -> None:
        import pyarrow as pa  # start-up
        import pyarrow.parquet as pq  # start-up

        pa.set_memory_pool(pa.system_memory_pool())  # the default one keeps what is freed, in each worker
        self.classes, self.clean = classes, clean
        self.path = str(path) + ".parquet"
        probabilities = pa.struct([(name, pa.float32()) for name in classes])
        block = pa.struct(
            [("start", pa.int32()), ("end", pa.int32()), ("tag", pa.string()), ("hidden", pa.bool_()), ("label",
            pa.string()),
             ("probabilities", probabilities)]
        )  # fmt: skip
        columns = [(name, pa.string()) for name in ("id", "source", "url", "date")]
        columns += [("status", pa.int16()), *((name, pa.string()) for name in ("title", "language", "file"))]
        columns += [("number", pa.int64()), *((name, pa.string()) for name in ("note", "extra", "text"))]
        columns += [("blocks", pa.list_(block)), ("clean", pa.string())]
        self.schema = pa.schema(columns)
        self.file = open(self.path, "wb")  # noqa: SIM115
        self.writer = pq.ParquetWriter(self.file, self.schema, compression="zstd")
        self.held: list[Row] = []

    def write(self, rows: Sequence[Row]) -> None:
        """Add pages to the shard."""
        self.held += rows
        if len(self.held) >= _GROUP or sum(len(row.page.blocks) for row in self.held) >= _GROUP_BLOCKS:
            self._group()

    def _group(self) -> None:
        import pyarrow as pa  # start-up

        rows, self.held = self.held, []
        if not rows:
            return
        blocks = [row.page.blocks for row in rows]
        starts, ends = zip(*(spans(b.text) for b in blocks), strict=True)
        chances = np.concatenate([row.page.probabilities for row in rows])
        chances = (np.rint(chances * STEPS) / STEPS).astype(np.float32)
        inner = pa.StructArray.from_arrays(
            [pa.array([n for one in starts for n in one], pa.int32()), pa.array([n for one in ends for n in one],
            pa.int32()),
             pa.array([without_surrogates(tag) for b in blocks for tag in b.tag], pa.string()),
             pa.array([unseen for b in blocks for unseen in hidden(b)], pa.bool_()),
             pa.array([label for row in rows for label in row.page.labels], pa.string()),
             pa.StructArray.from_arrays([pa.array(np.ascontiguousarray(column)) for column in chances.T],
             self.classes)],
            fields=list(self.schema.field("blocks").type.value_type),
        )  # fmt: skip
        offsets = np.concatenate([[0], np.cumsum([len(b) for b in blocks])]).astype(np.int32)
        columns: dict[str, Any] = {
            "id": [without_surrogates(b.page.id) for b in blocks],
            "source": [without_surrogates(b.page.source) for b in blocks],
            "url": [without_surrogates(b.page.url) for b in blocks],
            "date": [without_surrogates(b.page.date) for b in blocks],
            "status": [b.page.status for b in blocks],
            "title": [without_surrogates(b.title) for b in blocks],
            "language": [without_surrogates(b.language) for b in blocks],
            "file": [without_surrogates(row.file) for row in rows],
            "number": [row.number for row in rows],
            "note": [str(b.note or "") for b in blocks],
            # As JSON: two tables of a crawl may have columns of other types.
            "extra": [without_surrogates(_json(b.page.extra)) for b in blocks],
            "text": [without_surrogates(BETWEEN.join(b.text)) for b in blocks],
        }
        arrays = [pa.array(columns[name], self.schema.field(name).type) for name in columns]
        arrays.append(pa.ListArray.from_arrays(offsets, inner))
        arrays.append(pa.array([without_surrogates(self.clean.text(row.page)) for row in rows], pa.string()))
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))

    def close(self) -> dict[str, str]:
        """Finish the shard; place in the crawl's folder, {} for the shard's number -> path of the written file."""
        self._group()
        self.writer.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        return {"part-{}.parquet": self.path}

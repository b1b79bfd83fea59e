"""Parquet: one row a block, with types. Also how a folder of the Hub's form is read back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import BadInput, MissingColumn
from .sheet import COLUMNS

_BATCH = 5_000


def write_parquet(rows: Iterable[dict[str, Any]]) -> bytes:
    """The rows as a Parquet file; `label` is text, null where there is none."""
    import pyarrow as pa  # start-up
    from pyarrow import parquet  # start-up

    kinds = {"position": pa.int32(), "flags": pa.int32(), "depth": pa.int32(), "link_density": pa.float32()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    out = io.BytesIO()
    with parquet.ParquetWriter(out, schema, compression="zstd") as file:
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                file.write_table(pa.Table.from_pylist(batch, schema))
                batch = []
        file.write_table(pa.Table.from_pylist(batch, schema))
    return out.getvalue()


def read_parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows with at least `page`, `label` and `text` of a file, or of `data/*.parquet` in a folder as `export` makes it.

    Labels that are numbers are named by the file's own features (a ClassLabel). Raises BadInput, MissingColumn
    among it.
    """
    import pyarrow  # start-up
    from pyarrow.parquet import ParquetFile  # start-up

    files = sorted((path / "data").glob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise BadInput(f"{path}: no data/*.parquet in this folder")
    for file in files:
        try:
            with ParquetFile(file) as table:
                if missing := {"page", "label", "text"} - set(table.schema_arrow.names):
                    raise MissingColumn(f"{file}: no column {', '.join(sorted(missing))}", table=str(file))
                classes = _classes(table.schema_arrow)
                for batch in table.iter_batches(batch_size=_BATCH, use_threads=False):
                    for row in batch.to_pylist():
                        yield {**row, "label": _name(row["label"], classes, file)}
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            raise BadInput(f"{file}: cannot be read as Parquet ({why})") from error


def _classes(schema: Any) -> list[str]:
    facts = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    return list(((facts.get("info") or {}).get("features") or {}).get("label", {}).get("names") or [])


def _name(label: str | int | None, classes: list[str], file: Path) -> str | None:
    if label is None or label == -1 or label == "":
        return None
    if isinstance(label, str):
        return label
    if not 0 <= label < len(classes):
        raise BadInput(f"{file}: label {label!r:.20} has no name in the file's features")
    return classes[label]

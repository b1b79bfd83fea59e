"""What was computed once, by the hash of all that it was computed from. Arrays and JSON, so reading it runs no code."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..support.dump import to_json
from ..support.files import write_atomic

FOLDER = Path(".cache/experiments")
Arrays = dict[str, npt.NDArray[Any]]


class Cache:
    """A folder of results; without a folder nothing is kept. A file that is damaged counts as missing."""

    def __init__(self, folder: Path | str | None = FOLDER) -> None:
        self.folder = Path(folder) if folder is not None else None

    def has(self, kind: str, key: str) -> bool:
        """Whether anything is kept under `key`."""
        return self.folder is not None and any(self.folder.glob(f"{kind}-{key}.*"))

    def arrays(self, kind: str, key: str) -> Arrays | None:
        """The arrays kept under `key`; None where there are none that can be read."""
        raw = self._read(f"{kind}-{key}.npz")
        try:
            if raw is None:
                return None
            with np.load(io.BytesIO(raw), allow_pickle=False) as npz:
                return {name: npz[name] for name in npz.files}
        except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile):
            return None

    def keep_arrays(self, kind: str, key: str, arrays: Arrays) -> None:
        """Keep arrays under `key`."""
        if self.folder is not None:
            buffer = io.BytesIO()
            np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
            write_atomic(self.folder / f"{kind}-{key}.npz", buffer.getvalue())

    def rows(self, kind: str, key: str) -> list[Any] | None:
        """The rows kept under `key`; None where there are none that can be read."""
        raw = self._read(f"{kind}-{key}.jsonl.gz")
        try:
            return None if raw is None else [json.loads(line) for line in gzip.decompress(raw).splitlines()]
        except (ValueError, OSError, EOFError, zlib.error):
            return None

    def keep_rows(self, kind: str, key: str, rows: Iterable[Any]) -> None:
        """Keep rows, anything that JSON takes, under `key`."""
        if self.folder is not None:
            raw = "".join(to_json(row) + "\n" for row in rows).encode()
            write_atomic(self.folder / f"{kind}-{key}.jsonl.gz", gzip.compress(raw, 1, mtime=0))

    def _read(self, name: str) -> bytes | None:
        if self.folder is None:
            return None
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

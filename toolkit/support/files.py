"""Reading and writing small files so that a killed process leaves the old file or the new one, never half of one."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import BadInput, PageblocksError

_HALF = re.compile(r"[\ud800-\udfff]")


def write_atomic(path: Path | str, data: bytes | str) -> None:
    """Write to a temporary file beside `path`, flush it to the disk, and move it into place."""
    path = Path(path)
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as f:
            temporary = f.name
            f.write(raw)
            f.flush()
            os.fsync(f.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise PageblocksError(f"cannot write {path}: {error.strerror or error}; what was there is untouched") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_jsonl(path: Path | str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON-lines file. Blank lines are passed over; a bad line is an error that names its number."""
    try:
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                if line.strip():
                    try:
                        row = json.loads(line)
                    except (ValueError, RecursionError) as error:
                        why = str(error) or "nested too deeply"
                        raise BadInput(f"{path}:{number}: not JSON ({why}); mend or remove the line") from error
                    if not isinstance(row, dict):
                        what = type(row).__name__
                        raise BadInput(f"{path}:{number}: not a JSON object but {what}; mend or remove the line")
                    yield row
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 text; is this a JSON-lines file?") from error


def write_jsonl(path: Path | str, rows: Iterable[dict[str, Any]]) -> None:
    write_atomic(path, "".join(_line(row) for row in rows))


def _line(row: dict[str, Any]) -> str:
    line = json.dumps(row, ensure_ascii=False) + "\n"
    # Half a surrogate pair is no UTF-8, and nobody could read the file; as an escape it is JSON.
    return line if line.isascii() or not _HALF.search(line) else json.dumps(row) + "\n"


def data_path(name: str) -> Path:
    """A data file that comes with the project (`labels/web-page.toml`), in a checkout as in an installed wheel."""
    package = Path(__file__).parents[1]
    for root in (package.parent, package / "data"):
        if (root / name).exists():
            return root / name
    raise PageblocksError(f"{name} is missing from the installation; install pageblocks again")

"""The pages that are measured, and where they come from; shared by the commands in this folder."""

from __future__ import annotations

import contextlib
import gzip
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
BESIDE = ROOT.parent / "shared" / "corpora"
SAMPLE = ROOT / "corpora" / "sample" / "pages"


def default_folder() -> Path:
    """The mirror of public corpora beside the project, or else the sample corpus."""
    return BESIDE if BESIDE.is_dir() else SAMPLE


def load(folder: Path, count: int) -> list[Path]:
    """Return files with readable pages from a folder or a mirror of corpora, always in the same order."""
    from toolkit.errors import PageblocksError
    from toolkit.readers import read_pages
    from toolkit.segment import segment

    inside = folder / "wcxb-dev" / "html"
    where = inside if inside.is_dir() else folder
    files = (
        sorted(p for p in where.glob("*") if p.name.endswith((".html", ".html.gz", ".htm"))) if where.is_dir() else []
    )
    random.Random(0).shuffle(files)
    found: list[Path] = []
    for file in files:
        if len(found) >= count:
            break
        with contextlib.suppress(PageblocksError):  # a page without text measures nothing
            for page in read_pages([file]):
                segment(page)
                found.append(file)
    return found


def bytes_of(files: list[Path]) -> list[bytes]:
    return [gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw for raw in (file.read_bytes() for file in files)]


def mean_kilobytes(pages: list[bytes]) -> int:
    return round(sum(map(len, pages)) / len(pages) / 1000)

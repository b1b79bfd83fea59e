"""What a result depends on, as hashes: settings, code, data, and the versions of what did the sums."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

_TOOLKIT = Path(__file__).parent.parent
# What decides which blocks a page has, and which labels land on them; and what decides what a model says of them.
READING = ("page.py", "standoff.py", "content.py", "recipe.py", "corpus.py", "public", "segment")
LEARNING = (
    "segment/plain.py",
    "segment/text.py",
    "train.py",
    "features",
    "data/words.toml",
    "data/pitches.toml",
    "model",
    "experiment/folds.py",
    "experiment/without.py",
    "experiment/parts.py",
)
MEASURING = ("bootstrap.py", "evaluate", "experiment/measure.py")


def digest(value: Any) -> str:
    """Sixteen hex digits of anything that JSON can hold; the order of keys does not count."""
    raw = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(raw.encode()).hexdigest()[:16]


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def code(parts: tuple[str, ...] = (*READING, *LEARNING, *MEASURING)) -> str:
    """A hash of the toolkit's source files; blank lines and lines of comment do not count."""
    lines = []
    for file in sorted({file for part in parts for file in _files(_TOOLKIT / part)}):
        lines.append(file.relative_to(_TOOLKIT).as_posix())
        for line in file.read_text("utf-8").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                lines.append(line)
    return digest(lines)


def _files(path: Path) -> Iterable[Path]:
    return [path] if path.is_file() else path.rglob("*.py")


@cache
def _versions() -> dict[str, str]:
    import numpy
    import scipy
    import sklearn

    from .. import __version__

    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
        "pageblocks": __version__,
    }


def versions() -> dict[str, str]:
    return dict(_versions())

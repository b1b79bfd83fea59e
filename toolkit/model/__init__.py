"""The classifier: pages of blocks in, a label and probabilities for each block out."""

from __future__ import annotations

from pathlib import Path

from ..errors import BadModel
from .classifier import BlockClassifier

__all__ = ["BlockClassifier", "load"]


def load(name: str | Path = "default") -> BlockClassifier:
    """A model by its name (`default`, which comes with the package) or by its folder.

    Raises `PageblocksError` when there is none or its files are damaged or from a newer version.
    """
    if str(name) == "default":
        from ..support.files import data_path

        return BlockClassifier.load(data_path("model/default"))
    if not Path(name).is_dir():
        raise BadModel(f"{name}: no such model; give `default` or a folder that `pageblocks train --out` made")
    return BlockClassifier.load(name)

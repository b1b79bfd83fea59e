"""The classifier: it gives each block of a page a label and probabilities."""

from __future__ import annotations

from pathlib import Path

from ..errors import BadModel
from ..support.files import data_path
from .classifier import BlockClassifier

__all__ = ["BlockClassifier", "load"]


def load(name: str | Path = "default") -> BlockClassifier:
    """Load a model.

    Parameters
    ----------
    name : str or Path, default="default"
        `default` for the model that comes with pageblocks, or the folder of a saved model.

    Returns
    -------
    BlockClassifier
        The fitted model.

    Raises
    ------
    BadModel
        If there is no such model, or its files are damaged or from a newer version.

    Examples
    --------
    >>> import pageblocks
    >>> model = pageblocks.load()
    >>> model.classes_.tolist()
    ['appeal', 'article', 'caption', 'form', 'sidebar']
    """
    if str(name) == "default":
        return BlockClassifier.load(data_path("model/default"))
    if not Path(name).is_dir():
        raise BadModel(f"{name}: no such model; give `default` or a folder that `pageblocks train --out` made")
    return BlockClassifier.load(name)

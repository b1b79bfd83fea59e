"""The product of a sparse matrix and a dense one: what `csr_matrix @ dense` of scipy does, with its compiled code."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .codes import Floats

Whole = npt.NDArray[np.integer[Any]]


def product(values: Floats, columns: Whole, bounds: Whole, *, dense: Floats) -> Floats:
    """The rows of a sparse matrix (n, m) times `dense` (m, k): (n, k), in single precision.

    Row i has `values` in `columns` from `bounds[i]` to `bounds[i + 1]`; a column may be there more than once. Raises
    ValueError for a column that is not in `dense`.
    """
    rows, (height, width) = len(bounds) - 1, dense.shape
    columns = columns.astype(np.int32, copy=False)
    # The compiled code reads wherever it is told. As unsigned numbers negative ones are large.
    if len(columns) and columns.view(np.uint32).max() >= height:
        raise ValueError(f"a column of the sparse matrix is not among {height} rows of the dense one")
    found = np.zeros((rows, width), np.float32)
    _multiply()(
        rows, height, width, bounds.astype(np.int32, copy=False), columns, values.astype(np.float32, copy=False),
        np.ascontiguousarray(dense, np.float32).ravel(), found.ravel(),
    )  # fmt: skip
    return found


@lru_cache(maxsize=1)
def _multiply() -> Callable[..., None]:
    """`csr_matvecs` of scipy, which adds to its last argument.

    The package around it takes twice as long to import as NumPy, and only training needs it. So the compiled module is
    loaded alone; if it is not where it has always been, the package is imported.
    """
    scipy = importlib.util.find_spec("scipy")
    folders = [str(Path(place) / "sparse") for place in (scipy and scipy.submodule_search_locations) or ()]
    found = PathFinder.find_spec("_sparsetools", folders)
    if found is None or found.loader is None:
        return _with_package
    try:
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        multiply: Callable[..., None] = module.csr_matvecs
    except (ImportError, AttributeError):
        return _with_package
    return multiply


def _with_package(
    rows: int, height: int, width: int, bounds: Whole, columns: Whole, values: Floats, dense: Floats, out: Floats
) -> None:
    from scipy.sparse import csr_matrix  # start-up

    out += (csr_matrix((values, columns, bounds), shape=(rows, height)) @ dense.reshape(height, width)).ravel()

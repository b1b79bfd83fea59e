"""The product with scipy's compiled code, beside that of scipy's matrices."""

from __future__ import annotations

from importlib.machinery import PathFinder

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from toolkit.features import sparse


@pytest.fixture(params=["alone", "in its package", "without the function"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the compiled code is found; the last two import all of scipy.sparse."""
    if request.param == "in its package":
        monkeypatch.setattr(PathFinder, "find_spec", lambda *given: None)
    elif request.param == "without the function":
        monkeypatch.setattr(sparse.importlib.util, "module_from_spec", lambda spec: object())
    found = sparse._multiply.__wrapped__()
    assert (found is sparse._with_package) == (request.param != "alone")
    monkeypatch.undo()
    monkeypatch.setattr(sparse, "_multiply", lambda: found)
    return str(request.param)


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 1, 3), (50, 1000, 16), (300, 400, 1), (3, 5, 0)])
def test_it_is_the_product_of_scipy_bit_for_bit(shape: tuple[int, int, int], place: str) -> None:
    n, m, k = shape
    chance = np.random.default_rng(n)
    bounds = np.concatenate([[0], np.cumsum(chance.integers(0, 9, n))])
    columns = chance.integers(0, m, bounds[-1])
    values, dense = (chance.standard_normal(size).astype(np.float32) for size in (bounds[-1], (m, k)))
    found = sparse.product(values, columns, bounds, dense=dense)
    assert found.dtype == np.float32
    assert np.array_equal(found, csr_matrix((values, columns, bounds), shape=(n, m)) @ dense)


@pytest.mark.parametrize("column", [-1, 3])
def test_a_column_that_is_not_there_is_refused(column: int) -> None:
    with pytest.raises(ValueError, match="not among 3 rows"):
        sparse.product(np.ones(1, np.float32), np.array([column]), np.array([0, 1]), dense=np.ones((3, 2), np.float32))

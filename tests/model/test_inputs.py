"""The input of the second stage: some rows of it are the same as those of the whole."""

from __future__ import annotations

import numpy as np

from toolkit.model.inputs import Inputs, Scaler


def test_rows_are_those_of_the_whole_and_standardised() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.standard_normal((9, 3)).astype(np.float32), rng.standard_normal((9, 2)) * 50]
    plain = Inputs(parts)[:]
    assert (plain.dtype, plain.shape, len(Inputs(parts))) == (np.float32, (9, 5), 9)
    scaler = Scaler.of(plain)
    x = Inputs(parts, scaler)
    assert np.array_equal(x[:], scaler(plain))
    assert np.array_equal(x[4:7], x[:][4:7])
    assert np.abs(x[:].mean(axis=0)).max() < 1e-5

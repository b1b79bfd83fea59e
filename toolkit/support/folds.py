"""Groups that are held out together."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt


def held_out(
    y: npt.NDArray[Any], groups: npt.NDArray[np.str_], folds: int, *, seed: int = 0
) -> list[npt.NDArray[np.str_]]:
    """The groups of each fold, drawn so that the values of `y` are spread evenly over the folds.

    Parameters
    ----------
    y : array of shape (samples,)
        The label of each sample.
    groups : array of shape (samples,)
        The group of each sample; all samples of a group are in one fold.
    folds : int
        The number of folds, 2 or more.
    seed : int, default=0
        Another seed draws other folds.

    Returns
    -------
    list of arrays
        The names of the groups of each fold, sorted; a fold may be empty where groups are few.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # start-up

    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A label with fewer samples than folds cannot be in every fold; reports show the support of each label.
        warnings.simplefilter("ignore", UserWarning)
        return [np.unique(groups[test]) for _, test in splitter.split(np.zeros(len(y)), y, groups)]

"""A pickled model is small, says the same as before, and is read once by a process."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from typing import Any

import pytest

from toolkit import BlockClassifier, Page
from toolkit.segment import segment

HTML = "<h1>The night ferry sails again</h1><p>It left the harbour on Monday.</p><button>Subscribe</button>"
PAGE = segment(Page("ferry", "", HTML.encode()))


def again(model: BlockClassifier) -> BlockClassifier:
    found: BlockClassifier = pickle.loads(pickle.dumps(model))  # noqa: S301
    return found


def test_the_pickle_of_the_default_model_is_small_and_the_same_model(model: BlockClassifier) -> None:
    assert len(pickle.dumps(model)) < 10e6
    twice = again(again(model))
    assert twice.version == model.version
    assert (twice.predict_proba([PAGE])[0] == model.predict_proba([PAGE])[0]).all()
    assert (twice.facts_, twice.get_params(), twice.story_) == (model.facts_, model.get_params(), model.story_)


def test_a_process_reads_the_weights_once(model: BlockClassifier) -> None:
    assert again(model).families_ is again(model).families_


def test_a_model_that_learns_again_is_pickled_as_it_is_then() -> None:
    model = BlockClassifier(hidden=2, epochs=1, folds=2, dumps=0)
    assert again(model).get_params() == model.get_params()
    model.fit([PAGE] * 3, [["a", "a", "b"]] * 3)
    first = again(model)
    model.fit([PAGE] * 3, [["a", "c", "b"]] * 3)
    assert again(model).classes_.tolist() == ["a", "b", "c"]
    assert again(model).version == copy.deepcopy(model).version == model.version != first.version


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_of_processes_labels_pages(model: BlockClassifier, method: Any) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    with multiprocessing.get_context(method).Pool(1) as pool:
        found = pool.map(model.classify, [HTML, "<p>Imprint</p>", HTML], chunksize=1)
    assert [page.labels for page in found] == [model.classify(page).labels for page in (HTML, "<p>Imprint</p>", HTML)]

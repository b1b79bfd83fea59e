"""scikit-learn's metrics with pages as samples are those over all labelled blocks."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, fbeta_score, log_loss, make_scorer
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline

from toolkit import BlockClassifier, Page
from toolkit.errors import Mismatch
from toolkit.segment import segment
from toolkit.train.scoring import make_block_scorer

BODIES = ["<h1>Ferry {}</h1><p>It left on Monday<p>Subscribe!", "<p>Login<p>The weir {} holds"]
PAGES = [segment(Page(f"{k}", "", BODIES[k % 2].format(k).encode(), url=f"https://{k}.example")) for k in range(6)]
LABELS: list[list[str | None]] = [["story", None, "rest"], ["rest", "story"]] * 3
MODEL = BlockClassifier(hidden=2, epochs=1, folds=2, dumps=0, vectors=False)


@pytest.fixture(scope="module")
def fitted() -> BlockClassifier:
    return MODEL.fit(PAGES[:4], LABELS[:4])


def test_a_metric_is_that_of_all_labelled_blocks(fitted: BlockClassifier) -> None:
    gold = [label for page in LABELS for label in page if label is not None]
    known = [label is not None for page in LABELS for label in page]
    chances = np.concatenate(fitted.predict_proba(PAGES))[known]
    found = np.concatenate(fitted.predict(PAGES))[known]
    half = make_scorer(fbeta_score, beta=0.5, average="macro", pos_label=None)
    wanted: list[tuple[Any, float]] = [
        ("f1_macro", f1_score(gold, found, average="macro")),
        ("accuracy", fitted.score(PAGES, LABELS)),
        ("neg_log_loss", -log_loss(gold, chances, labels=fitted.classes_)),
        (half, fbeta_score(gold, found, beta=0.5, average="macro")),
    ]
    for name, value in wanted:
        scorer = pickle.loads(pickle.dumps(make_block_scorer(name)))  # noqa: S301
        assert scorer(fitted, PAGES, LABELS) == pytest.approx(value)


def test_cross_validate_and_search_take_it() -> None:
    scoring = {name: make_block_scorer(name) for name in ("f1_macro", "neg_log_loss")}
    found = cross_validate(MODEL, PAGES, LABELS, cv=2, scoring=scoring, error_score="raise")
    assert (found["test_f1_macro"] >= 0).all()
    assert (found["test_neg_log_loss"] <= 0).all()
    search = GridSearchCV(
        make_pipeline(MODEL), {"blockclassifier__hidden": [2, 3]}, cv=2, scoring=scoring["f1_macro"], n_jobs=2,
        error_score="raise",
    )  # fmt: skip
    assert search.fit(PAGES, LABELS).best_score_ >= 0


def test_by_name_alone_scikit_learn_refuses_lists_of_labels() -> None:
    with pytest.raises(ValueError, match="legacy multi-label data representation"):
        cross_validate(MODEL, PAGES, LABELS, cv=2, scoring="f1_macro", error_score="raise")


def test_pages_without_their_labels_are_refused(fitted: BlockClassifier) -> None:
    with pytest.raises(Mismatch, match="6 pages but labels for 5"):
        make_block_scorer("accuracy")(fitted, PAGES, LABELS[:5])
    with pytest.raises(ValueError, match="'f7' is not a valid scoring value"):
        make_block_scorer("f7")

"""The classifier does what scikit-learn asks of an estimator, without inheriting from one of its classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.exceptions import NotFittedError, UnsetMetadataPassedError
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from toolkit import BlockClassifier, Page
from toolkit.errors import UsageError
from toolkit.segment import segment

SMALL: dict[str, Any] = {"hidden": 2, "epochs": 1, "folds": 2, "dumps": 0, "vectors": False}
PAGES = [
    segment(
        Page(f"{k}", "", f"<h1>Ferry {k}</h1><p>It left on Monday<p>Subscribe!".encode(), url=f"https://{k}.example")
    )
    for k in range(6)
]
SHORT = segment(Page("short", "", b"<p>It left<p>Subscribe!", url="https://short.example"))
LABELS = [["article", "article", "appeal"]] * len(PAGES)


class Theirs(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The same parameters in an estimator of scikit-learn."""

    def __init__(
        self, *, folds: int = 5, members: int = 1, hidden: int = 64, epochs: int = 8, dumps: int = 1,
        vectors: bool = True, random_state: int = 0,
    ) -> None:  # fmt: skip
        self.folds, self.members, self.hidden, self.epochs, self.dumps = folds, members, hidden, epochs, dumps
        self.vectors, self.random_state = vectors, random_state


@pytest.fixture
def model() -> BlockClassifier:
    return BlockClassifier(**SMALL)


@pytest.mark.parametrize("parameters", [{}, SMALL, dict.fromkeys(Theirs().get_params(), 123456)])
def test_parameters_are_told_as_scikit_learn_tells_them(parameters: dict[str, Any]) -> None:
    ours, theirs = BlockClassifier(**parameters), Theirs(**parameters)
    assert list(ours.get_params().items()) == list(theirs.get_params().items())
    assert repr(ours).split() == repr(theirs).replace("Theirs", "BlockClassifier").split()
    assert max(map(len, repr(ours).splitlines())) <= 80
    # With the tag of a classifier, folds would be stratified by labels that a page has many of.
    assert not is_classifier(ours)
    assert get_tags(ours).target_tags.required


def test_parameters_are_set_all_or_none(model: BlockClassifier) -> None:
    assert model.set_params(epochs=2, hidden=3) is model
    assert (model.epochs, model.hidden) == (2, 3)
    with pytest.raises(ValueError) as ours:
        model.set_params(epochs=7, nope=1)
    with pytest.raises(ValueError) as theirs:
        Theirs(**model.get_params()).set_params(nope=1)
    assert str(ours.value) == str(theirs.value).replace("Theirs", "BlockClassifier")
    assert model.epochs == 2


def test_a_copy_has_the_parameters_and_is_not_fitted(model: BlockClassifier) -> None:
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    model.fit(PAGES, LABELS)
    check_is_fitted(model)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        check_is_fitted(copy)


@pytest.mark.parametrize("folds", [2, KFold(2)], ids=str)
def test_scikit_learn_searches_and_validates_with_pages_as_samples(model: BlockClassifier, folds: Any) -> None:
    search = GridSearchCV(model, {"hidden": [2, 3]}, cv=folds).fit(PAGES, LABELS, formats=("html",))
    assert search.best_params_["hidden"] in (2, 3)
    assert set(search.best_estimator_.families_) == {"html"}
    assert search.score(PAGES, LABELS) == search.best_estimator_.score(PAGES, LABELS)
    assert ((scores := cross_val_score(model, PAGES, LABELS, cv=folds)) >= 0).all()
    assert learning_curve(model, PAGES, LABELS, cv=folds, train_sizes=[1.0])[2].ravel() == pytest.approx(scores)
    assert make_pipeline(model).fit(PAGES, LABELS).predict(PAGES[:1]) == clone(model).fit(PAGES, LABELS).predict(
        PAGES[:1]
    )


def test_cross_val_predict_gives_the_labels_of_each_page(model: BlockClassifier) -> None:
    pages, labels = [*PAGES[:3], SHORT], [*LABELS[:3], ["article", "appeal"]]
    folds = KFold(2, shuffle=True, random_state=1)
    found = cross_val_predict(model, pages, labels, cv=folds)
    assert found.shape == (4,)
    for train, test in folds.split(pages):
        fitted = clone(model).fit([pages[i] for i in train], [labels[i] for i in train])
        assert found[test].tolist() == fitted.predict([pages[i] for i in test])
    assert len(np.concatenate(found)) == sum(map(len, pages))


def test_answers_of_pages_of_one_length_are_still_one_per_page(model: BlockClassifier) -> None:
    found = model.fit(PAGES, LABELS).predict(PAGES)
    assert found == [list(answers) for answers in found]
    assert np.asarray(found).shape == (len(PAGES),)


@pytest.mark.parametrize("pages", [["<h1>Ferry</h1>"], "<h1>Ferry</h1>", [None], PAGES[0]])
def test_a_sample_that_is_no_page_is_told(model: BlockClassifier, pages: Any) -> None:
    model.fit(PAGES, LABELS)
    for ask in (model.predict, model.predict_proba, lambda some: model.fit(some, LABELS), lambda s: model.score(s, [])):
        with pytest.raises(UsageError, match=r"a sample is the Blocks of a page, not .*segment.*classify_many"):
            ask(pages)


def test_a_notebook_shows_the_diagram(model: BlockClassifier) -> None:
    assert "BlockClassifier" in str(model._repr_html_())
    with config_context(display="text"):
        assert model._repr_html_() is None


@pytest.fixture
def routing() -> Iterator[None]:
    with config_context(enable_metadata_routing=True):
        yield


def test_requests_need_metadata_routing(model: BlockClassifier) -> None:
    with pytest.raises(RuntimeError, match="only available when metadata routing is enabled"):
        model.set_fit_request(init=True)


def test_arguments_are_passed_on_where_they_are_requested(model: BlockClassifier, routing: None) -> None:
    def scores(model: BlockClassifier, **params: object) -> Any:
        return cross_validate(model, PAGES, LABELS, cv=KFold(2), params=params, error_score="raise")

    with pytest.raises(UnsetMetadataPassedError, match="BlockClassifier.fit"):
        scores(model, formats=("text",))
    with pytest.raises(TypeError, match="Unexpected args: {'nope'} in fit"):
        model.set_fit_request(nope=True)
    asking = clone(model.set_fit_request(formats=True).set_score_request(sample_weight="weight"))
    assert "formats" in str(asking.get_metadata_routing())
    assert scores(asking, formats=("html",), weight=np.ones(len(PAGES)))["test_score"].shape == (2,)

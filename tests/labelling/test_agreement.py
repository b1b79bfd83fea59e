"""Agreement, checked against published values and scikit-learn."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from toolkit.errors import PageblocksError
from toolkit.labelling.agreement import (
    agreement,
    cohen_kappa,
    confusion,
    f1_by_label,
    fleiss_kappa,
    krippendorff_alpha,
    percent_agreement,
)

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", the four observers of section D; nominal alpha 0.743.
KRIPPENDORFF = [
    [None if c == "*" else c for c in row.split()]
    for row in (
        "1 2 3 3 2 1 4 1 2 * * *",
        "1 2 3 3 2 2 4 1 2 5 * 3",
        "* 3 3 3 2 3 4 2 2 5 1 *",
        "1 2 3 3 2 4 4 1 2 5 1 *",
    )
]
# Fleiss 1971 as retold in the literature: ten subjects, fourteen raters, five categories; kappa 0.210.
FLEISS = [
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
]


def raters(table: list[tuple[int, ...]]) -> list[list[str | None]]:
    rows = [[str(j) for j, n in enumerate(row) for _ in range(n)] for row in table]
    return [list(column) for column in zip(*rows, strict=True)]


def noisy(n: int, seed: int = 0) -> tuple[list[str | None], list[str | None]]:
    rng = np.random.default_rng(seed)
    a = rng.choice(list("abcd"), n, p=[0.6, 0.2, 0.15, 0.05])
    b = np.where(rng.random(n) < 0.8, a, rng.choice(list("abcd"), n))
    return a.tolist(), b.tolist()


def test_alpha_of_the_published_example() -> None:
    assert krippendorff_alpha(KRIPPENDORFF) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_two_observers_published() -> None:
    # The same paper, section B: two observers, five categories, twelve articles; alpha 0.692.
    first = ["a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a"]
    second = ["b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d"]
    assert krippendorff_alpha([first, second]) == pytest.approx(0.692, abs=5e-4)


def test_fleiss_of_the_published_example() -> None:
    assert fleiss_kappa(raters(FLEISS)) == pytest.approx(0.210, abs=5e-4)


def test_cohen_of_the_published_example() -> None:
    # Fifty proposals, two readers: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no; kappa 0.4.
    a = ["y"] * 25 + ["n"] * 25
    b = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert cohen_kappa(a, b) == pytest.approx(0.4)
    assert percent_agreement([a, b]) == pytest.approx(0.7)


@pytest.mark.parametrize("seed", range(5))
def test_cohen_and_f1_equal_scikit_learn(seed: int) -> None:
    a, b = noisy(300, seed)
    assert cohen_kappa(a, b) == pytest.approx(cohen_kappa_score(a, b))
    ours = f1_by_label(a, b, list("abcd"))
    theirs = f1_score(a, b, labels=list("abcd"), average=None, zero_division=0)
    assert list(ours.values()) == pytest.approx(list(theirs))


def test_missing_labels_are_left_out() -> None:
    a, b = noisy(100)
    assert cohen_kappa([*a, None, "a"], [*b, "a", None]) == pytest.approx(cohen_kappa(a, b))
    assert krippendorff_alpha([[*a, None, "a"], [*b, "a", None]]) == pytest.approx(krippendorff_alpha([a, b]))
    assert confusion([*a, None], [*b, "a"], list("abcd")).sum() == 100


def test_full_agreement_and_nothing_to_tell() -> None:
    assert cohen_kappa(list("abab"), list("abab")) == 1
    assert krippendorff_alpha([list("abab"), list("abab")]) == 1
    for statistic in (fleiss_kappa, krippendorff_alpha):
        assert math.isnan(statistic([list("aaa"), list("aaa")]))  # one label in use: chance explains all
        assert math.isnan(statistic([["a", None], [None, "a"]]))
    assert math.isnan(cohen_kappa([None], ["a"]))


def test_alpha_of_one_label_is_alpha_of_the_two_classes() -> None:
    a, b = noisy(200)
    merged = [["c" if x == "c" else "rest" for x in labels] for labels in (a, b)]
    assert krippendorff_alpha([a, b], label="c") == pytest.approx(krippendorff_alpha(merged))


def test_lists_of_unequal_length_and_unknown_labels_are_refused() -> None:
    with pytest.raises(PageblocksError, match=r"\[1, 2\] labels"):
        krippendorff_alpha([["a"], ["a", "b"]])
    with pytest.raises(PageblocksError, match="unknown label 'z'"):
        confusion(["z"], ["a"], ["a"])
    with pytest.raises(PageblocksError, match="two annotators"):
        fleiss_kappa([["a"]])


def pages(n: int = 30) -> dict[str, dict[str, list[str | None]]]:
    return {f"p{i}": dict(zip(("ann", "bob"), noisy(20, seed=i), strict=True)) for i in range(n)}


def test_the_whole_table() -> None:
    data = pages()
    data["alone"] = {"ann": ["a"]}
    result = agreement(data, list("abcd"))
    a = [x for i in range(30) for x in data[f"p{i}"]["ann"]]
    b = [x for i in range(30) for x in data[f"p{i}"]["bob"]]
    assert (result.pages, result.blocks, result.annotators) == (30, 600, ["ann", "bob"])
    assert result.alpha.value == pytest.approx(krippendorff_alpha([a, b]))
    assert result.fleiss.value == pytest.approx(fleiss_kappa([a, b]))
    assert result.percent.value == pytest.approx(percent_agreement([a, b]))
    assert result.alpha_by_label["b"].value == pytest.approx(krippendorff_alpha([a, b], "b"))
    (pair,) = result.pairs
    assert pair.kappa.value == pytest.approx(cohen_kappa_score(a, b))
    assert pair.confusion == confusion(a, b, list("abcd")).tolist()
    for figure in (result.alpha, result.fleiss, result.percent, pair.kappa, pair.f1["a"]):
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < figure.value < figure.high
    assert agreement(data, list("abcd")) == result  # the same seed, the same intervals
    assert (
        json.loads(json.dumps(result.to_dict(), allow_nan=False))["krippendorff_alpha"]["value"] == result.alpha.value
    )


def test_the_interval_is_that_of_a_plain_bootstrap() -> None:
    data = pages(12)
    rng = np.random.default_rng(1)
    names = list(data)
    drawn = []
    for _ in range(600):
        chosen = rng.choice(names, len(names))
        a, b = ([x for p in chosen for x in data[p][who]] for who in ("ann", "bob"))
        drawn.append(krippendorff_alpha([a, b]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    figure = agreement(data, list("abcd")).alpha
    assert (figure.low, figure.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))


def test_one_page_has_no_interval_and_no_pages_is_an_error() -> None:
    assert agreement(pages(1), list("abcd")).alpha.low is None
    with pytest.raises(PageblocksError, match="two annotators"):
        agreement({"p": {"ann": ["a"]}}, ["a"])
    with pytest.raises(PageblocksError, match="page p: unknown label 'z'"):
        agreement({"p": {"ann": ["a"], "bob": ["z"]}}, ["a"])

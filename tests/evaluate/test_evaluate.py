"""Scores against scikit-learn, intervals against a plain bootstrap."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    classification_report,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_fscore_support,
)

from toolkit.errors import Mismatch, PageblocksError
from toolkit.evaluate import Evaluation, baseline, compare_evaluations, evaluate

LABELS = ["article", "caption", "appeal", "form", "sidebar"]


class Data:
    """Pages of uneven sites; the predictions are right in about 85 % of blocks."""

    def __init__(self, pages: int = 60, seed: int = 0, right: float = 0.85) -> None:
        rng = np.random.default_rng(seed)
        self.sites = [f"s{int(x)}.example" for x in rng.integers(0, 20, pages)]
        self.gold, self.predicted, self.probabilities, self.words = [], [], [], []
        for _ in range(pages):
            n = int(rng.integers(5, 40))
            gold = rng.choice(5, n, p=[0.3, 0.05, 0.07, 0.08, 0.5])
            predicted = np.where(rng.random(n) < right, gold, rng.integers(0, 5, n))
            p = rng.dirichlet(np.ones(5), n) * 0.4
            p[np.arange(n), predicted] += 0.6
            self.gold.append([LABELS[i] for i in gold])
            self.predicted.append([LABELS[i] for i in p.argmax(axis=1)])
            self.probabilities.append(p)
            self.words.append([int(x) for x in rng.integers(1, 60, n)])

    @property
    def flat(self) -> tuple[list[str], list[str]]:
        return [x for p in self.gold for x in p], [x for p in self.predicted for x in p]

    def evaluate(self, **more: object) -> Evaluation:
        return evaluate(
            self.gold,
            self.predicted,
            self.sites,
            labels=LABELS,
            probabilities=self.probabilities,
            words=self.words,
            **more,
        )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def data() -> Data:
    return Data()


@pytest.fixture(scope="module")
def result(data: Data) -> Evaluation:
    return data.evaluate(groups={"language": ["en", "de", ""] * 20})


def test_scores_equal_scikit_learn(data: Data, result: Evaluation) -> None:
    gold, predicted = data.flat
    assert result.figures["accuracy"].value == pytest.approx(accuracy_score(gold, predicted))
    assert result.figures["macro_f1"].value == pytest.approx(f1_score(gold, predicted, average="macro"))
    assert result.figures["weighted_f1"].value == pytest.approx(f1_score(gold, predicted, average="weighted"))
    assert result.figures["mcc"].value == pytest.approx(matthews_corrcoef(gold, predicted))
    columns = precision_recall_fscore_support(gold, predicted, labels=LABELS)
    for i, label in enumerate(LABELS):
        s = result.by_label[label]
        assert [s.precision.value, s.recall.value, s.f1.value, s.support] == pytest.approx([c[i] for c in columns])


def test_the_report_has_scikit_learns_keys_and_values(data: Data, result: Evaluation) -> None:
    theirs = classification_report(*data.flat, labels=LABELS, output_dict=True)
    ours = result.to_dict()["report"]
    if "accuracy" not in theirs:  # scikit-learn calls it so when all labels are asked for by name
        theirs["accuracy"] = theirs.pop("micro avg")["f1-score"]
    assert set(ours) == set(theirs)
    for name, row in theirs.items():
        assert ours[name] == pytest.approx(row), name


def test_words_corrections_and_losses(data: Data, result: Evaluation) -> None:
    gold, predicted = data.flat
    words = np.array([w for page in data.words for w in page])
    right = np.array([a == b for a, b in zip(gold, predicted, strict=True)])
    p = np.concatenate(data.probabilities)
    assert result.words == words.sum()
    assert result.figures["word_accuracy"].value == pytest.approx((right * words).sum() / words.sum())
    assert result.figures["corrections_per_page"].value == pytest.approx((~right).sum() / 60)
    truth = np.array([LABELS.index(x) for x in gold])
    assert result.figures["log_loss"].value == pytest.approx(log_loss(truth, p, labels=range(5)))
    assert result.figures["brier"].value == pytest.approx((((np.eye(5)[truth] - p) ** 2).sum(axis=1)).mean())


def test_calibration(result: Evaluation) -> None:
    assert sum(b["blocks"] for b in result.calibration) == result.blocks
    ece = sum(b["blocks"] * abs(b["confidence"] - b["accuracy"]) for b in result.calibration) / result.blocks
    assert result.figures["calibration_error"].value == pytest.approx(ece)
    certain = evaluate([["article"] * 4], [["article"] * 4], ["a"], labels=LABELS, probabilities=[np.eye(5)[[0] * 4]])
    assert certain.figures["calibration_error"].value == 0
    assert certain.figures["log_loss"].value == 0


def test_a_threshold_reaches_the_precision_that_it_promises(data: Data, result: Evaluation) -> None:
    p = np.concatenate(data.probabilities)[:, 0]
    truth = np.array([x == "article" for x in data.flat[0]])
    reached = [t for t in result.precision_recall["article"]["targets"] if t["threshold"] is not None]
    assert reached
    for t in reached:
        kept = p >= t["threshold"]
        assert truth[kept].mean() == pytest.approx(t["precision"])
        assert t["precision"] >= t["target"]
        assert (truth & kept).sum() / truth.sum() == pytest.approx(t["recall"])


def test_thresholds_bins_and_means_have_intervals_too(data: Data, result: Evaluation) -> None:
    for t in result.precision_recall["article"]["targets"]:
        if t["threshold"] is not None:
            assert t["recall_interval"][0] <= t["recall"] <= t["recall_interval"][1]
            assert t["precision_interval"][0] <= t["precision"] <= t["precision_interval"][1]
    wide = max(result.calibration, key=lambda b: b["blocks"])
    assert wide["accuracy_interval"][0] < wide["accuracy"] < wide["accuracy_interval"][1]
    gold, predicted = data.flat
    for kind in ("macro", "weighted"):
        precision, recall, _, _ = precision_recall_fscore_support(gold, predicted, average=kind)
        assert result.figures[f"{kind}_precision"].value == pytest.approx(precision)
        assert result.figures[f"{kind}_recall"].value == pytest.approx(recall)


def test_intervals_are_those_of_a_plain_bootstrap_by_site(data: Data, result: Evaluation) -> None:
    rng = np.random.default_rng(5)
    sites = sorted(set(data.sites))
    pages_of = {s: [i for i, x in enumerate(data.sites) if x == s] for s in sites}
    drawn = []
    for _ in range(400):
        chosen = [i for s in rng.choice(sites, len(sites)) for i in pages_of[s]]
        gold = [x for i in chosen for x in data.gold[i]]
        predicted = [x for i in chosen for x in data.predicted[i]]
        drawn.append((accuracy_score(gold, predicted), f1_score(gold, predicted, average="macro")))
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    for i, name in enumerate(("accuracy", "macro_f1")):
        figure = result.figures[name]
        assert (figure.low, figure.high) == (pytest.approx(low[i], abs=0.006), pytest.approx(high[i], abs=0.006))


def test_every_headline_figure_has_an_interval_around_it(result: Evaluation) -> None:
    assert len(result.figures) == 13
    for figure in result.figures.values():
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= figure.value <= figure.high


def test_groups(data: Data, result: Evaluation) -> None:
    assert set(result.groups) == {"site", "language", "length"}
    assert {g.name for g in result.groups["language"]} == {"en", "de", "unknown"}
    for groups in result.groups.values():
        assert sum(g.blocks for g in groups) == result.blocks
    german = [i for i in range(60) if i % 3 == 1]
    alone = evaluate([data.gold[i] for i in german], [data.predicted[i] for i in german], ["x"] * 20, labels=LABELS)
    group = next(g for g in result.groups["language"] if g.name == "de")
    assert group.macro_f1.value == pytest.approx(alone.figures["macro_f1"].value)
    assert group.corrections_per_page.value == pytest.approx(alone.figures["corrections_per_page"].value)
    assert result.groups["length"][0].name == "1-2 words"
    assert all(g.macro_f1.low is None for g in result.groups["site"])  # one site has no spread between sites


def test_the_same_seed_gives_the_same_evaluation(data: Data) -> None:
    assert data.evaluate() == data.evaluate()
    assert data.evaluate(seed=1).figures["accuracy"] != data.evaluate().figures["accuracy"]


def test_json_and_back(tmp_path: Path, data: Data, result: Evaluation) -> None:
    path = tmp_path / "e.json"
    path.write_text(result.to_json(), encoding="utf-8")
    assert Evaluation.read(path) == result
    sparse = evaluate([["article"]], [["form"]], [""], labels=LABELS)  # most labels are neither in gold nor predicted
    assert math.isnan(sparse.by_label["caption"].f1.value)
    again = Evaluation.from_dict(json.loads(sparse.to_json()))
    assert again.to_json() == sparse.to_json()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99}', '{"format": 1}'])
def test_a_file_that_is_no_evaluation(tmp_path: Path, text: str) -> None:
    path = tmp_path / "e.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PageblocksError):
        Evaluation.read(path)


def test_macro_f1_leaves_out_labels_that_gold_does_not_have() -> None:
    result = evaluate([["article", "article", "sidebar"]], [["article", "form", "sidebar"]], ["a"], labels=LABELS)
    assert result.figures["macro_f1"].value == pytest.approx((2 / 3 + 1) / 2)


def test_blocks_without_gold_are_left_out() -> None:
    result = evaluate([["article", None], [None]], [["article", "form"], ["form"]], ["a", "b"], labels=LABELS)
    assert (result.blocks, result.pages, result.sites) == (1, 1, 1)
    assert result.figures["accuracy"].value == 1


def test_a_page_without_a_site_stands_for_itself() -> None:
    assert evaluate([["article"]] * 3, [["article"]] * 3, ["", "", "a"], labels=LABELS).sites == 3


def test_columns_follow_the_classes_of_the_model(data: Data, result: Evaluation) -> None:
    order = sorted(LABELS)
    shuffled = [p[:, [LABELS.index(c) for c in order]] for p in data.probabilities]
    again = evaluate(data.gold, data.predicted, data.sites, labels=LABELS, probabilities=shuffled, classes=order)
    assert again.figures["log_loss"] == result.figures["log_loss"]
    two = evaluate(
        [["article"]],
        [["article"]],
        ["a"],
        labels=LABELS,
        probabilities=[np.array([[0.9, 0.1]])],
        classes=["article", "sidebar"],
    )
    assert two.figures["log_loss"].value == pytest.approx(-math.log(0.9))


def test_the_baseline_says_the_majority(data: Data) -> None:
    base = baseline(data.gold, data.sites, LABELS)
    gold = data.flat[0]
    assert base.figures["accuracy"].value == pytest.approx(gold.count("sidebar") / len(gold))
    assert base.figures["mcc"].value == 0
    assert baseline(data.gold, data.sites, LABELS, majority="form").by_label["form"].recall.value == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"predicted": [["article"]]}, "gold has 2"),
        ({"predicted": [["article"], ["article", "form"]]}, "page 2 has 1 gold label and 2 predictions"),
        ({"predicted": [["article"], ["advert"]]}, "unknown label 'advert'"),
        ({"gold": [["article"], ["advert"]]}, "unknown label 'advert'"),
        ({"gold": [[None], [None]]}, "no gold label"),
        ({"gold": [], "predicted": [], "sites": []}, "no gold label"),
        ({"sites": ["a"]}, "1 site is given for 2 pages"),
        ({"probabilities": [np.full((1, 4), 0.25)] * 2}, "one column for each"),
        ({"probabilities": [np.full((1, 5), 0.5)] * 2}, "add up to 1"),
        ({"probabilities": [np.full((1, 5), np.nan)] * 2}, "add up to 1"),
        ({"groups": {"type": ["news"]}}, "the group 'type' has 1 value"),
    ],
)
def test_input_that_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    given = {
        "gold": [["article"], ["form"]],
        "predicted": [["article"], ["form"]],
        "sites": ["a", "b"],
        "labels": LABELS,
    }
    with pytest.raises(PageblocksError, match=message):
        evaluate(**{**given, **change})  # type: ignore[arg-type]


def test_compare_is_paired_by_site() -> None:
    good, bad = Data(seed=3, right=0.9), Data(seed=3, right=0.6)
    assert good.gold == bad.gold
    by_score = {c.score: c for c in compare_evaluations(bad.evaluate(), good.evaluate())}
    assert by_score["macro_f1"].verdict == "better"
    assert {c.verdict for c in compare_evaluations(good.evaluate(), bad.evaluate())} == {"worse"}
    same = compare_evaluations(good.evaluate(), good.evaluate())
    assert {(c.difference.value, c.verdict) for c in same} == {(0.0, "cannot tell")}
    with pytest.raises(Mismatch, match="different"):
        compare_evaluations(good.evaluate(), Data(seed=4).evaluate())


def test_scores_by_page_type_come_from_the_corpus() -> None:
    from toolkit.corpus.folder import Corpus
    from toolkit.page import group_of
    from toolkit.train.fit import Predictions, evaluate_predictions

    corpus = Corpus.open(Path(__file__).parents[2] / "corpora/sample")
    pages, labels = corpus.read_labelled()
    found = Predictions(pages, labels, labels, [np.eye(5)[[LABELS.index(x) for x in page]] for page in labels], LABELS)
    scores, floor = evaluate_predictions(found, types=corpus.types())
    assert {g.name for g in scores.groups["page type"]} == set(corpus.types().values())
    assert sum(g.pages for g in scores.groups["page type"]) == len(pages)
    assert scores.sites == len({group_of(page) for page in pages})
    assert set(scores.groups) == {"site", "format", "language", "length", "page type"}
    assert floor.blocks == scores.blocks

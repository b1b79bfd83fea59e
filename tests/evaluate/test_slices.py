"""The worst slices: a planted one is found and measured apart from where it was found, and chance finds none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toolkit.corpus.folder import Corpus
from toolkit.evaluate import Evaluation
from toolkit.evaluate.properties import Property, block_properties
from toolkit.evaluate.slices import FEWEST_UNITS, Slices, find_slices
from toolkit.model import BlockClassifier
from toolkit.train.fit import evaluate_predictions, predict

SITES, PER_SITE = 60, 100


class Made:
    """Blocks of sixty sites with three properties; 5 % are wrong, and half of those that are `td` in language `de`."""

    def __init__(self, planted: bool, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        n = SITES * PER_SITE
        self.units = [f"s{i // PER_SITE}.example" for i in range(n)]
        self.values = {
            "tag": rng.choice(["p", "li", "td", "h2"], n).tolist(),
            "language": [["en", "de", "fr"][i // PER_SITE % 3] for i in range(n)],
            "noise": rng.choice([str(k) for k in range(30)], n).tolist(),
        }
        chance = np.full(n, 0.05)
        self.planted = np.array(
            [t == "td" and x == "de" for t, x in zip(self.values["tag"], self.values["language"], strict=True)]
        )
        if planted:
            chance[self.planted] = 0.5
        self.wrong = rng.random(n) < chance

    def find(self) -> Slices:
        return find_slices(self.wrong.tolist(), self.units, {k: Property.of(v) for k, v in self.values.items()})


def test_the_planted_slice_is_the_only_one() -> None:
    made = Made(planted=True)
    found = made.find()
    (one,) = found.found
    assert one.where == {"tag": "td", "language": "de"}
    assert str(one) == "tag: td, language: de"
    assert one.error.low is not None
    assert one.error.high is not None
    assert one.error.low < 0.5 < one.error.high
    assert 0.03 < one.rest < 0.08
    # It was measured on the sites that did not choose it: on about half of them.
    assert 5 <= one.sites <= 15
    assert one.blocks < 0.7 * made.planted.sum()
    assert one.wrong == round(one.error.value * one.blocks)
    assert found.tried > 100


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_no_slice(seed: int) -> None:
    found = Made(planted=False, seed=seed).find()
    assert found.tried > 100
    assert found.found == []


def test_two_properties_say_more_than_one() -> None:
    made = Made(planted=False)
    cell = np.array([tag == "td" for tag in made.values["tag"]])  # in all languages alike
    made.wrong |= cell & (np.random.default_rng(1).random(len(cell)) < 0.4)
    assert [one.where for one in made.find().found] == [{"tag": "td"}]


def test_one_site_s_errors_are_no_slice_of_others() -> None:
    made = Made(planted=False)
    bad = np.array([unit == "s3.example" for unit in made.units])  # every block of one site is wrong
    found = find_slices(
        (made.wrong | bad).tolist(), made.units, {"only there": Property.of("yes" if b else "" for b in bad)}
    )
    assert found.found == []
    assert find_slices([True] * 9, [f"s{i}" for i in range(2 * FEWEST_UNITS - 1)], {}).tried == 0


def test_slices_of_the_sample_are_in_the_evaluation(model: BlockClassifier) -> None:
    corpus = Corpus.open(Path(__file__).parents[2] / "corpora/sample")
    pages, labels = corpus.read_labelled()
    found = predict(model, pages, labels)
    scores, _ = evaluate_predictions(found, types=corpus.types())
    assert scores.slices is not None
    assert scores.slices.tried > 50
    again = Evaluation.from_dict(scores.to_dict())
    assert again.slices == scores.slices
    words = [[len(text.split()) for text in page.text] for page in pages]
    properties = block_properties(
        pages, labels, found.predicted, words=words, groups={"language": [p.language for p in pages]}
    )
    assert {len(one.codes) for one in properties.values()} == {scores.blocks}
    page, first = pages[0], properties["tag"]
    assert [first.values[k] for k in first.codes[: len(page)]] == page.tag
    tables = sum(flag & 16 != 0 for page in pages for flag in page.flags)
    assert int((properties["in a table"].codes == 0).sum()) == tables > 0
    lengths = properties["length"]
    assert [lengths.values[k] for k in lengths.codes[:3]] == [
        "1-2 words" if n < 3 else "3-9 words" if n < 10 else "10-29 words" if n < 30 else "30 words or more"
        for n in words[0][:3]
    ]

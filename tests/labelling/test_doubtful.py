"""Wrong blocks whose label is doubtful: four ways to find them, and none that doubts a plain mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toolkit.corpus.folder import Corpus
from toolkit.labelling.doubtful import disputed_blocks, doubtful_labels
from toolkit.model import BlockClassifier
from toolkit.page import Blocks
from toolkit.train.fit import Predictions, predict

ROOT = Path(__file__).parents[2]
A, F, S = "article", "form", "sidebar"


def said(pages: list[Blocks], gold: list[list[str | None]], predicted: list[list[str]]) -> Predictions:
    """Predictions that are less sure where they are wrong: by their probabilities, no label is doubtful."""
    classes = [A, "appeal", "caption", F, S]
    tables = []
    for answers, page in zip(gold, predicted, strict=True):
        table = np.full((len(page), 5), 0.05)
        for i, (right, label) in enumerate(zip(answers, page, strict=True)):
            table[i, classes.index(label)] = 0.9 if right == label else 0.5
            if right is not None and right != label:
                table[i, classes.index(right)] = 0.45
        tables.append(table / table.sum(axis=1, keepdims=True))
    return Predictions(pages, gold, predicted, tables, classes)


def test_the_same_text_elsewhere(page_of: Callable[..., Blocks]) -> None:
    pages = [page_of(f"p{i}", "<p>More news<p>A plain mistake", f"http://a.example/{i}") for i in range(3)]
    gold: list[list[str | None]] = [[S, A], [S, A], [A, A]]
    found = doubtful_labels(said(pages, gold, [[S, A], [S, S], [S, A]]))
    assert found == {(2, 0): "the same text is sidebar 2 times on this site, and article 1 time"}


def test_a_rule_of_the_guidelines(page_of: Callable[..., Blocks]) -> None:
    page = page_of("p", "<form><input placeholder='Your name'></form><p>A plain mistake of the model")
    assert page.tag[0] == "input"
    found = doubtful_labels(said([page], [[S, A]], [[F, S]]))
    assert list(found) == [(0, 0)]
    assert found[0, 0].startswith("field: ")


def test_annotators_who_disagree(tmp_path: Path) -> None:
    corpus = Corpus.open(ROOT / "corpora/sample")
    disputed = disputed_blocks(corpus.folder)
    pages, gold = corpus.read_labelled()
    at = next(i for i, page in enumerate(pages) if page.page.id in disputed)
    block = next(iter(disputed[pages[at].page.id]))
    predicted = [[str(label) for label in page] for page in gold]
    predicted[at][block] = F if gold[at][block] != F else S
    one = doubtful_labels(said(pages, gold, predicted), disputed)
    assert one[at, block].startswith("annotators disagree: ")
    assert len(one) == 1
    (tmp_path / "pages.jsonl").write_text("")
    assert disputed_blocks(tmp_path) == {}


def test_planted_mistakes_in_the_labels_are_doubtful_and_the_model_s_own_mostly_are_not(model: BlockClassifier) -> None:
    pages, gold = Corpus.open(ROOT / "corpora/sample").read_labelled()
    found = predict(model, pages, gold)
    right = [
        (p, b)
        for p, (page, guess) in enumerate(zip(gold, found.predicted, strict=True))
        for b, (x, y) in enumerate(zip(page, guess, strict=True))
        if x == y and found.probabilities[p][b].max() > 0.9
    ]
    rng = np.random.default_rng(0)
    planted = {right[i] for i in rng.choice(len(right), 60, replace=False)}
    changed = [
        [(S if label != S else A) if (p, b) in planted else label for b, label in enumerate(page)]
        for p, page in enumerate(gold)
    ]
    before = set(doubtful_labels(found))
    doubts = set(doubtful_labels(Predictions(pages, changed, found.predicted, found.probabilities, found.classes)))
    wrong = sum(
        x != y for page, guess in zip(gold, found.predicted, strict=True) for x, y in zip(page, guess, strict=True)
    )
    assert len(planted & doubts) >= 40
    assert len(before) < 0.4 * wrong


def test_two_labels_are_enough(page_of: Callable[..., Blocks]) -> None:
    pages = [
        page_of(f"p{i}", "".join(f"<p>Paragraph {i} {k}" for k in range(10)), f"http://{i}.example/") for i in range(4)
    ]
    gold: list[list[str | None]] = [[A] * 5 + [S] * 5 for _ in pages]
    tables = [np.array([[0.9, 0.1]] * 5 + [[0.1, 0.9]] * 5) for _ in pages]
    tables[0][0] = [0.02, 0.98]  # sure of sidebar, and the label is article
    tables[1][1] = [0.45, 0.55]  # not sure: the model's own mistake
    predicted = [[[A, S][k] for k in table.argmax(axis=1)] for table in tables]
    assert list(doubtful_labels(Predictions(pages, gold, predicted, tables, [A, S]))) == [(0, 0)]


@pytest.mark.parametrize("gold", [[], [[None, None]]])
def test_without_wrong_blocks_nothing_is_doubtful(gold: list[list[str | None]], page_of: Callable[..., Blocks]) -> None:
    pages = [page_of("p", "<p>One<p>Two")][: len(gold)]
    assert doubtful_labels(said(pages, gold, [[A, S]][: len(gold)])) == {}

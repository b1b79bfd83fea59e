"""Explanations are true: they add up to what the model says, in both families and after training from a model."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit import BlockClassifier, Blocks, Page
from toolkit.errors import BadModel, UsageError
from toolkit.explain import Explanation, explain
from toolkit.explain.neighbours import NEAR, without
from toolkit.segment import segment

SAMPLE = Path(__file__).parents[2] / "corpora/sample/pages"
NAMES = ["quillbox-moving.html", "lowmarsh-diner.txt"]
SMALL: dict[str, Any] = {"hidden": 4, "epochs": 1, "folds": 2, "dumps": 1}


def read(name: str) -> Blocks:
    format: Any = "text" if name.endswith(".txt") else "html"
    return segment(Page(name, name, (SAMPLE / name).read_bytes(), format))


def first_stage(model: BlockClassifier, page: Blocks, labels: list[str]) -> Any:
    """The answers of the first stage, from the reasons alone."""
    scores = np.array(
        [[one.bias + sum(reason.weight for reason in one.reasons) for one in explain(model, page, label)]
         for label in labels]
    ).T  # fmt: skip
    chances = 1 / (1 + np.exp(-scores))
    return chances / chances.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def trained() -> BlockClassifier:
    page = segment(Page("a", "", b"<h1 class=top>Ferry 12 sails</h1><p id=x>It left on Monday<p><a href=/s>Subscribe!"))
    return BlockClassifier(**SMALL).fit([page] * 4, [["story", "story", "rest"]] * 4)


@pytest.mark.parametrize("name", NAMES)
def test_reasons_add_up_to_the_first_stage(model: BlockClassifier, trained: BlockClassifier, name: str) -> None:
    page = read(name)
    for one in (model, trained):
        (wanted,) = one.predict_first([page])
        assert first_stage(one, page, one.classes_.tolist()) == pytest.approx(wanted, abs=2e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_are_those_of_the_model(model: BlockClassifier, name: str) -> None:
    page = read(name)
    (first,), (final,) = model.predict_first([page]), model.predict_proba([page])
    found = explain(model, page)
    for one in found:
        i = one.position
        assert one.block == page[i]
        assert list(one.first.values()) == first[i].tolist()
        assert list(one.final.values()) == final[i].tolist()
        assert one.label == one.first_label == model.classes_[final[i].argmax()]
        assert one.changed == (first[i].argmax() != final[i].argmax())
    assert 0 < sum(one.changed for one in found) < len(found) / 2


@pytest.mark.parametrize("name", NAMES)
def test_without_its_strongest_word_a_block_scores_less(model: BlockClassifier, name: str) -> None:
    page = read(name)
    texts, before = list(page.text), {}
    for one in explain(model, page)[::2]:  # the words of the blocks beside it stay
        word = next((r for r in one.reasons if r.part == "text" and r.weight > 0.4 and r.text.isalpha()), None)
        if word is not None and len(page.text[one.position].split()) > 1:
            texts[one.position] = re.sub(rf"(?i)\b{word.text}\b", "", texts[one.position]).strip() or "x"
            before[one.position] = one
    after = {label: explain(model, replace(page, text=texts), label) for label in {b.label for b in before.values()}}
    lower = [after[one.label][i].score < one.score for i, one in before.items()]
    assert len(lower) > 3
    # A few have more weight per word that is left: rows have unit length.
    assert sum(lower) >= 0.9 * len(lower)


def test_words_are_those_of_the_page(model: BlockClassifier) -> None:
    html = (
        "<body><nav id=top class='site-nav'><a href=/news/2024>Latest news</a></nav><main><h1>Ferry 2024 sails</h1>"
        "<p class=lead>İstanbul left"
    )
    found = explain(model, html)
    parts = {(reason.part, reason.text) for reason in found[1].reasons}
    assert {("text", "ferry"), ("text", "2024"), ("tags", "h1"), ("text above", "latest")} <= parts
    assert {("names above", "nav"), ("names below", "lead"), ("text below", "left")} <= parts
    assert {("names", "nav"), ("link", "news"), ("link", "2024"), ("tags", "nav")} <= {
        (reason.part, reason.text) for reason in found[0].reasons
    }
    assert ("heading", "sails") in {(reason.part, reason.text) for reason in found[2].reasons}
    assert [reason.value for reason in found[1].reasons if reason.text == "tag_h1"] == [1.0]


def test_neighbours_are_left_out_of_the_page(model: BlockClassifier) -> None:
    page = read(NAMES[0])
    i = next(one.position for one in explain(model, page) if one.changed and one.position > NEAR)
    one = explain(model, page)[i]
    around = one.neighbours
    assert set(around.without) == {k for k in range(i - NEAR, i + NEAR + 1) if k != i}

    def answer(left_out: set[int]) -> list[float]:
        blocks, kept = without(page, left_out)
        found: list[float] = model.predict_proba([blocks])[0][kept.index(i)].tolist()
        return found

    assert list(around.alone.values()) == pytest.approx(answer(set(range(len(page))) - {i}), abs=1e-5)
    assert list(around.without[i + 1].values()) == pytest.approx(answer({i + 1}), abs=1e-5)
    assert list(around.without_above.values()) == pytest.approx(answer(set(range(i))), abs=1e-5)
    assert answer(set()) == pytest.approx(list(one.final.values()), abs=1e-5)
    assert around.alone != one.final


def test_a_page_without_some_blocks_is_as_if_it_never_had_them() -> None:
    html = "<h1>One</h1><p>two</p><h2>Three</h2><p>four</p><p>five</p>"
    page = segment(Page("a", "", html.encode()))
    less, kept = without(page, {1, 2})
    assert (less.text, kept) == (["One", "four", "five"], [0, 3, 4])
    assert [block.heading for block in less] == ["", "One", "One"]
    assert less.ids == [page.ids[i] for i in kept]
    assert [block.heading for block in without(page, {0, 2})[0]] == ["", "", ""]


def test_a_model_with_other_labels_speaks_for_those_that_it_started_from(
    model: BlockClassifier, tmp_path: Path
) -> None:
    page = read(NAMES[0])
    labels = [["step" if i % 2 else "other" for i in range(len(page))]]
    BlockClassifier(**SMALL).fit([page], labels, init=model, formats=["html"]).save(tmp_path / "mine")
    mine = BlockClassifier.load(tmp_path / "mine")
    found = explain(mine, page)
    assert {one.label for one in found} <= {"step", "other"}
    assert list(found[0].final) == ["other", "step"]
    assert list(found[0].first) == model.classes_.tolist()
    assert {one.first_label for one in found} <= set(model.classes_.tolist())
    assert first_stage(model, page, model.classes_.tolist()) == pytest.approx(mine.predict_first([page])[0], abs=2e-4)
    again = BlockClassifier(**SMALL).fit([page], labels, init=mine, formats=["html"])
    assert again.facts_["first_labels"] == mine.facts_["first_labels"] == {"html": model.classes_.tolist()}
    del mine.facts_["first_labels"]
    with pytest.raises(BadModel, match="does not say which labels its first stage has .* train it again"):
        explain(mine, page)


def test_it_is_told_as_json_and_as_a_table(model: BlockClassifier) -> None:
    one: Explanation = explain(model, "<p>Subscribe</p><p>The ferry sails")[0]
    row = one.to_dict()
    assert row["neighbours"]["without"].keys() == {"1"}
    assert "neighbours" not in one.to_dict(neighbours=False)
    assert row["score"] == pytest.approx(row["bias"] + sum(reason["weight"] for reason in row["reasons"]), abs=0.02)
    frame = one.to_pandas()
    assert list(frame) == ["part", "text", "weight", "value"]
    assert frame["weight"].sum() + one.bias == pytest.approx(one.score)


def test_an_unknown_label_is_told(model: BlockClassifier) -> None:
    with pytest.raises(UsageError, match="no label 'advert'; it has appeal, article"):
        explain(model, "<p>x", "advert")

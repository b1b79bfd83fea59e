"""What is known of blocks, and what becomes of it in other versions of the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from toolkit.errors import Mismatch
from toolkit.model import BlockClassifier, fit_family
from toolkit.model.interruptions import interrupted
from toolkit.model.learn import text_versions
from toolkit.model.sample import SILVER, Silver, gather, labelled_sample, targets_of
from toolkit.page import Blocks, Page
from toolkit.segment import segment

STORY, ASIDE = (
    "The night ferry to the islands left the harbour late again on Monday. ",
    "Read more about our ferries and the harbour of the old town here. ",
)


def page(id: str = "one", paragraphs: int = 6) -> Blocks:
    body = "".join(f"<p>{STORY}{k}" for k in range(paragraphs)) + f"<aside>{ASIDE}</aside>"
    return segment(Page(id, f"{id}.html", f"<h1>Ferry {id}</h1>{body}".encode(), url=f"https://{id}.example/"))


def test_an_inserted_block_keeps_what_is_known_of_it() -> None:
    blocks = page()
    numbers = [1] * 7 + [2]
    known = labelled_sample(blocks, numbers, 3)
    known.main[:] = [0, *[1] * 6, 0]
    seen = set()
    for seed in range(20):
        made = interrupted(known, 1, appeal=0, seed=seed)
        assert len(made.page) > len(blocks)
        for text, number, main in zip(made.page.text, made.numbers, made.main, strict=True):
            if text in blocks.text:
                assert number == numbers[blocks.text.index(text)]
            else:
                assert number == 0  # a written appeal
            seen.add((number, float(main)))
    assert seen == {(1, 0.0), (1, 1.0), (2, 0.0), (0, 0.0)}


def test_a_page_without_story_is_not_interrupted() -> None:
    known = labelled_sample(page(), [2] * 8, 3)
    assert interrupted(known, 1, appeal=0, seed=0) is known


def test_unknown_blocks_have_no_weight() -> None:
    known = labelled_sample(page(), [1, -1, *[1] * 5, 2], 3)
    known.main[2] = 1
    found = targets_of([known], np.full(8, 10.0))
    assert found.weights.tolist() == [1, 0, 1, 1, 1, 1, 1, 1]
    assert (found.main_weights > 0).tolist() == [k == 2 for k in range(8)]
    assert not np.isnan(found.labels).any()


def silver(pages: list[Blocks], classes: list[str]) -> Silver:
    chances = [np.tile(np.float32([0.2, 0.8]), (len(p), 1)) for p in pages]
    return Silver(pages, classes, chances, [np.full(len(p), np.nan, np.float32) for p in pages])


def test_the_labels_of_a_page_go_before_silver_ones() -> None:
    pages = [page("one"), page("two")]
    labels: list[list[str | None]] = [["article"] * 7 + ["sidebar"]]
    content = [pages[0]], [[0, *[1] * 6, 0]]
    said = silver(pages, ["sidebar", "article"])
    samples = gather(pages[:1], labels, content, classes=["article", "sidebar"], silver=said)
    assert [sample.page.page.id for sample in samples] == ["one", "two"]
    assert samples[0].numbers == [0] * 7 + [1]
    assert samples[0].main.tolist() == [0, *[1] * 6, 0]
    assert samples[1].labels[0].tolist() == pytest.approx([0.8, 0.2])
    assert samples[1].weight == SILVER
    for n, versions in ((0, 2), (1, 1)):
        assert len(list(text_versions(samples[n], n, 0, appeal=None, dumps=2, seed=0))) == versions


def test_silver_with_other_labels_is_refused() -> None:
    pages = [page("one"), page("two")]
    labels: list[list[str | None]] = [["article"] * 7 + ["sidebar"]] * 2
    with pytest.raises(Mismatch, match="silver labels are article, menu, but labels are article, sidebar"):
        BlockClassifier(members=1, epochs=1, folds=2).fit(pages, labels, silver=silver(pages, ["article", "menu"]))


def test_blocks_with_a_silver_label_that_no_labelled_page_has_are_unknown() -> None:
    """A rare label may be missing from the labelled pages of a fold."""
    chances = np.array([[0.9, 0.1, 0.0], [0.3, 0.3, 0.4], [np.nan] * 3], np.float32)
    blocks = page("two", 1)
    said = Silver([blocks], ["form", "sidebar", "article"], [chances], [np.full(3, np.nan, np.float32)])
    (sample,) = gather([], [], None, classes=["article", "sidebar"], silver=said)
    assert np.isnan(sample.labels[[0, 2]]).all()
    assert sample.labels[1].tolist() == pytest.approx([4 / 7, 3 / 7])
    assert sample.numbers == [-1, 0, -1]


def test_a_model_learns_from_silver_labels_and_knows_their_pages() -> None:
    gold = [page(f"gold{k}") for k in range(3)]
    others = [page(f"silver{k}", 3) for k in range(3)]
    # Nobody labelled an aside; in the silver pages it is an appeal.
    labels: list[list[str | None]] = [["appeal", *["article"] * 6, None]] * 3
    chances = [np.array([[1, 0], *[[0, 1]] * 3, [1, 0]], np.float32) for _ in others]
    said = Silver(others, ["appeal", "article"], chances, [np.full(5, np.nan, np.float32)] * 3)
    model = BlockClassifier(members=1, folds=2, dumps=0).fit(gold, labels, silver=said)
    assert model.facts_["silver_pages"] == 3
    assert len(model.facts_["sites"]) == 6
    alone = BlockClassifier(members=1, folds=2, dumps=0).fit(gold, labels)
    asked = page("new", 3)
    assert model.predict_proba([asked])[0][-1][0] > alone.predict_proba([asked])[0][-1][0] + 0.1
    assert model.predict([asked])[0][-1] == "appeal"


def test_content_of_one_kind_leaves_the_first_stage_out_of_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every site's answers come from models that have not seen it, whatever is known of main content."""
    pages = [page(f"p{k}") for k in range(6)]
    labels: list[list[str | None]] = [["article"] * 7 + ["sidebar"]] * 6
    fitted = []
    real = fit_family.fit_linear
    monkeypatch.setattr(
        fit_family, "fit_linear", lambda *given, **more: fitted.append(given[0]) or real(*given, **more)
    )
    BlockClassifier(members=1, epochs=1, folds=3, dumps=0).fit(pages, labels, (pages, [[1] * 8] * 6))
    assert len(fitted) == 3 * 4


def test_a_model_learns_the_formats_that_it_is_asked_about() -> None:
    pages = [page(f"p{k}") for k in range(4)]
    labels: list[list[str | None]] = [["article"] * 7 + ["sidebar"]] * 4
    for formats in (["html"], ["text"], ["html", "text"]):
        model = BlockClassifier(members=1, epochs=1, folds=2).fit(pages, labels, formats=formats)
        assert sorted(model.families_) == formats


@pytest.mark.parametrize("with_main", [False, True])
@pytest.mark.parametrize(
    ("names", "vectors"),
    [(["article", "sidebar"], True), (["article", "menu"], False), (["story", "menu", "title"], True)],
)
def test_a_saved_model_answers_as_before(names: list[str], with_main: bool, vectors: bool, tmp_path: Path) -> None:
    """Also one that was trained further, with other labels than its first stage has."""
    pages = [page(f"p{k}") for k in range(4)]
    labels: list[list[str | None]] = [["article"] * 7 + ["sidebar"]] * 4
    content = (pages, [[0, *[1] * 6, 0]] * 4) if with_main else None
    base = BlockClassifier(members=1, epochs=1, folds=2, dumps=0, vectors=vectors).fit(pages, labels, content)
    new: list[list[str | None]] = [[names[-1], *[names[0]] * 6, names[1]]] * 4
    for model in (base, BlockClassifier(members=1, epochs=1, dumps=0).fit(pages, new, init=base)):
        model.save(tmp_path / model.version)
        loaded = BlockClassifier.load(tmp_path / model.version)
        assert loaded.version == model.version
        for (one, main), (other, again) in zip(model.predict_both(pages), loaded.predict_both(pages), strict=True):
            assert np.array_equal(one, other)
            assert np.array_equal(main, again)

"""Choosing the pages of a corpus that are labelled next."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import PageblocksError
from toolkit.labelling.next_pages import choose, labelled_ids
from toolkit.model import BlockClassifier
from toolkit.page import Blocks, Page
from toolkit.segment import segment
from toolkit.standoff import detach, write_annotations

BODY = (
    "<nav><a href=/>Home</a></nav><h1>Head {i}</h1><p>A story of the harbour, number {i}, told at "
    "length.</p><p>Reply</p>"
)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    pages = [Page(f"p{i}", "", BODY.format(i=i).encode(), url=f"http://s{i % 3}.example/{i}") for i in range(9)]
    return create(tmp_path / "c", [(page, {}) for page in pages])


def ids(corpus: Corpus, how: str, limit: int | None, model: Any = None, **more: Any) -> list[str]:
    def read(wanted: Iterable[str]) -> list[Blocks]:
        return [segment(corpus.page(id)) for id in wanted]

    return [page.page.id for page in choose(corpus, read, how, limit=limit, model=model, **more)]


def test_what_is_labelled_is_not_chosen(corpus: Corpus) -> None:
    blocks = segment(corpus.page("p0"))
    write_annotations(corpus.folder / "annotations/ada.jsonl", [detach(blocks, ["article"] * len(blocks), "ada")])
    save_gold(corpus.folder, [detach(segment(corpus.page("p1")), ["article"] * len(blocks), "gold")])
    assert labelled_ids(corpus) == {"p0", "p1"}
    for how in ("random", "diverse"):
        assert set(ids(corpus, how, None, answered={"p2"})) == {f"p{i}" for i in range(3, 9)}


def test_what_waits_counts_so_that_the_same_push_sends_nothing_new(corpus: Corpus) -> None:
    for how in ("random", "diverse"):
        first = ids(corpus, how, 4)
        assert len(first) == 4
        assert set(ids(corpus, how, 4, waiting=set(first))) == set(first)
        assert set(ids(corpus, how, 4, waiting=set(first[:1]))) >= {first[0]}
        assert not set(ids(corpus, how, 4, answered=set(first))) & set(first)


def test_diverse_takes_a_page_of_each_site(corpus: Corpus) -> None:
    chosen = ids(corpus, "diverse", 3)
    assert {corpus.page(id).site for id in chosen} == {"s0.example", "s1.example", "s2.example"}
    assert corpus.page(ids(corpus, "diverse", 1, answered={"p0", "p1"})[0]).site == "s2.example"


def test_uncertain_takes_what_the_model_hesitates_on(corpus: Corpus, page_of: Any) -> None:
    train = [page_of(f"t{i}", BODY.format(i=i), f"http://t{i}.example/") for i in range(6)]
    labels = [["sidebar", "article", "article", "sidebar"]] * 6
    model = BlockClassifier(members=1, hidden=16, epochs=4, folds=2).fit(train, labels)
    chosen = ids(corpus, "uncertain", 3, model)
    assert len({corpus.page(id).site for id in chosen}) == 3
    every = ids(corpus, "uncertain", None, model)
    assert (every[:3], sorted(every)) == (chosen, sorted(corpus.rows))
    proba = model.predict_proba([segment(corpus.page(id)) for id in every])
    assert all(np.isfinite(p).all() for p in proba)
    with pytest.raises(PageblocksError, match="needs a model"):
        ids(corpus, "uncertain", 3)
    with pytest.raises(PageblocksError, match="unknown order 'best'"):
        ids(corpus, "best", 3)


def test_pages_that_a_real_model_doubts_come_first(tmp_path: Path, page_of: Any) -> None:
    """The model learned from navigation and stories; of other pages half are like those, half mix the two in each
    block.
    """
    story = "A story of the harbour, told at length, and how the ferry came back in the evening."
    body = "<nav><a href=/>Home</a></nav><h1>Head {i}</h1><p>{story} {i}</p><p>Reply</p>"
    train = [page_of(f"t{i}", body.format(i=i, story=story), f"http://t{i}.example/") for i in range(8)]
    labels = [["sidebar", "article", "article", "sidebar"]] * 8
    model = BlockClassifier(members=1, hidden=16, epochs=20, folds=2).fit(train, labels)
    odd = "<ul><li>{i} <a href=/a>Home</a> harbour told<li>Reply ferry <a href=/b>evening</a></ul>"
    pages = [
        Page(f"sure{i}", "", body.format(i=i, story=story).encode(), url=f"http://s{i}.example/") for i in range(6)
    ]
    pages += [Page(f"odd{i}", "", odd.format(i=i).encode(), url=f"http://o{i}.example/") for i in range(6)]
    corpus = create(tmp_path / "d", [(page, {}) for page in pages])
    assert {id.rstrip("0123456789") for id in ids(corpus, "uncertain", 6, model)} == {"odd"}

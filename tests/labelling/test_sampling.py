"""Which pages come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from toolkit.labelling import sampling as order
from toolkit.page import Blocks, Page
from toolkit.studio.overlap import overlapping
from toolkit.support.hashing import shuffled


def test_entropy_runs_from_sure_to_clueless() -> None:
    found = order.entropy(np.array([[1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0, 0]]))
    assert found.tolist() == pytest.approx([0, 1, 0.5], abs=1e-9)
    assert order.entropy(np.zeros((0, 4))).tolist() == []


def test_equal_texts_count_once() -> None:
    sure, lost = [1.0, 0.0], [0.5, 0.5]
    assert order.uncertainty(["a", "b"], np.array([sure, lost])) == pytest.approx(0.5)
    assert order.uncertainty(["a", *["b"] * 8], np.array([sure, *[lost] * 8])) == pytest.approx(0.5)
    assert order.uncertainty([], np.zeros((0, 2))) == 0


def test_density_is_high_where_pages_are_alike() -> None:
    alike = np.tile([[1.0, 0.0, 0.0]], (4, 1))
    found = order.density(np.vstack([alike, [[0.0, 1.0, 0.0]]]), neighbours=2)
    assert found[:4].tolist() == pytest.approx([1] * 4)
    assert found[4] == pytest.approx(0)
    assert order.density(np.eye(3)[:1]).tolist() == [1]


def test_uncertain_prefers_doubt_then_the_usual_then_another_site() -> None:
    assert order.uncertain([0.1, 0.9, 0.5], [1, 1, 1], ["a", "b", "c"]) == [1, 2, 0]
    assert order.uncertain([0.5, 0.5], [0.1, 0.9], ["a", "b"]) == [1, 0]
    assert order.uncertain([0.9, 0.8, 0.5], [1, 1, 1], ["a", "a", "b"]) == [0, 2, 1]
    assert order.uncertain([0.9, 0.8, 0.5], [1, 1, 1], ["a", "a", "b"], limit=1) == [0]
    assert order.uncertain([0.0, 0.0], [1, 1], ["a", "a"]) == [0, 1]


def story(page_of: Callable[..., Blocks], i: int, kind: int, site: int) -> Blocks:
    words = ("harbour ferry quay captain", "flour yeast oven crumb", "senate vote budget minister")[kind]
    tag = ("p", "li", "h2")[kind]
    return page_of(
        f"p{i}", "".join(f"<{tag}>{words} {w}</{tag}>" for w in words.split()), f"http://site{site}.example/{i}"
    )


def test_vectors_tell_kinds_of_pages_apart(page_of: Callable[..., Blocks]) -> None:
    pages = [story(page_of, i, i % 3, 0) for i in range(9)]
    found = order.vectors([*pages, Blocks(Page("empty", "empty.html", b""))])
    assert np.linalg.norm(found, axis=1)[:9].tolist() == pytest.approx([1] * 9)
    assert not found[9].any()
    near = found @ found.T
    assert near[0, 3] > 0.9 > 0.5 > near[0, 1]


def test_diverse_takes_sites_then_kinds(page_of: Callable[..., Blocks]) -> None:
    pages = [
        story(page_of, i, kind, site)
        for i, (kind, site) in enumerate([(0, 0)] * 6 + [(1, 0)] * 3 + [(2, 0)] + [(0, 1)])
    ]
    vectors = order.vectors(pages)
    sites = [page.page.site for page in pages]
    found = order.diverse(vectors, sites)
    assert sorted(found) == list(range(11))
    assert {sites[i] for i in found[:2]} == {"site0.example", "site1.example"}
    kind = [0] * 6 + [1] * 3 + [2, 0]
    assert Counter(kind[i] for i in found[:4]) == {0: 2, 1: 1, 2: 1}
    # The other site's page is there already, and so is the lonely kind.
    again = order.diverse(vectors, sites, limit=2, seen=[10, 9])
    assert [kind[i] for i in again] in ([0, 1], [1, 0])
    assert order.diverse(vectors[:0], []) == []
    assert len(order.diverse(vectors[[0, 0, 0]], ["a", "a", "a"])) == 3


def test_shuffled_keeps_its_order_when_pages_are_added() -> None:
    ids = [f"page-{i}" for i in range(50)]
    some, more = shuffled(ids[:30]), shuffled(ids)
    assert [i for i in more if i < 30] == some
    assert some != sorted(some)
    assert shuffled(ids, seed=1) != more


def test_overlapping_is_a_share_and_stays_when_pages_are_added() -> None:
    ids = [f"page-{i}" for i in range(100)]
    first = overlapping(ids[:50], 0.2)
    assert len(first) == 10
    assert overlapping(ids[:50], 0.2, first) == []
    assert overlapping(ids[:50], 0.2, first[:4]) == first[4:]
    more = overlapping(ids, 0.2, first)
    assert (len(more), set(more) & set(first)) == (10, set())
    assert len(overlapping(ids[:2], 0.1)) == 1
    assert overlapping([], 0.5) == overlapping(ids, 0) == []

"""Folds by site: nothing on both sides, nothing left out, sizes alike, the same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import PageblocksError
from toolkit.model import BlockClassifier
from toolkit.model.sample import Silver
from toolkit.page import Blocks, Page, group_of
from toolkit.train.fit import fit_without
from toolkit.train.folds import SLACK, hold_out, site_folds, spread_over_sites

Labels = list[list[str | None]]


@pytest.fixture(scope="module")
def made(page_of: Callable[..., Blocks]) -> tuple[list[Blocks], Labels]:
    """120 pages of 40 sites, three a site, of 2 to 8 blocks; twelve sites are all form, one page in nine has no
    labels.
    """
    pages = [
        page_of(f"p{i}", "".join(f"<p>Words {i} {k}</p>" for k in range(2 + i % 7)), f"http://s{i % 40}.example/{i}")
        for i in range(120)
    ]
    labels: Labels = [
        [None if i % 9 == 8 else "form" if i % 40 < 12 else ("article", "sidebar")[k % 2] for k in range(len(page))]
        for i, page in enumerate(pages)
    ]
    return pages, labels


@pytest.mark.parametrize("folds", [2, 4, 5, 40])
def test_folds_are_disjoint_and_complete(made: tuple[list[Blocks], Labels], folds: int) -> None:
    pages, labels = made
    splits = site_folds(pages, labels, folds)
    assert len(splits) == folds
    assert sorted(i for _, test in splits for i in test) == list(range(len(pages)))  # each page is tested once
    for train, test in splits:
        assert sorted(train + test) == list(range(len(pages)))  # and learned from wherever it is not tested
        assert not {group_of(pages[i]) for i in train} & {group_of(pages[i]) for i in test}


@pytest.mark.parametrize("folds", [2, 4, 5])
def test_folds_are_balanced_in_pages_blocks_and_labels(made: tuple[list[Blocks], Labels], folds: int) -> None:
    pages, labels = made
    tests = [test for _, test in site_folds(pages, labels, folds)]

    def shares(sizes: list[int]) -> list[float]:
        parts = [sum(sizes[i] for i in test) for test in tests]
        return [len(tests) * part / sum(parts) for part in parts]

    of_pages, of_blocks = shares([1] * len(pages)), shares([len(page) for page in labels])
    assert 0.8 <= min(of_pages + of_blocks) <= max(of_pages + of_blocks) <= 1.2
    for label in ("article", "sidebar", "form", None):
        of_label = shares([page.count(label) for page in labels])
        assert 0.7 <= min(of_label) <= max(of_label) <= 1.3, (label, of_label)


def test_folds_are_stable_and_the_seed_draws_others(made: tuple[list[Blocks], Labels]) -> None:
    assert site_folds(*made, 4, seed=3) == site_folds(*made, 4, seed=3)
    assert site_folds(*made, 4, seed=3) != site_folds(*made, 4, seed=4)


def test_pages_without_an_address_are_sites_of_their_own(page_of: Callable[..., Blocks]) -> None:
    pages = [page_of(f"p{i}", "<p>Some words</p>") for i in range(4)]
    assert sorted(test for _, test in site_folds(pages, [["article"]] * 4, 4)) == [[0], [1], [2], [3]]


@pytest.mark.parametrize(
    ("pages", "sites", "folds", "words"),
    [
        (0, 1, 2, "0 sites .* 2 folds"),
        (1, 1, 2, "1 site .* 2 folds"),
        (6, 1, 2, "1 site .* 2 folds"),
        (6, 3, 4, "3 sites .* 4 folds .* --folds 3$"),
        (6, 3, 1, "1 fold .* 2 or more"),
    ],
)
def test_too_few_sites_are_refused(
    page_of: Callable[..., Blocks], pages: int, sites: int, folds: int, words: str
) -> None:
    some = [page_of(f"p{i}", "<p>Some words</p>", f"http://s{i % sites}.example/{i}") for i in range(pages)]
    for split in (site_folds, hold_out):
        with pytest.raises(PageblocksError, match=words):
            split(some, [["article"]] * pages, folds)


def test_hold_out_is_a_split_by_site_of_about_the_share(made: tuple[list[Blocks], Labels]) -> None:
    pages, labels = made
    for share in (2, 4, 5):
        train, test = hold_out(pages, labels, share)
        assert sorted(train + test) == list(range(len(pages)))
        assert not {group_of(pages[i]) for i in train} & {group_of(pages[i]) for i in test}
        for count in (len, lambda some: sum(len(labels[i]) for i in some)):
            assert 0.75 <= share * count(test) / count(range(len(pages))) <= 1.25
        assert hold_out(pages, labels, share) == (train, test)
    assert hold_out(pages, labels) == hold_out(pages, labels, 4)
    assert len({tuple(hold_out(pages, labels, seed=seed)[1]) for seed in range(3)}) > 1


def test_every_beginning_of_a_spread_has_as_many_sites_as_it_can(made: tuple[list[Blocks], Labels]) -> None:
    pages, _ = made
    chosen = [i for i in range(120) if i % 40 < 10 or i < 20]  # three pages of ten sites, one page of ten others
    order = spread_over_sites(pages, chosen, seed=1)
    assert sorted(order) == chosen
    for n in range(1, len(order) + 1):
        assert len({group_of(pages[i]) for i in order[:n]}) == min(n, 20)
    assert len({group_of(pages[i]) for i in order[20:30]}) == len({group_of(pages[i]) for i in order[30:]}) == 10


def test_a_spread_is_stable_and_follows_the_pages_not_their_order(made: tuple[list[Blocks], Labels]) -> None:
    pages, _ = made
    order = spread_over_sites(pages, range(120), seed=1)
    assert order == spread_over_sites(pages, range(120), seed=1) == spread_over_sites(pages, range(119, -1, -1), seed=1)
    assert order != spread_over_sites(pages, range(120), seed=2)
    assert order != list(range(120))
    assert (spread_over_sites(pages, [5], 0), spread_over_sites(pages, [], 0)) == ([5], [])


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[Blocks], Labels, int, int]:
    """Pages of two sites or more, of any number of pages and blocks, in any order; a number of folds and a seed."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=20))
    names = [f"{site}.example/{k}" for site, size in enumerate(sizes) for k in range(size)]
    shuffled = draw(st.permutations(names))
    some = st.lists(st.sampled_from(("article", "sidebar", "form", None)), min_size=1, max_size=8)
    labels = draw(st.lists(some, min_size=len(names), max_size=len(names)))
    pages = [
        Blocks(Page(name, name, b"", "html", f"http://s{name}"), text=["words"] * len(answers))
        for name, answers in zip(shuffled, labels, strict=True)
    ]
    return pages, labels, draw(st.integers(2, min(6, len(sizes)))), draw(st.integers(0, 9))


@settings(max_examples=60, deadline=None)
@given(corpora(), st.randoms(use_true_random=False))
def test_folds_of_any_corpus(corpus: tuple[list[Blocks], Labels, int, int], random: Random) -> None:
    pages, labels, folds, seed = corpus
    splits = site_folds(pages, labels, folds, seed=seed)
    assert sorted(i for _, test in splits for i in test) == list(range(len(pages)))
    for train, test in splits:
        assert sorted(train + test) == list(range(len(pages)))
        assert not {group_of(pages[i]) for i in train} & {group_of(pages[i]) for i in test}
    # Even in pages: within a tenth, or as near as moving a whole site brings it.
    fewest = min(len(test) for _, test in splits)
    assert fewest > 0
    for _, test in splits:
        smallest = min(Counter(group_of(pages[i]) for i in test).values())
        assert len(test) - fewest <= max(SLACK * len(pages) / folds, smallest)
    # The order of the pages does not count.
    order = random.sample(range(len(pages)), len(pages))
    again = site_folds([pages[i] for i in order], [labels[i] for i in order], folds, seed=seed)
    names = [[{pages[i].page.id for i in side} for side in split] for split in splits]
    assert [[{pages[order[i]].page.id for i in side} for side in split] for split in again] == names


@pytest.mark.parametrize("seed", range(5))
def test_twenty_sites_of_a_few_pages_give_even_folds(made: tuple[list[Blocks], Labels], seed: int) -> None:
    """Sites of one to six pages, of few blocks or of many: evenness in blocks alone leaves folds 40 % off."""
    pages, _ = made
    random, some, labels = Random(seed), [], []
    for site in range(20):
        for k in range(random.randint(1, 6)):
            some.append(replace(pages[k], page=replace(pages[k].page, url=f"http://t{site}.example/{k}")))
            labels.append(random.choices(("article", "sidebar", "form"), k=random.choice((3, 10, 100, 400))))
    sizes = [len(test) for _, test in site_folds(some, labels, 4, seed=seed)]
    assert 0.85 <= 4 * min(sizes) / len(some) <= 4 * max(sizes) / len(some) <= 1.15


def test_pages_without_blocks_are_in_a_fold(page_of: Callable[..., Blocks]) -> None:
    pages = [page_of(f"p{i}", "<p>Some words</p>", f"http://s{i}.example/") for i in range(6)]
    splits = site_folds(pages, [["article"]] * 4 + [[], []], 3)
    assert sorted(i for _, test in splits for i in test) == list(range(6))


def test_nothing_of_a_held_out_site_is_learned(made: tuple[list[Blocks], Labels]) -> None:
    """Neither its labels nor its silver labels nor its content."""
    pages, labels = made
    fitted = []

    class Recorded(BlockClassifier):
        def fit(self, pages: Any, labels: Any, content: Any = None, **more: Any) -> Recorded:  # type: ignore[override]
            fitted.append((list(pages), list(labels), content, more["silver"]))
            return self

    held = {group_of(page) for page in pages[:15]}
    content = (pages[:30], [[1] * len(page) for page in pages[:30]])
    silver = Silver(pages[10:20], ["article"], [np.ones((len(page), 1), np.float32) for page in pages[10:20]], [])
    silver = replace(silver, main=[part[:, 0] for part in silver.probabilities])
    fit_without(held, Recorded(), pages, labels=labels, content=content, silver=silver)
    fit_without(held, Recorded(), pages, labels=labels, content=(pages[:15], content[1][:15]))
    (seen, known, (more, inside), said), (_, _, nothing, unsaid) = fitted
    rest = [i for i in range(120) if i % 40 >= 15]
    assert (seen, known) == ([pages[i] for i in rest], [labels[i] for i in rest])
    assert (more, inside) == (pages[15:30], content[1][15:])
    assert nothing is unsaid is None
    assert said.pages == pages[15:20]
    assert len(said.probabilities) == len(said.main) == 5

"""What surrounds a block: whole arrays say the same as a plain loop over the blocks of its page."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit import Page
from toolkit.features.batch import Batch, stack
from toolkit.features.context import context
from toolkit.features.groups import Groups
from toolkit.features.word_vectors import similarities
from toolkit.segment import segment

LABELS = 3
ROW = "<p class=r>one</p><div><p>two</p><ul><li>three<li>two</ul></div>"
PAGES = ["<h1>a</h1>" + ROW * 12, "<p>alone", ROW * 3]


@pytest.fixture
def batch() -> Batch:
    return stack([segment(Page(f"{k}", f"{k}", html.encode())) for k, html in enumerate(PAGES)])


@pytest.fixture
def p(batch: Batch) -> np.ndarray:
    drawn = np.random.default_rng(3).random((len(batch), LABELS), np.float32)
    return drawn / drawn.sum(axis=1, keepdims=True)


@pytest.fixture
def words(batch: Batch) -> np.ndarray:
    return np.random.default_rng(4).integers(1, 90, len(batch)).astype(np.float64)


def columns(batch: Batch, p: np.ndarray, words: np.ndarray) -> np.ndarray:
    return np.concatenate(context(batch, p, words, story=0), axis=1)


def test_neighbours_are_those_of_the_page(batch: Batch, p: np.ndarray, words: np.ndarray) -> None:
    found = columns(batch, p, words)
    for i in range(len(batch)):
        for k, step in enumerate((-4, -3, -2, -1, 1, 2, 3, 4)):
            inside = batch.bounds[batch.page[i]] <= i + step < batch.bounds[batch.page[i] + 1]
            assert found[i, k * LABELS : (k + 1) * LABELS] == pytest.approx(p[i + step] if inside else 0)


def test_windows_and_containers_are_means_weighted_by_words(batch: Batch, p: np.ndarray, words: np.ndarray) -> None:
    found = columns(batch, p, words)
    weight = np.minimum(words, 60) + 1

    def mean(rows: list[int]) -> np.ndarray:
        return np.average(p[rows], axis=0, weights=weight[rows]) if rows else np.zeros(LABELS)

    windows, groups = 8 * LABELS, 16 * LABELS
    ways = [batch.parent]
    for _ in range(3):
        ways.append(batch.above[ways[-1]])
    for i in range(len(batch)):
        first, last = batch.bounds[batch.page[i]], batch.bounds[batch.page[i] + 1]
        wanted = []
        for reach in (2, 5, 12, 30):
            wanted.append(mean(list(range(max(first, i - reach), i))))
            wanted.append(mean(list(range(i + 1, min(last, i + 1 + reach)))))
        assert found[i, windows:groups] == pytest.approx(np.concatenate(wanted), abs=1e-6)
        page = range(first, last)
        same = [[j for j in page if key[j] == key[i]] for key in (batch.shape, batch.text.of)]
        wanted = [p[rows].mean(axis=0) for rows in same]
        wanted += [mean([j for j in page if way[j] == way[i]]) for way in ways]
        wanted.append(mean(list(page)))
        end = groups + len(wanted) * LABELS
        assert found[i, groups:end] == pytest.approx(np.concatenate(wanted), abs=1e-6)


def test_groups_are_of_one_page() -> None:
    groups = Groups.by(np.array([5, 2, 5, 5, 2]), np.array([0, 0, 0, 1, 1]))
    assert groups.of.tolist() == [1, 0, 1, 3, 2]
    assert groups.position.tolist() == [0, 0, 1, 0, 0]
    assert groups.sizes.tolist() == [1, 2, 1, 1]
    assert groups.mean(np.array([1.0, 2.0, 3.0, 4.0, 5.0])).tolist() == [2.0, 2.0, 2.0, 4.0, 5.0]


def test_similarities_are_those_of_a_plain_loop(batch: Batch, words: np.ndarray) -> None:
    rng = np.random.default_rng(5)
    vectors = rng.standard_normal((len(batch), 4)).astype(np.float32)
    vectors[3] = 0  # no known word
    story = rng.random(len(batch), np.float32)
    found = similarities(batch, vectors, words, story=story)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    weight = np.minimum(words, 60)
    long = weight * (words >= 8)

    def cosine(i: int, other: np.ndarray) -> float:
        return float(unit[i] @ other / max(np.linalg.norm(other), 1e-6))

    for i in range(len(batch)):
        first, last = batch.bounds[batch.page[i]], batch.bounds[batch.page[i] + 1]
        rows = np.arange(first, last)
        near = [j for j in range(max(first, i - 8), min(last, i + 9)) if j != i]
        wanted = [
            cosine(i, (unit[rows] * (long * story)[rows, None]).sum(axis=0)),
            cosine(i, (unit[rows] * weight[rows, None]).sum(axis=0)),
            cosine(i, unit[batch.heading[i]]) if batch.heading[i] >= 0 else 0.0,
            cosine(i, (unit[near] * long[near, None]).sum(axis=0)),
        ]
        assert found[i] == pytest.approx(wanted, abs=1e-5)

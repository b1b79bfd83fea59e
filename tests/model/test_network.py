"""The second stage: its gradients are right, it reads the blocks around a block, and it learns what it is told."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.model import fit_network as training
from toolkit.model.arrays import Targets
from toolkit.model.fit_network import Kept, _backward, _balance, _drawn, _forward, _neighbours, fit_network
from toolkit.model.inputs import Scaler
from toolkit.model.network import REACHES, Network, softmax

FAR = sum(REACHES)  # the farthest block that one answer depends on


@pytest.fixture
def chance() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is dropped, so that the same weights give the same scores."""
    monkeypatch.setattr(training, "_DROPPED", 0.0)


def targets(labels: np.ndarray, *, main: np.ndarray | None = None) -> Targets:
    n = len(labels)
    ones = np.ones(n, np.float32)
    if main is None:
        return Targets(labels, ones, np.zeros(n, np.float32), np.zeros(n, np.float32))
    return Targets(labels, ones, main, ones)


def one_hot(y: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[y]


def test_gradients_are_those_of_finite_differences(chance: np.random.Generator, exact: None) -> None:
    sizes = np.array([7, 1, 30])
    drawn = _drawn(chance, 5, 6, 4)
    layers = [(w.astype(np.float64), chance.standard_normal(b.shape)) for w, b in drawn]
    x, slope = chance.standard_normal((38, 5)), chance.standard_normal((38, 4))
    near = _neighbours(sizes)

    def loss() -> float:
        return float((_forward(layers, x, near) * slope).sum())

    # The layers are computed in single precision; the first one and its input are not, so small steps are exact enough.
    kept: Kept = []
    _forward(layers, x, near, kept=kept)
    found = _backward(layers, slope, kept, near)
    values = [part for layer in layers for part in layer]
    for value, gradient in zip(values, found, strict=True):
        assert value.shape == gradient.shape
        for _ in range(5):
            at = tuple(int(chance.integers(size)) for size in value.shape)
            before, step = value[at], 1e-3
            value[at] = before + step
            above = loss()
            value[at] = before - step
            below = loss()
            value[at] = before
            assert gradient[at] == pytest.approx((above - below) / (2 * step), rel=0.05, abs=0.05)


def test_an_answer_depends_on_the_blocks_around_and_on_no_other_page(chance: np.random.Generator) -> None:
    sizes = np.array([40, 40])
    made = Network([_drawn(chance, 3, 8, 3)], 3)
    x = chance.standard_normal((80, 3)).astype(np.float32)
    before = made.probabilities(x, sizes)[0]
    x[20] += 1
    changed = np.flatnonzero(np.abs(made.probabilities(x, sizes)[0] - before).max(axis=1) > 1e-9)
    assert changed.min() >= 20 - FAR
    assert changed.max() <= 20 + FAR
    assert len(changed) > len(REACHES)
    x[39] += 1
    assert np.array_equal(made.probabilities(x, sizes)[0][40:], before[40:])


def test_answers_are_those_that_it_was_trained_on(chance: np.random.Generator, exact: None) -> None:
    sizes = np.array([1, 700, 0, 9, 30, 400, 2])
    layers = [(weights, chance.standard_normal(bias.shape, np.float32)) for weights, bias in _drawn(chance, 5, 6, 3)]
    x = chance.standard_normal((sizes.sum(), 5), np.float32)
    answers, _ = Network([layers], 3).probabilities(x, sizes)
    assert answers == pytest.approx(softmax(_forward(layers, x, _neighbours(sizes))), abs=1e-5)


def test_it_learns_the_order_of_blocks(chance: np.random.Generator) -> None:
    """A block's label is whether the block above has the mark: its own features say nothing of it."""
    sizes = np.full(40, 20)
    marked = chance.random(800) < 0.5
    marked[np.cumsum(sizes) - 1] = False
    y = np.concatenate([[0], marked[:-1]]).astype(int)
    x = np.column_stack([marked, chance.standard_normal(800)]).astype(np.float32)
    made = fit_network(Scaler.of(x)(x), sizes, targets(one_hot(y, 2)), seed=0, members=1, hidden=16, epochs=20)
    assert (made.probabilities(Scaler.of(x)(x), sizes)[0].argmax(axis=1) == y).mean() > 0.97


def test_it_learns_probabilities_and_main_content(chance: np.random.Generator) -> None:
    sizes = np.full(40, 10)
    x = np.where(chance.random(400) < 0.5, 1, -1).astype(np.float32)[:, None]
    soft = np.where(x > 0, [0.7, 0.3], [0.2, 0.8]).astype(np.float32)
    main = (x[:, 0] < 0).astype(np.float32)
    made = fit_network(x, sizes, targets(soft, main=main), seed=0, members=1, hidden=8, epochs=30)
    labels, inside = made.probabilities(x, sizes)
    assert inside is not None
    assert np.abs(labels - soft).max() < 0.12  # rare labels count a little more
    assert ((inside > 0.5) == (main > 0.5)).all()


def test_without_main_content_there_is_no_answer_about_it(chance: np.random.Generator) -> None:
    x, sizes = chance.standard_normal((60, 4)).astype(np.float32), np.array([30, 30])
    made = fit_network(x, sizes, targets(one_hot(np.arange(60) % 3, 3)), seed=0, members=1, hidden=4, epochs=1)
    assert not made.main
    assert made.probabilities(x, sizes)[1] is None


def test_a_label_of_no_block_gets_no_probability(chance: np.random.Generator) -> None:
    x, sizes = chance.standard_normal((60, 4)).astype(np.float32), np.array([30, 30])
    made = fit_network(x, sizes, targets(one_hot(np.arange(60) % 2, 3)), seed=0, members=2, hidden=4, epochs=1)
    assert made.probabilities(x, sizes)[0][:, 2].max() < 1e-6


def test_unknown_blocks_change_nothing_but_what_their_neighbours_see(chance: np.random.Generator) -> None:
    x, sizes = chance.standard_normal((60, 4)).astype(np.float32), np.array([30, 30])
    known = one_hot(np.arange(60) % 2, 2)
    weights = (np.arange(60) % 5 > 0).astype(np.float32)
    nothing = np.zeros(60, np.float32)
    other = np.where(weights[:, None] > 0, known, known[:, ::-1])
    made = [
        fit_network(x, sizes, Targets(labels, weights, nothing, nothing), seed=0, members=1, hidden=4, epochs=2)
        for labels in (known, other)
    ]
    assert np.array_equal(*(network.probabilities(x, sizes)[0] for network in made))


def test_rare_labels_count_more_but_less_than_in_proportion() -> None:
    y = one_hot(np.array([0] * 90 + [1] * 10), 2)
    common, rare = _balance(targets(y))
    assert 1 < rare / common < 9


def test_training_goes_on_from_given_weights(chance: np.random.Generator) -> None:
    x, sizes = chance.standard_normal((1000, 4)).astype(np.float32), np.full(50, 20)
    y = one_hot((x[:, 0] > 0).astype(int), 2)
    base = fit_network(x, sizes, targets(y), seed=0, members=1, hidden=8, epochs=5)
    kept = base.members[0][0][0].copy()
    flipped = fit_network(x, sizes, targets(y[:, ::-1]), seed=0, members=1, hidden=8, epochs=60, start=base)
    assert np.array_equal(base.members[0][0][0], kept)
    assert (flipped.probabilities(x, sizes)[0].argmax(axis=1) == (x[:, 0] <= 0)).mean() > 0.9


@pytest.mark.parametrize("sizes", [[5, 5], [1, 1, 1, 1], [3]])
def test_it_learns_from_very_few_blocks(sizes: list[int]) -> None:
    n = sum(sizes)
    y = one_hot(np.arange(n) % 2, 2)
    x = np.column_stack([y[:, 0], 1 - y[:, 0]]).astype(np.float32)
    made = fit_network(x, np.array(sizes), targets(y), seed=0, members=1, hidden=16, epochs=6)
    assert (made.probabilities(x, np.array(sizes))[0].argmax(axis=1) == y.argmax(axis=1)).all()


def test_a_long_page_is_not_read_more_often_than_others(
    chance: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch is at least one page: a page of many blocks must not be one of hundreds of small batches."""
    read = []
    monkeypatch.setattr(
        training, "_forward", lambda layers, x, *rest, **more: read.append(len(x)) or _forward(layers, x, *rest, **more)
    )
    for blocks in (2_000, 8_000):
        read.clear()
        x = chance.standard_normal((blocks, 2)).astype(np.float32)
        fit_network(
            x, np.array([blocks]), targets(one_hot(np.arange(blocks) % 2, 2)), seed=0, members=1, hidden=2, epochs=2
        )
        assert sum(read) <= 200 * blocks

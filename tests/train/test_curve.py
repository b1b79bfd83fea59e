"""The learning curve: its shape from known curves, its verdict, and a small corpus from end to end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from toolkit.errors import PageblocksError
from toolkit.model import BlockClassifier
from toolkit.page import Blocks
from toolkit.train.curve import SHARES, fit, learning_curve, read_curve

SIZES = np.array([25.0, 50, 75, 100])


def test_a_known_curve_is_continued() -> None:
    def true(n: np.ndarray) -> np.ndarray:
        return np.asarray(0.9 - 2.0 * n**-0.75)

    found = fit(SIZES, true(SIZES)[None], np.array([100.0, 400.0]))[0]
    assert found.tolist() == pytest.approx(true(np.array([100.0, 400.0])).tolist(), abs=1e-6)
    flat = fit(SIZES, np.full((1, 4), 0.8), np.array([100.0, 1000.0]))[0]
    assert flat.tolist() == pytest.approx([0.8, 0.8])
    falling = fit(SIZES, np.array([[0.8, 0.79, 0.78, 0.77]]), np.array([100.0, 1000.0]))[0]
    assert falling[0] == pytest.approx(falling[1])  # more pages never harm
    assert fit(SIZES, np.array([[0.1, 0.5, 0.8, 0.99]]), np.array([1e6])).max() <= 1


def tables(right: list[float], sites: int = 40, spread: float = 0.02) -> np.ndarray:
    """Confusions of sites whose blocks are right to this share at each size, in two labels."""
    rng = np.random.default_rng(0)
    made = np.zeros((sites, len(right), 2, 2))
    for site in range(sites):
        own = rng.normal(0, spread)
        for k, share in enumerate(right):
            hits = np.clip(share + own, 0, 1) * 100
            made[site, k] = [[hits, 100 - hits], [100 - hits, hits]]
    return made


def test_the_verdict_follows_the_curve() -> None:
    rising = read_curve(tables([0.5, 0.62, 0.7, 0.75]), SIZES, 130, more=100)
    assert (rising.verdict, rising.pages, rising.more) == ("go on", 130, 100)
    assert rising.gain.low is not None
    assert rising.gain.high is not None
    assert 0.01 < rising.gain.low <= rising.gain.value <= rising.gain.high < 0.2
    assert [n for n, _ in rising.points] == [25, 50, 75, 100]
    assert rising.points[-1][1].value == pytest.approx(0.75, abs=0.01)
    flat = read_curve(tables([0.9, 0.9, 0.9, 0.9]), SIZES, 130, more=100)
    assert flat.verdict == "stop"
    assert "doubts" in flat.why
    assert set(flat.to_dict()) == {"points", "pages", "more", "macro_f1", "gain", "verdict", "why"}


def test_a_small_corpus_from_end_to_end(page_of: Callable[..., Blocks]) -> None:
    nav = "".join(f"<li><a href=/{w}>{w}</a></li>" for w in ("Home", "News", "Sport"))
    pages, labels = [], []
    for i in range(12):
        story = "".join(
            f"<p>The council of harbour {i} met and debated the ferry for hours, part {k}.</p>" for k in range(4)
        )
        pages.append(page_of(f"p{i}", f"<ul>{nav}</ul>{story}", f"http://s{i % 6}.example/{i}"))
        labels.append(["sidebar"] * 3 + ["article"] * 4)
    steps: list[int] = []
    small = BlockClassifier(members=1, hidden=16, epochs=4, folds=2, dumps=0)
    found = learning_curve(pages, labels, more=10, folds=2, on_step=lambda: steps.append(1), model=small)
    assert len(steps) == 2 * len(SHARES)
    assert [n for n, _ in found.points] == [2, 3, 4, 6]
    assert found.now.value > 0.9
    with pytest.raises(PageblocksError, match="0 more pages"):
        learning_curve(pages, labels, more=0)
    with pytest.raises(PageblocksError, match="too few for 7 folds"):
        learning_curve(pages, labels, folds=7)

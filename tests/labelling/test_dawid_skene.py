"""Annotators' quality told from votes alone, on votes whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.labelling.dawid_skene import Judge, dawid_skene
from toolkit.labelling.gold import adjudicate
from toolkit.standoff import Annotation, Run

LABELS = ["article", "appeal", "sidebar"]
SKILL = [0.95, 0.9, 0.5]


@pytest.fixture(scope="module")
def votes() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.choice(3, size=600, p=[0.5, 0.1, 0.4])
    said = np.stack(
        [np.where(rng.random(600) < skill, truth, (truth + rng.integers(1, 3, 600)) % 3) for skill in SKILL], axis=1
    )
    said[rng.random(said.shape) < 0.2] = -1
    return truth, said


def test_skill_is_recovered_and_beats_the_majority(votes: tuple[np.ndarray, np.ndarray]) -> None:
    truth, said = votes
    found = dawid_skene(said, 3)
    assert found.accuracy.tolist() == pytest.approx(SKILL, abs=0.06)
    assert found.prevalence.tolist() == pytest.approx((np.bincount(truth) / 600).tolist(), abs=0.03)
    assert found.posterior.sum(axis=1) == pytest.approx(1)
    counts = np.stack([(said == k).sum(axis=1) for k in range(3)], axis=1)
    voted = (said >= 0).any(axis=1)
    by_majority = (counts.argmax(axis=1) == truth)[voted].mean()
    by_quality = (found.posterior.argmax(axis=1) == truth)[voted].mean()
    assert by_quality > by_majority + 0.02


def test_two_of_one_mind_are_right_and_nothing_is_something() -> None:
    same = np.array([[0, 0], [1, 1], [2, 2]] * 10)
    assert dawid_skene(same, 3).posterior.argmax(axis=1).tolist() == [0, 1, 2] * 10
    assert dawid_skene(np.zeros((0, 2), np.int64), 3).posterior.shape == (0, 3)
    unseen = dawid_skene(np.array([[0, -1], [1, -1], [-1, -1]]), 3)
    assert np.isfinite(unseen.confusion).all()


def pages_of(votes: np.ndarray) -> list[Annotation]:
    return [
        Annotation(
            "p",
            "",
            name,
            [Run(i, i + 1, LABELS[v], f"{i:010x}") for i, v in enumerate(votes[:, a]) if v >= 0],
            created_at="2025",
        )
        for a, name in enumerate(("ada", "ben", "joe"))
    ]


def test_gold_by_quality_settles_what_the_majority_cannot(votes: tuple[np.ndarray, np.ndarray]) -> None:
    truth, said = votes
    aligned = {
        "p": {n: [LABELS[v] if v >= 0 else None for v in said[:, a]] for a, n in enumerate(("ada", "ben", "joe"))}
    }
    judge = Judge.of(aligned, LABELS)
    assert (
        judge({"ada": "article", "joe": "sidebar"})
        == judge({"ada": "article", "ben": "article", "joe": "appeal"})
        == "article"
    )
    assert list(judge.to_dict()) == ["ada", "ben", "joe"]
    plain, weighed = adjudicate(pages_of(said)), adjudicate(pages_of(said), judge=judge)
    assert len(weighed.disputed) < len(plain.disputed) / 2
    right = {
        k: sum(LABELS[truth[r.start]] == r.label for r in g.annotations[0].labels)
        for k, g in (("p", plain), ("w", weighed))
    }
    assert right["w"] > right["p"] + 30
    assert right["w"] > 0.93 * len(weighed.annotations[0].labels)
    assert weighed.decided["weighed"] > 0
    assert weighed.decided["agreed"] == plain.decided["agreed"]
    assert "weighed" not in plain.decided

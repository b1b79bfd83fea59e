"""Blocks without a suggestion, and with a wrong one: which ones, and what is left of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from toolkit.errors import UsageError
from toolkit.studio.withheld import SURE, Share, Withheld

NAMES = ["article", "caption", "form", "sidebar"]


def page(k: int) -> tuple[list[str], list[float]]:
    """Runs of one to nine blocks, surer on longer ones."""
    labels, scores = [], []
    for n in range(12):
        length = (k * 7 + n * 5) % 9 + 1
        labels += [NAMES[(k + n) % 4]] * length
        scores += [0.5 + 0.05 * length + 0.04 * ((k + n) % 2)] * length
    return labels, scores


def test_blind_blocks_are_whole_runs_and_their_share_of_all_labels_and_probabilities() -> None:
    blocks, blind = Counter[Any](), Counter[Any]()
    for k in range(400):
        labels, scores = page(k)
        chosen = Withheld.choose(f"p{k}", labels, scores, share=Share(blind=0.1))
        assert chosen == Withheld.choose(f"p{k}", labels, scores, share=Share(blind=0.1))
        for i in range(1, len(labels)):
            assert labels[i] != labels[i - 1] or (i in chosen.blind) == (i - 1 in chosen.blind)
        for i, (label, score) in enumerate(zip(labels, scores, strict=True)):
            for key in ("all", label, score > 0.75):
                blocks[key] += 1
                blind[key] += i in chosen.blind
    assert {key: round(blind[key] / n, 1) for key, n in blocks.items()} == dict.fromkeys(blocks, 0.1)
    assert blind["all"] / blocks["all"] == pytest.approx(0.1, abs=0.01)


def test_probes_are_wrong_where_the_model_is_sure_or_gold_says_so() -> None:
    labels, scores = ["article"] * 10 + ["sidebar"] * 10, [0.99] * 5 + [0.9] * 15
    plan = Withheld.choose("p", labels, scores, share=Share(probe=0.5))
    assert plan.probes == set(range(5))  # the others are not known
    shown, hidden = plan.apply("p", labels, scores, names=NAMES)
    assert all(shown[i] not in ("article", None) for i in plan.probes)
    assert shown[5:] == labels[5:]
    assert {i: (one.label, one.probability) for i, one in hidden.items()} == dict.fromkeys(range(5), ("article", 0.99))
    truth = ["form"] * 10 + ["sidebar"] * 5 + [None] * 5
    assert Withheld.choose("p", labels, scores, share=Share(probe=1), truth=truth).probes == set(range(10, 15))
    # New suggestions of a model that is less sure: nothing is known to be wrong, so nothing is suggested.
    unsure, _ = plan.apply("p", labels, [SURE - 0.01] * 20, names=NAMES)
    assert unsure == [None] * 5 + labels[5:]


def test_nothing_is_suggested_below_a_threshold() -> None:
    plan = Withheld.choose("p", ["article", "form", "form"], [0.9, 0.4, 0.7], share=Share(above=0.7))
    shown, hidden = plan.apply("p", ["article", "form", "form"], [0.9, 0.4, 0.7], names=NAMES)
    assert (shown, list(hidden)) == (["article", None, "form"], [1])
    assert Withheld.of({"meta": plan.into({"kept": 1})}) == plan
    assert Withheld.of({"meta": {"pageblocks": {}}}) is None
    with pytest.raises(UsageError, match="--blind 10 is not a share"):
        Share(blind=10)

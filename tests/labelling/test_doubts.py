"""Doubtful labels: that planted mistakes are found, and that what is right is left alone."""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit.corpus.folder import create, save_gold
from toolkit.errors import PageblocksError
from toolkit.labelling.doubts import broken, contradictions, ranked, unlikely
from toolkit.model import BlockClassifier
from toolkit.page import Blocks, Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import detach
from toolkit.train.fit import Predictions, cross_validate

ROOT = Path(__file__).parents[2]
A, P, F, S = "article", "appeal", "form", "sidebar"
NAV = "".join(f"<li><a href=/{w}>{w}</a></li>" for w in ("Home", "News", "Sport", "Weather"))
STORY = "".join(
    f"<p>The harbour council met on day {{i}} and debated the ferry for hours, paragraph {k}.</p>" for k in range(6)
)


@pytest.fixture(scope="module")
def pages(page_of: Callable[..., Blocks]) -> list[Blocks]:
    body = f"<ul>{NAV}</ul><main>{STORY}</main>"
    return [page_of(f"p{i}", body.replace("{i}", str(i)), f"http://s{i}.example/") for i in range(8)]


def test_planted_mistakes_are_unlikely(pages: list[Blocks]) -> None:
    labels = [[S] * 4 + [A] * 6 for _ in pages]
    labels[2][6], labels[5][1] = S, A
    small = BlockClassifier(members=1, hidden=16, epochs=4, folds=2)
    found = unlikely(cross_validate(pages, labels, 4, model=small))
    assert {("p2", 6, S, A), ("p5", 1, A, S)} <= {(d.page, d.block, d.label, d.suggested) for d in found}
    assert len(found) <= 4
    assert all(d.score < 0.5 and d.kind == "unlikely" for d in found)
    assert (found[0].start, found[0].hash) == (pages[2].start[6], pages[2].hashes[6])


def test_sure_and_right_labels_raise_no_doubt(pages: list[Blocks]) -> None:
    gold = [[S] * 4 + [A] * 6 for _ in pages]
    sure = [np.array([[0.05, 0.95]] * 4 + [[0.95, 0.05]] * 6) for _ in pages]
    assert unlikely(Predictions(pages, gold, gold, sure, [A, S])) == []


def test_without_cleanlab_the_mend_is_told(pages: list[Blocks], monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name.startswith("cleanlab"):
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(PageblocksError, match=r"pip install 'pageblocks\[quality\]'"):
        unlikely(Predictions(pages, [], [], [], []))


def test_without_cleanlab_the_command_gives_the_other_kinds(tmp_path: Path) -> None:
    """And no time goes into a cross-validation that nobody can use."""
    answers = {"p0": [A, S], "p1": [A, A]}
    made = create(
        tmp_path / "c", [(Page(id, id, b"<p>Story<p>Most read", url="http://a.example/"), {}) for id in answers]
    )
    save_gold(
        made.folder,
        [detach(segment(made.page(id)), labels, "gold", scheme=Scheme.default().id) for id, labels in answers.items()],
    )
    (tmp_path / "without").mkdir()
    (tmp_path / "without/cleanlab.py").write_text("raise ImportError('there is none')")
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path / "without"), str(ROOT)])}

    def doubts(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "toolkit.cli", "doubts", "c", *words]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)

    given = doubts()
    assert given.returncode == 0, given.stderr
    assert "Skipping unlikely labels: cleanlab" in given.stderr
    assert "pip install 'pageblocks[quality]'" in given.stderr
    assert "Cross-validating" not in given.stderr
    assert [json.loads(line)["kind"] for line in given.stdout.splitlines()] == ["contradiction"] * 2
    asked = doubts("--kind", "unlikely", "--kind", "contradiction")
    assert (asked.returncode, asked.stdout, asked.stderr.count("\n")) == (1, "", 1)
    assert "pip install 'pageblocks[quality]'" in asked.stderr


def test_equal_texts_with_different_labels(page_of: Callable[..., Blocks]) -> None:
    twice = page_of("twice", "<p>Follow us</p><p>Story</p><p>Follow  US</p>", "http://a.example/1")
    same_site = [page_of(f"s{k}", "<p>Most read</p>", f"http://b.example/{k}") for k in range(3)]
    far = [page_of(f"f{k}", "<p>Reply</p>", f"http://f{k}.example/") for k in range(5)]
    few = [page_of(f"g{k}", "<p>Contact</p>", f"http://g{k}.example/") for k in range(2)]
    found = contradictions(
        [twice, *same_site, *far, *few], [[P, A, S], [S], [S], [A], [S], [S], [S], [S], [A], [S], [A]]
    )
    told = {(d.page, d.block): (d.label, d.suggested, d.score, d.why) for d in found}
    assert told == {
        ("twice", 0): (P, S, 0.5, "the same text is sidebar 1 time on this page, and appeal 1 time"),
        ("twice", 2): (S, P, 0.5, "the same text is appeal 1 time on this page, and sidebar 1 time"),
        ("s2", 0): (A, S, 0.3333, "the same text is sidebar 2 times on this site, and article 1 time"),
        ("f4", 0): (A, S, 0.2, "the same text is sidebar 4 times in the corpus, and article 1 time"),
    }


def test_the_worst_come_first(page_of: Callable[..., Blocks]) -> None:
    page = page_of("p", "<p>Subscribe<p>One<p>Subscribe<p>Subscribe", "http://a.example/")
    labels = [[S, A, P, P]]
    names = [A, P, F, S]
    doubts = [*contradictions([page], labels), *broken([page], labels, names)]
    assert [(d.block, d.kind, d.suggested) for d in ranked(doubts)] == [(0, "guideline", P), (0, "contradiction", P)]
    assert len(ranked(doubts, 1)) == 1
    assert "Subscribe" not in str(ranked(doubts)[0].to_dict())

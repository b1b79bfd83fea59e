"""The page that the project was started for: its text is not ours, so these tests run only where it lies beside the
checkout.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from toolkit import BlockClassifier, Blocks, read_pages
from toolkit.segment import segment

PAGE = Path(__file__).parents[3] / "shared/seed/page.txt"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="../shared/seed/page.txt is not here")

# Line by line, as its first reader would tag it: p appeal, s sidebar, a article, c caption, f form.
GOLD = "pppss" + "aacc" + "aaaaaa" + "ss" + "ppppppp" + "s" * 9 + "f" * 20 + "s" + "f" * 3
NAMES = {"a": "article", "c": "caption", "p": "appeal", "f": "form", "s": "sidebar"}


@pytest.fixture(scope="module")
def page() -> Blocks:
    return segment(next(read_pages([PAGE])))


def test_each_line_is_a_block(page: Blocks) -> None:
    lines = [line.strip() for line in PAGE.read_text("utf-8").splitlines()]
    assert [" ".join(line.split()) for line in lines if line] == page.text
    assert page.language == "en"


def test_the_story_is_found(page: Blocks, model: BlockClassifier) -> None:
    labels = model.predict([page])[0]
    gold = [NAMES[letter] for letter in GOLD]
    assert len(labels) == len(gold)
    found = Counter(a for a, b in zip(gold, labels, strict=True) if a == b)
    # 49 of 57, with room for two blocks: it takes three pitches and two teasers in the story for the story.
    assert found.total() >= 47
    assert found["article"] == gold.count("article")
    assert found["form"] >= gold.count("form") - 1
    assert found["caption"] == gold.count("caption")
    assert found["appeal"] >= 6

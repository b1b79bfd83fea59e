"""A corpus of ferries, and a model that is wrong about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.corpus.folder import Corpus, create
from toolkit.model import BlockClassifier
from toolkit.segment import segment

from .ferries import LABELS, NAMES, page


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return create(tmp_path / "corpus", ((page(i), {}) for i in range(9)))


@pytest.fixture(scope="session")
def poor() -> BlockClassifier:
    """A model that is wrong about nearly all."""
    wrong = [NAMES[(NAMES.index(label) + 1) % len(NAMES)] for label in LABELS]
    pages = [segment(page(i)) for i in range(20, 24)]
    assert {len(p) for p in pages} == {len(LABELS)}
    return BlockClassifier(folds=2, members=1, dumps=1, epochs=2).fit(pages, [wrong] * 4)

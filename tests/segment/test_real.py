"""The owner's page and the gold beside the project, where they lie there. Only counts and hashes are kept here."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.corpus.importing import import_gold
from toolkit.readers import read_pages
from toolkit.segment import segment

SHARED = Path(__file__).parents[3] / "shared"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="no real pages beside the project")


def test_the_owner_s_page() -> None:
    (page,) = read_pages([SHARED / "seed" / "page.txt"])
    blocks = segment(page)
    lines = [line for line in page.content.decode().splitlines() if line.strip()]
    assert len(blocks) == len(lines)  # a line is a block in it
    assert blocks.language == "en"
    assert sum(len(text) > 200 for text in blocks.text) >= 5


def test_all_gold_finds_its_block(tmp_path: Path) -> None:
    done = import_gold(SHARED / "gold" / "open.jsonl", tmp_path / "gold")
    assert (
        done.unmatched < 0.003 * done.texts
    )  # texts that hold hidden words, readings of ruby or a field are cut otherwise now
    assert (done.pages, done.texts) == (246, 37_017)
    assert abs(done.blocks - done.texts) < 0.005 * done.texts
    assert done.unlabelled < 0.002 * done.blocks

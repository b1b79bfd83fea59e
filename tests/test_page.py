"""Page and blocks as sequences and facts."""

from __future__ import annotations

from toolkit import Page
from toolkit.segment import segment

BLOCKS = segment(Page("tide", "tide.html", b"<h1>Tides</h1><p>High water at noon.</p><p>Low water at six.</p>"))


def test_a_slice_of_blocks_is_a_list_of_blocks() -> None:
    assert [block.text for block in BLOCKS[0:2]] == ["Tides", "High water at noon."]
    assert [block.text for block in BLOCKS[::-1]] == [*reversed(BLOCKS.text)]
    assert BLOCKS[5:] == []
    assert [block.id for block in BLOCKS[-1:]] == BLOCKS.ids[-1:]
    assert BLOCKS[1].heading == BLOCKS[1:2][0].heading == "Tides"

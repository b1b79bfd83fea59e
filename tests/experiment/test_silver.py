"""Silver labels: what a model said, kept without the text of the pages."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from toolkit.errors import BadInput, Mismatch
from toolkit.experiment.silver import SilverPage, attach_silver, read_silver, read_silver_file, write_silver_file
from toolkit.page import Blocks, Page
from toolkit.segment import segment

HTML = b"<h1>Ferry sails</h1><p>It left <b>on Monday.</b><p>Subscribe!<p>Subscribe!"
CLASSES = ["appeal", "article"]
ROWS = [
    json.dumps({"page": "one", "sha256": "", "classes": CLASSES, "blocks": [row]}).encode()
    for row in ([0, 1, "h", [1, 2]], [0, 1, "h", [1], 0], [0, 1, "h", ["x", 1], 0], [1, 0, "h", [1, 2], 0], 5)
]


@pytest.fixture
def blocks() -> Blocks:
    return segment(Page("one", "one.html", HTML, url="https://one.example/"))


def silver(blocks: Blocks, percents: list[list[int]], **other: str) -> SilverPage:
    rows = zip(blocks.start, blocks.end, blocks.hashes, percents, strict=True)
    return SilverPage("one", other.get("sha256", blocks.page.sha256), CLASSES, [[*row, 50] for row in rows])


def test_each_block_takes_its_own_numbers(blocks: Blocks) -> None:
    chances, main = attach_silver(blocks, silver(blocks, [[0, 100], [10, 90], [80, 20], [70, 30]]))
    assert chances[:, 0].tolist() == pytest.approx([0, 0.1, 0.8, 0.7])
    assert main.tolist() == [0.5] * 4


def test_a_block_that_was_cut_otherwise_takes_the_mean_of_its_nodes(blocks: Blocks) -> None:
    rows = [[0, 1, "x", [0, 100], 0], [1, 2, "x", [20, 80], 100], [2, 3, "x", [60, 40], 0]]
    chances, main = attach_silver(blocks, SilverPage("one", "", CLASSES, rows))
    assert chances[1].tolist() == pytest.approx([0.4, 0.6])
    assert main[1] == 0.5
    assert np.isnan(chances[3]).all()  # nothing is said of it


def test_shares_are_brought_to_one(blocks: Blocks) -> None:
    chances, _ = attach_silver(blocks, silver(blocks, [[1, 98]] * 4))
    assert chances.sum(axis=1).tolist() == pytest.approx([1] * 4)


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    place = tmp_path / "mirror/public"
    (place / "html").mkdir(parents=True)
    (place / "html/one.html.gz").write_bytes(gzip.compress(HTML))
    with gzip.open(place / "pages.jsonl.gz", "wt") as file:
        file.write(json.dumps({"id": "one", "url": "https://one.example/"}) + "\n")
    return tmp_path / "mirror"


def test_the_labels_come_from_files_and_the_pages_from_the_mirror(blocks: Blocks, mirror: Path, tmp_path: Path) -> None:
    page = silver(blocks, [[0, 100]] * 4)
    write_silver_file(tmp_path / "s.jsonl.gz", [page])
    assert read_silver_file(tmp_path / "s.jsonl.gz") == [page]
    found = read_silver(["s.jsonl.gz"], ["public"], tmp_path, mirror=mirror)
    assert found.pages[0].text == blocks.text
    assert found.classes == CLASSES


def test_the_same_pages_give_the_same_bytes(blocks: Blocks, tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_silver_file(tmp_path / name, [silver(blocks, [[0, 100]] * 4)])
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_a_page_that_changed_or_is_missing_is_an_error(blocks: Blocks, mirror: Path, tmp_path: Path) -> None:
    write_silver_file(tmp_path / "s.jsonl.gz", [silver(blocks, [[0, 100]] * 4, sha256="0" * 64)])
    with pytest.raises(Mismatch, match="'one' changed since it was labelled"):
        read_silver(["s.jsonl.gz"], ["public"], tmp_path, mirror=mirror)
    write_silver_file(tmp_path / "s.jsonl.gz", [silver(blocks, [[0, 100]] * 4)._replace(page="two")])
    with pytest.raises(Mismatch, match="'two' is in none of public"):
        read_silver(["s.jsonl.gz"], ["public"], tmp_path, mirror=mirror)


@pytest.mark.parametrize(
    "content", [b"", b"no gzip", *(gzip.compress(rows, mtime=0) for rows in (b"[]\n", b"{}\n{", *ROWS))]
)
def test_what_is_no_file_of_silver_labels_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.jsonl.gz").write_bytes(content)
    if content:
        with pytest.raises(BadInput, match="s.jsonl.gz"):
            read_silver_file(tmp_path / "s.jsonl.gz")
    else:
        assert read_silver_file(tmp_path / "s.jsonl.gz") == []

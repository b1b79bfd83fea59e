"""Labelled pages as tables: one row per block, equal to what the page says, in Arrow and in pandas."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from toolkit import BlockClassifier
from toolkit.classify.result import Classified
from toolkit.classify.table import to_arrow, to_pandas
from toolkit.errors import Mismatch

ROOT = Path(__file__).parents[2]
HTML = "<title>Ferry</title><h1>The night ferry sails</h1><p hidden>cheap</p><p>It left \ud800 on Monday<p>It left"


@pytest.fixture(scope="module")
def pages(model: BlockClassifier) -> list[Classified]:
    sources = [HTML, "<p>One", (ROOT / "corpora/sample/pages/warmcoat-letters.txt").read_bytes()]
    return list(model.classify_many([model.classify(page).blocks for page in sources]))


def test_a_row_is_a_block(pages: list[Classified]) -> None:
    rows = to_arrow(pages).to_pylist()
    assert len(rows) == sum(len(page.blocks) for page in pages) > 10
    (first,) = pages[:1]
    for position, (row, wanted) in enumerate(zip(rows, first.to_dict()["blocks"], strict=False)):
        assert row["page"] == "page"
        assert (row["position"], row["title"]) == (position, "Ferry")
        assert (row["block"], row["tag"]) == (wanted["id"], wanted["tag"])
        assert (row["hidden"], row["label"]) == (wanted["hidden"], wanted["label"])
        assert row["text"] == wanted["text"].replace("\ud800", "\ufffd")
        assert row["probabilities"] == pytest.approx(wanted["probabilities"], abs=1e-4)
        assert row["main"] == first.main[position]  # type: ignore[index]
    assert [row["hidden"] for row in rows[:3]] == [False, True, False]


def test_pandas_has_a_column_per_label(pages: list[Classified]) -> None:
    frame = to_pandas(iter(pages))
    chances = frame.filter(like="probabilities.")
    assert list(chances) == [f"probabilities.{name}" for name in pages[0].classes]
    assert (chances.to_numpy() == np.concatenate([page.probabilities for page in pages])).all()
    assert frame["text"].tolist()[-1] == pages[-1].to_pandas()["text"].tolist()[-1]
    assert to_pandas([]).shape == (0, 11)


def test_the_types_are_those_of_a_shard(pages: list[Classified], tmp_path: Path) -> None:
    from toolkit.crawl.shards import Clean, ParquetShard, Row

    shard = ParquetShard(tmp_path / "part", pages[0].classes, Clean())
    shard.write([Row("", 0, page) for page in pages])
    shard.close()
    ours, block = to_arrow(pages).schema, shard.schema.field("blocks").type.value_type
    for name in ("tag", "hidden", "label", "probabilities"):
        assert ours.field(name).type == block.field(name).type
    for name in ("url", "title", "language", "text"):
        assert ours.field(name).type == shard.schema.field(name).type


def test_a_model_that_knows_no_main_content_leaves_it_empty(pages: list[Classified]) -> None:
    bare = [replace(pages[0], main=None), pages[1]]
    assert to_arrow(bare)["main"].null_count == len(pages[0].blocks)


def test_pages_of_two_models_are_no_table(pages: list[Classified]) -> None:
    with pytest.raises(Mismatch, match="page has the labels a, b and page has appeal, .*; make one table per model"):
        to_arrow([pages[0], replace(pages[1], classes=["a", "b"])])


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    code = "import sys, toolkit.classify.result; print(*{'pandas', 'pyarrow'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout == "\n"

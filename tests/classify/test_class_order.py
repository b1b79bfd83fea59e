"""The classes stand in one order wherever a model speaks: sorted, as scikit-learn has them, whatever order the scheme
has.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from toolkit import BlockClassifier
from toolkit.classify.run import classify
from toolkit.cli import app
from toolkit.crawl import classify_crawl
from toolkit.model import store
from toolkit.page import Page
from toolkit.pipelines.ray import LabelBlocks
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.serve.work import Ask, label

HTML = (
    "<title>Ferry</title><h1>The night ferry sails again</h1><p>It left the harbour on Monday.</p><button>Sign "
    "up</button>"
)
ORDER = ["appeal", "article", "caption", "form", "sidebar"]


def test_every_output_has_the_sorted_order(
    model: BlockClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(Scheme.default().names) != ORDER == sorted(Scheme.default().names)
    assert model.classes_.tolist() == ORDER
    page = model.classify(HTML)
    assert page.classes == ORDER
    assert page.probabilities.shape[1] == len(ORDER)
    assert [page.classes[k] for k in page.probabilities.argmax(axis=1)] == page.labels
    assert [list(block["probabilities"]) for block in page.to_dict()["blocks"]] == [ORDER] * len(page.blocks)

    model.save(tmp_path / "model")
    assert json.loads((tmp_path / "model/model.json").read_text("utf-8"))["labels"] == ORDER

    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").write_text(HTML)
    ran = CliRunner().invoke(app, ["classify", "page.html", "--format", "jsonl"])
    assert [list(block["probabilities"]) for block in json.loads(ran.stdout)["blocks"]] == [ORDER] * len(page.blocks)
    (answer,) = label([Ask(HTML.encode())], model, 10, max_bytes=1 << 20, tell=lambda at: None)
    assert [list(block["probabilities"]) for block in json.loads(answer.body)["blocks"]] == [ORDER] * len(page.blocks)

    for format in ("parquet", "jsonl"):
        classify_crawl(["page.html"], tmp_path / format, format=format, jobs=1)
    (row,) = pq.read_table(tmp_path / "parquet").to_pylist()
    document, attributes = (
        json.loads(gzip.decompress((tmp_path / "jsonl" / name / "part-00000.jsonl.gz").read_bytes()))
        for name in ("documents", "attributes/pageblocks")
    )
    for found in (row, document):
        assert [list(block["probabilities"]) for block in found["blocks"]] == [ORDER] * len(page.blocks)
    assert list(attributes["attributes"]) == [f"pageblocks__{name}" for name in ORDER]

    actor = LabelBlocks()
    assert actor.classes == ORDER
    batch = actor({"html": [HTML]})
    assert [ORDER[row.index(max(row))] for row in batch["probabilities"][0]] == batch["labels"][0]


def test_a_model_whose_labels_stand_in_another_order_is_refused() -> None:
    with pytest.raises(ValueError, match="sorted"):
        store.read_labels({"labels": ["b", "a"]})


def test_labels_of_ones_own_are_sorted() -> None:
    texts = [f"<h1>Soup number {k}</h1><p>Cut the leeks and stir them for {k} minutes.</p>" for k in range(4)]
    pages = [segment(Page(f"p{k}", "p", text.encode())) for k, text in enumerate(texts)]
    found = BlockClassifier(dumps=0).fit(pages, [["title", "step"]] * 4)
    assert found.classes_.tolist() == ["step", "title"]
    assert [page.classes for page in classify(pages, found)] == [["step", "title"]] * 4

"""Blocks are kept by the probability of a label, wherever the text is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from toolkit.classify.result import Classified
from toolkit.cli import app
from toolkit.crawl import classify_crawl
from toolkit.errors import AlreadyExists, UsageError
from toolkit.model import BlockClassifier
from toolkit.pipelines.ray import LabelBlocks

PAGE = Path(__file__).parents[2] / "corpora/sample/pages/quillbox-moving.html"
KEEP = ["article", "caption"]


@pytest.fixture(scope="module")
def found(model: BlockClassifier) -> Classified:
    return model.classify(PAGE.read_bytes())


def sure(found: Classified, label: str, least: float) -> list[str]:
    column = found.probabilities[:, found.classes.index(label)]
    return [text for text, p in zip(found.blocks.text, column, strict=True) if p >= least]


def test_a_threshold_takes_less_or_more_than_the_most_probable_label(found: Classified) -> None:
    kept = {least: found.text({"caption"}, min_probability=least).split("\n\n") for least in (0.0, 0.01, 0.9)}
    assert len(kept[0.0]) > len(kept[0.01]) > len(kept[0.9])
    assert "\n\n".join(sure(found, "caption", 0.01)) == found.text({"caption"}, min_probability=0.01)
    both = found.text(KEEP, min_probability={"caption": 0.0})
    assert both == found.text(["caption"], min_probability=0)  # all blocks, and no label is asked for another
    assert found.text(KEEP, min_probability={"caption": 1}) == found.text(["article"])


@pytest.mark.parametrize(
    ("keep", "least", "why"),
    [(None, 0.5, "name the labels with keep"), (["article"], {"caption": 0.5}, "'caption', which is not kept"),
     (["article"], 1.5, "from 0 to 1"), (["article"], {"article": "high"}, "from 0 to 1")],
)  # fmt: skip
def test_what_is_no_probability_of_a_kept_label_is_refused(
    model: BlockClassifier, keep: Any, least: Any, why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        model.extract("<p>The night ferry", keep, min_probability=least)


def test_the_same_text_everywhere(model: BlockClassifier, found: Classified, tmp_path: Path) -> None:
    least = {"article": 0.97, "caption": 0.1}
    wanted = model.extract(PAGE.read_bytes(), KEEP, min_probability=least)
    assert wanted not in ("", model.extract(PAGE.read_bytes(), KEEP))
    words = ["classify", str(PAGE), "--keep", "article", "--keep", "caption"]
    words += ["--min-probability", "article=0.97", "--min-probability", "0.1"]
    assert CliRunner().invoke(app, [*words, "--format", "text"]).stdout == wanted + "\n"
    (row,) = map(json.loads, CliRunner().invoke(app, [*words, "--format", "jsonl"]).stdout.splitlines())
    chances = zip(found.blocks.text, found.probabilities[:, [found.classes.index(name) for name in KEEP]], strict=True)
    assert [block["text"] for block in row["blocks"]] == [text for text, (p, q) in chances if p >= 0.97 or q >= 0.1]
    (clean,) = LabelBlocks(KEEP, min_probability=least)({"html": [PAGE.read_bytes()]})["clean"]
    assert clean == wanted
    how: dict[str, Any] = {"keep": KEEP, "jobs": 1}
    classify_crawl([str(PAGE)], tmp_path / "out", min_probability=least, **how)
    assert pq.read_table(tmp_path / "out")["clean"].to_pylist() == [wanted]
    assert classify_crawl([str(PAGE)], tmp_path / "out", min_probability=least, **how).new_pages == 0
    with pytest.raises(AlreadyExists, match="another min_probability"):
        classify_crawl([str(PAGE)], tmp_path / "out", min_probability=0.5, **how)


@pytest.mark.parametrize(
    ("words", "why"),
    [(["0.5"], "name the labels with --keep"), (["--keep", "article", "high"], "takes a number from 0 to 1"),
     (["--keep", "article", "caption=0.5"], "add --keep caption")],
)  # fmt: skip
def test_the_command_says_what_is_wrong(words: list[str], why: str) -> None:
    *keep, number = words
    ran = CliRunner().invoke(app, ["classify", str(PAGE), *keep, "--min-probability", number])
    assert isinstance(ran.exception, UsageError)
    assert why in str(ran.exception)

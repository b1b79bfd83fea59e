"""The test pages of a corpus with a split are left out everywhere, until somebody asks for them on record."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from toolkit.cli import app
from toolkit.corpus import Corpus
from toolkit.errors import PageblocksError
from toolkit.experiment import run
from toolkit.model import BlockClassifier
from toolkit.split import Split, check_split, read_openings
from toolkit.split.final import final_test

ROOT = Path(__file__).parents[2]
TINY = 'title = "t"\nquestion = "q?"\ncorpus = "../corpus"\ncv = 2\nfolds = 2\nhidden = 4\nepochs = 1\nmembers = 1\n'


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Some of the sample's sites, split."""
    folder = tmp_path / "corpus"
    shutil.copytree(ROOT / "corpora/sample", folder)
    rows = (folder / "pages.jsonl").read_text("utf-8").splitlines(True)
    (folder / "pages.jsonl").write_text("".join(rows[:24]), "utf-8")
    done = call("split", str(folder), "--validation", "0.3", "--test", "0.3")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.strip() == str(folder / "split.json")
    return folder


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def ids(corpus: Path, *, test: bool) -> set[str]:
    return {page.page.id for page in Corpus.open(corpus).labelled(test)[0]}


def test_test_pages_are_left_out(corpus: Path) -> None:
    chosen = Corpus.open(corpus).split()
    assert chosen is not None
    everything = Corpus.open(corpus).labelled(test=True)[0]
    check_split(everything, chosen)
    shut = {page.page.id for page, part in zip(everything, chosen.parts(everything), strict=True) if part == "test"}
    assert 0 < len(shut) < 24
    assert ids(corpus, test=False) == ids(corpus, test=True) - shut
    found = json.loads(call("split", str(corpus), "--dry-run", "--json", "--seed", "7").stdout)
    assert found["pages"]["test"] == len(shut)  # what is split stays as it is
    told = call("doubts", str(corpus), "--kind", "guideline").stderr
    assert f"{len(shut)} of {len(everything)} pages left out: the test part of {corpus / 'split.json'}." in told.splitlines()


def test_a_corpus_that_is_all_test_says_so(corpus: Path) -> None:
    (corpus / "split.json").write_text(Split(validation=0, test=1).model_dump_json(), "utf-8")
    done = call("doubts", str(corpus))
    assert "all labelled pages lie in the test part" in str(done.exception)


def test_evaluate_opens_them_on_record(corpus: Path) -> None:
    small = BlockClassifier(folds=2, members=1, hidden=4, epochs=1, dumps=0)
    small.fit(*Corpus.open(corpus).labelled())
    small.save(corpus.parent / "model")
    done = call("evaluate", str(corpus), "--model", str(corpus.parent / "model"), "--json")
    assert json.loads(done.stdout)["pages"] == len(ids(corpus, test=False))
    assert "left out: the test part" in done.stderr
    assert read_openings(corpus / "split.json") == []
    done = call("evaluate", str(corpus), "--model", str(corpus.parent / "model"), "--test", "--json")
    assert json.loads(done.stdout)["pages"] == len(ids(corpus, test=True) - ids(corpus, test=False))
    assert "left out" not in done.stderr
    (row,) = read_openings(corpus / "split.json")
    assert (row["what"], row["key"]) == ("evaluate", small.version)
    (corpus / "split.json").unlink()
    with pytest.raises(PageblocksError, match="no split, so no test pages"):
        final_test(corpus, small)


def test_an_experiment_opens_them_on_record(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "experiments/a.toml"
    path.parent.mkdir()
    path.write_text(TINY, "utf-8")
    sites = {page.page.site or f"page:{page.page.id}" for page in Corpus.open(corpus).labelled()[0] if page.page.format == "html"}
    folds = run(path, cache=None)
    assert folds.points[0].evaluation.by_site.keys() == sites  # folds of what is no test page
    assert folds.test is None
    path.write_text(TINY + 'split = "../corpus/split.json"\n', "utf-8")
    validated = run(path, cache=tmp_path / "cache").points[0].evaluation
    opened = run(path, cache=tmp_path / "cache", test=True)
    assert validated.to_dict() == opened.points[0].evaluation.to_dict()
    assert opened.test is not None
    assert not set(opened.test["evaluation"]["by_site"]) & sites
    assert [row["what"] for row in opened.test["openings"]] == ["a"]
    assert len(run(path, cache=tmp_path / "cache", test=True).test["openings"]) == 2  # type: ignore[index]
    path.write_text(TINY + "[grid]\nseed = [1, 2]\n", "utf-8")
    with pytest.raises(PageblocksError, match="a grid is chosen from without the test pages"):
        run(path, cache=None, test=True)
    assert len(read_openings(corpus / "split.json")) == 2


def test_a_page_on_both_sides_is_an_error(corpus: Path, tmp_path: Path) -> None:
    chosen = Corpus.open(corpus).split()
    assert chosen is not None
    pages = Corpus.open(corpus).labelled(test=True)[0]
    parts = chosen.parts(pages)
    shut = next(page for page, part in zip(pages, parts, strict=True) if part == "test" and len(page) > 20)
    rows = [json.loads(line) for line in (corpus / "pages.jsonl").read_text("utf-8").splitlines()]
    gold = [json.loads(line) for line in (corpus / "gold.jsonl").read_text("utf-8").splitlines()]
    row = next(row for row in rows if row["id"] == shut.page.id)
    label = next(line for line in gold if line["page"] == shut.page.id)
    other = next(f"http://copy{k}.example/" for k in range(99) if chosen.part(f"copy{k}.example") == "train")
    (corpus / "pages.jsonl").write_text(
        "".join(json.dumps(r) + "\n" for r in [*rows, row | {"id": "copy", "url": other}]), "utf-8"
    )
    (corpus / "gold.jsonl").write_text("".join(json.dumps(r) + "\n" for r in [*gold, label | {"page": "copy"}]), "utf-8")
    path = tmp_path / "experiments/a.toml"
    path.parent.mkdir()
    path.write_text(TINY, "utf-8")
    with pytest.raises(PageblocksError, match="alike across the split"):
        run(path, cache=None)
    with pytest.raises(PageblocksError, match="alike across the split"):
        final_test(corpus, BlockClassifier())
    assert read_openings(corpus / "split.json") == []

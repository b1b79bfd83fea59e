"""The test pages of a corpus with a split are left out everywhere, until somebody asks for them on record."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from toolkit.cli import app
from toolkit.corpus import Split, check_split, read_openings
from toolkit.corpus.folder import Corpus
from toolkit.errors import PageblocksError
from toolkit.experiment import run
from toolkit.labelling.live.job import collect_refit_pages as pages_of_refits
from toolkit.model import BlockClassifier
from toolkit.page import site_of
from toolkit.train.final_test import final_test

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
    return {page.page.id for page in Corpus.open(corpus).read_labelled(test)[0]}


def test_test_pages_are_left_out(corpus: Path) -> None:
    chosen = Corpus.open(corpus).split()
    assert chosen is not None
    everything = Corpus.open(corpus).read_labelled(test=True)[0]
    check_split(everything, chosen)
    shut = {page.page.id for page, part in zip(everything, chosen.parts(everything), strict=True) if part == "test"}
    assert 0 < len(shut) < 24
    assert ids(corpus, test=False) == ids(corpus, test=True) - shut
    found = json.loads(call("split", str(corpus), "--dry-run", "--json", "--seed", "7").stdout)
    assert found["pages"]["test"] == len(shut)  # what is split stays as it is
    told = call("doubts", str(corpus), "--kind", "guideline").stderr
    assert (
        f"Left out {len(shut)} of {len(everything)} pages: the test part of {corpus / 'split.json'}."
        in told.splitlines()
    )


def test_a_corpus_that_is_all_test_says_so(corpus: Path) -> None:
    (corpus / "split.json").write_text(Split(validation=0, test=1).model_dump_json(), "utf-8")
    done = call("doubts", str(corpus))
    assert "all labelled pages are in the test part" in str(done.exception)


def test_evaluate_opens_them_on_record(corpus: Path) -> None:
    small = BlockClassifier(folds=2, members=1, hidden=4, epochs=1, dumps=0)
    small.fit(*Corpus.open(corpus).read_labelled())
    small.save(corpus.parent / "model")
    done = call("evaluate", str(corpus), "--model", str(corpus.parent / "model"), "--json")
    assert json.loads(done.stdout)["pages"] == len(ids(corpus, test=False))
    assert "pages: the test part" in done.stderr
    assert read_openings(corpus / "split.json") == []
    done = call("evaluate", str(corpus), "--model", str(corpus.parent / "model"), "--test", "--json")
    assert json.loads(done.stdout)["pages"] == len(ids(corpus, test=True) - ids(corpus, test=False))
    assert "Left out" not in done.stderr
    (row,) = read_openings(corpus / "split.json")
    assert (row["what"], row["key"]) == ("evaluate", small.version)
    (corpus / "split.json").unlink()
    with pytest.raises(PageblocksError, match="no split, so no test pages"):
        final_test(corpus, small)


def test_an_experiment_opens_them_on_record(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "experiments/a.toml"
    path.parent.mkdir()
    path.write_text(TINY, "utf-8")
    sites = {
        page.page.site or f"page:{page.page.id}"
        for page in Corpus.open(corpus).read_labelled()[0]
        if page.page.format == "html"
    }
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
    with pytest.raises(PageblocksError, match="is compared without the test pages"):
        run(path, cache=None, test=True)
    assert len(read_openings(corpus / "split.json")) == 2


def test_a_page_on_both_sides_is_an_error(corpus: Path, tmp_path: Path) -> None:
    chosen = Corpus.open(corpus).split()
    assert chosen is not None
    pages = Corpus.open(corpus).read_labelled(test=True)[0]
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
    (corpus / "gold.jsonl").write_text(
        "".join(json.dumps(r) + "\n" for r in [*gold, label | {"page": "copy"}]), "utf-8"
    )
    path = tmp_path / "experiments/a.toml"
    path.parent.mkdir()
    path.write_text(TINY, "utf-8")
    grown = Corpus.open(corpus).split()
    assert grown is not None
    assert grown.part(site_of(other)) == "test"  # a site that came later goes where the site goes that it is like
    torn = chosen.model_copy(update={"sites": {**chosen.sites, site_of(other): "train"}})
    (corpus / "split.json").write_text(torn.model_dump_json(), "utf-8")
    with pytest.raises(PageblocksError, match="alike across the split"):
        run(path, cache=None)
    with pytest.raises(PageblocksError, match="alike across the split"):
        final_test(corpus, BlockClassifier())
    out = tmp_path / "out"
    for words in (
        ["train", corpus, "--out", out], ["evaluate", corpus], ["doubts", corpus], ["card", corpus],
        ["export", corpus, "--out", out],
    ):  # fmt: skip
        assert "alike across the split" in str(call(*map(str, words)).exception), words
    assert not out.exists()
    assert read_openings(corpus / "split.json") == []


def add_copy(corpus: Path, of: str, url: str) -> None:
    """The page `of` once more, at another address, with its labels."""
    for name, key in (("pages.jsonl", "id"), ("gold.jsonl", "page")):
        rows = [json.loads(line) for line in (corpus / name).read_text("utf-8").splitlines()]
        row = next(row for row in rows if row[key] == of)
        rows.append(row | {key: f"{of}-copy"} | ({"url": url} if key == "id" else {}))
        (corpus / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.mark.parametrize("part", ["test", "train"])
def test_a_site_that_came_later_is_in_one_part_for_every_command(corpus: Path, tmp_path: Path, part: str) -> None:
    chosen = Corpus.open(corpus).split()
    assert chosen is not None
    pages = Corpus.open(corpus).read_labelled(test=True)[0]
    twin = next(page for page in pages if chosen.parts([page]) == [part] and len(page) > 20)
    other = next(
        f"later{k}.example" for k in range(99) if chosen.by_hash(f"later{k}.example") not in (part, "validation")
    )
    add_copy(corpus, twin.page.id, f"http://{other}/")
    before = (corpus / "split.json").read_bytes()
    done = call("export", str(corpus), "--out", str(tmp_path / "out"), "--seed", "3")
    assert done.exit_code == 0, done.exception
    assert f"1 site is not in {corpus / 'split.json'} yet ({other})" in done.stderr
    assert f"Ignoring --seed 3: {corpus / 'split.json'}" in done.stderr
    where = {
        site: path.name.split("-")[0]
        for path in (tmp_path / "out/pages").glob("*.parquet")
        for site in pq.read_table(path).column("site").to_pylist()
    }
    assert where[other] == part
    learned = ids(corpus, test=False)
    assert (f"{twin.page.id}-copy" in learned) == (twin.page.id in learned) == (part != "test")
    assert {page.page.id for page in pages_of_refits(Corpus.open(corpus))[0]} == learned
    told = call("doubts", str(corpus), "--kind", "guideline").stderr
    assert "1 site is not in" in told
    assert "## The splits" in call("card", str(corpus)).stdout
    assert (corpus / "split.json").read_bytes() == before
    found = json.loads(call("split", str(corpus), "--json").stdout)["split"]["sites"]
    assert found[other] == part
    assert {site: found[site] for site in where} == where
    assert "is not in" not in call("doubts", str(corpus), "--kind", "guideline").stderr


def test_an_own_share_that_an_older_split_does_not_have_is_told(corpus: Path) -> None:
    said = call("split", str(corpus), "--test", "0.5").stderr
    assert "is unchanged: --validation 0.3 --test 0.3 --seed 0; --force makes a new split" in said
    assert "is unchanged" not in call("split", str(corpus), "--validation", "0.3", "--test", "0.3").stderr


def test_gold_of_pages_that_are_not_there_is_told(corpus: Path, tmp_path: Path) -> None:
    gold = len((corpus / "gold.jsonl").read_text("utf-8").splitlines())
    assert gold > 24
    for words in (
        ["doubts", str(corpus), "--kind", "guideline"],
        ["export", str(corpus), "--out", str(tmp_path / "out")],
    ):
        assert f"{gold - 24} pages of gold.jsonl are not in the corpus and do not count" in call(*words).stderr

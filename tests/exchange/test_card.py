"""Cards: what the Hub reads, what is counted, and that what people wrote stays."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit.checks.gold import check_holes
from toolkit.checks.training import check_addresses, check_training_pages, check_training_sites
from toolkit.corpus.folder import create
from toolkit.errors import PageblocksError
from toolkit.evaluate import Evaluation, evaluate
from toolkit.exchange.card import make_card, read_card
from toolkit.exchange.card.head import markdown_cell, merge_card
from toolkit.model.seen import Seen
from toolkit.page import Page

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "corpora/sample"
MODEL = ROOT / "toolkit/data/model/default"


def test_the_sample_s_card_is_up_to_date() -> None:
    """When this fails: pageblocks card corpora/sample --write"""
    assert (SAMPLE / "README.md").read_text("utf-8") == make_card(SAMPLE)


def test_the_sample_s_card_counts_right() -> None:
    head, text = read_card(SAMPLE / "README.md")
    assert head["language"] == ["de", "en", "es", "fr", "it", "nl", "uk"]
    assert head["size_categories"] == ["1K<n<10K"]
    gold = [json.loads(line) for line in (SAMPLE / "gold.jsonl").read_text().splitlines()]
    labels = [run[2] for page in gold for run in page["labels"]]
    for name in set(labels):
        assert f"| {name} | {labels.count(name):,} |" in text
    assert "ada (52 pages), ben (52 pages)" in text
    assert "they agree on 99.5%" in text


def test_the_default_model_s_card_says_what_the_model_s_facts_say() -> None:
    """When this fails: pageblocks card toolkit/data/model/default --write"""
    from huggingface_hub import ModelCard

    data = ModelCard.load(MODEL / "README.md").data
    facts = json.loads((MODEL / "model.json").read_text())
    assert data.license == "apache-2.0"
    assert data.eval_results, "no model-index that the Hub would show"
    said = {
        (result.dataset_name.split(" (")[0], result.metric_name): result.metric_value for result in data.eval_results
    }
    for name, row in facts["metrics"].items():
        if isinstance(row, dict) and "macro_f1" in row:
            assert said[name, "macro F1"] == row["macro_f1"]
    assert facts["sha256"] in (MODEL / "README.md").read_text("utf-8")


def test_a_model_s_card_takes_the_figures_of_an_evaluation(tmp_path: Path) -> None:
    from huggingface_hub import ModelCard

    shutil.copy(MODEL / "model.json", tmp_path)
    gold = [["article", "sidebar"]] * 6
    found = evaluate(
        gold, [["article", "article"], *gold[1:]], [f"s{number}" for number in range(6)], labels=["article", "sidebar"]
    )
    (tmp_path / "README.md").write_text(make_card(tmp_path, results=found))
    data = ModelCard.load(tmp_path / "README.md").data
    values = {result.metric_name: result.metric_value for result in data.eval_results or []}
    assert values["accuracy"] == pytest.approx(11 / 12)
    assert (data.eval_results or [])[0].dataset_name == "6 pages on 6 sites"
    assert "0.917 (" in (tmp_path / "README.md").read_text()


def test_a_model_s_card_says_what_it_started_from(tmp_path: Path) -> None:
    facts = {
        "labels": ["a", "b"],
        "init": "blocks-0123abcd",
        "started_from": "default",
        "corpus": "mine",
        "scheme": "web-page@1",
    }
    for known, row in (
        (facts, "default (blocks-0123abcd)"),
        ({**facts, "started_from": None}, "a model (blocks-0123abcd)"),
    ):
        (tmp_path / "model.json").write_text(json.dumps(known))
        text = make_card(tmp_path)
        assert f"| started from | {row} |\n| corpus | mine |\n| scheme | web-page@1 |" in text


def test_what_people_wrote_stays() -> None:
    old = (
        {"license": "mit", "mine": 1, "language": ["xx"]},
        "# Mine\n\n<!-- pageblocks: data -->\nold\n<!-- /pageblocks: data -->\n\nLast.\n",
    )
    text = merge_card(
        old,
        {"language": ["no"]},
        {"license": "unknown", "tags": ["a"]},
        sections={"data": "new", "labels": "more"},
        body="# New\n",
    )
    assert "language:\n- 'no'\n" in text  # bare, YAML would take it for false
    assert "license: mit" in text
    assert "mine: 1" in text
    assert "# New" not in text
    assert "old" not in text
    assert (
        text.index("# Mine") < text.index("new") < text.index("Last.") < text.index("<!-- pageblocks: labels -->\nmore")
    )


def test_a_card_written_twice_is_the_same(tmp_path: Path) -> None:
    corpus = create(tmp_path / "c", [(Page("a", "", b"<p>Text</p>", "html", "https://x.example"), {"type": "blog"})])
    (corpus.folder / "README.md").write_text("By hand, without a head.\n")
    first = make_card(corpus.folder)
    (corpus.folder / "README.md").write_text(first)
    assert make_card(corpus.folder) == first
    head, text = read_card(corpus.folder / "README.md")
    assert head["annotations_creators"] == ["no-annotation"]
    assert text.startswith("By hand, without a head.")
    assert "Pages: 1, sites: 1; no labels." in text


def test_page_text_cannot_break_out_of_a_table() -> None:
    assert markdown_cell("a | <b>\n*c*\u202e`d`[e](x)") == r"a \| \<b\> \*c\* \`d\`\[e\](x)"
    assert len(markdown_cell("|" * 500)) <= 200


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("other.txt", "x", "neither a corpus"),
        ("model.json", "[]", "not a model's facts"),
        ("model.json", "{", "cannot be read"),
    ],
)
def test_what_has_no_card_is_said_in_one_line(name: str, content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(PageblocksError, match=message):
        make_card(tmp_path)


def test_a_broken_head_is_told_and_kept(tmp_path: Path) -> None:
    create(tmp_path / "c", [(Page("a", "", b"<p>Text</p>"), {})])
    (tmp_path / "c/README.md").write_text("---\nlicense: [mit\n---\nMine.\n")
    with pytest.raises(PageblocksError, match="the head is not YAML"):
        make_card(tmp_path / "c")
    (tmp_path / "c/README.md").write_text("---\n!!python/object/apply:os.system ['true']\n---\nMine.\n")
    with pytest.raises(PageblocksError, match="the head is not YAML"):
        make_card(tmp_path / "c")


def test_a_model_s_card_says_why_its_results_are_too_high(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"labels": ["article", "sidebar"]}))
    gold = [["article", "sidebar"]] * 6
    found = evaluate(gold, gold, [f"s{number}" for number in range(6)], labels=["article", "sidebar"])
    seen = Seen(6, 4, 0, 4, 1, corrected={"blocks-0a1b2c3d": 6}, own=("blocks-0a1b2c3d",))
    (tmp_path / "r.json").write_text(json.dumps(found.to_dict() | {"seen": seen.to_dict()}))
    text = make_card(tmp_path, results=Evaluation.read(tmp_path / "r.json"))
    assert "The model was trained on 4 of 6 pages." in text
    assert "6 of 6 pages were labelled by correcting this model's suggestions: its score is too high." in text
    assert "1 of 6 pages has no address: its site cannot be checked." in text
    checks = [check_training_pages(seen), check_training_sites(replace(seen, sites=None)), check_addresses(seen)]
    checks.append(check_holes([["article"]]))
    (tmp_path / "r.json").write_text(json.dumps(found.to_dict() | {"checks": [one.to_dict() for one in checks]}))
    results = Evaluation.read(tmp_path / "r.json")
    assert results.told == [one.found for one in checks[:3]]
    assert "The model was trained on 4 of 6 pages.\n" in make_card(tmp_path, results=results)

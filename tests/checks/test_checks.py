"""Each check on pages where it finds something and on pages where it does not."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from toolkit.checks import RULES, Check, check_evaluation, check_scores
from toolkit.checks.baselines import by_tag, check_default, check_tag_rule
from toolkit.checks.copies import check_copies
from toolkit.checks.fit import check_calibration, check_gap
from toolkit.checks.gold import check_holes, check_suggestions
from toolkit.checks.training import check_addresses, check_training_pages, check_training_sites
from toolkit.cli import app
from toolkit.corpus.folder import Corpus
from toolkit.evaluate import Evaluation
from toolkit.model import BlockClassifier
from toolkit.model.seen import Seen, seen
from toolkit.page import Blocks
from toolkit.train.fit import Predictions, cross_validate, evaluate_predictions, predict

ROOT = Path(__file__).parents[2]
TINY = {"folds": 2, "members": 1, "hidden": 8, "epochs": 2, "dumps": 0}


@pytest.fixture(scope="module")
def found(model: BlockClassifier) -> Predictions:
    """The default model on the sample, whose sites it has not seen."""
    pages, labels = Corpus.open(ROOT / "corpora/sample").read_labelled()
    return predict(model, pages, labels)


@pytest.fixture(scope="module")
def scores(found: Predictions) -> tuple[Evaluation, Evaluation]:
    return evaluate_predictions(found)


@pytest.fixture(scope="module")
def tiny(found: Predictions) -> BlockClassifier:
    """A model that was trained for a moment on ten HTML pages of the sample."""
    pages = [(p, g) for p, g in zip(found.pages, found.gold, strict=True) if p.page.format == "html"][:10]
    return BlockClassifier(**TINY).fit([p for p, _ in pages], [g for _, g in pages])  # type: ignore[arg-type]


def some(found: Predictions, chosen: Sequence[int], **more: Any) -> Predictions:
    lists = {key: [getattr(found, key)[i] for i in chosen] for key in ("pages", "gold", "predicted", "probabilities")}
    return replace(found, **{**lists, **more})


def moved(page: Blocks, url: str) -> Blocks:
    return replace(page, page=replace(page.page, id=f"{page.page.id}-copy", url=url))


def by_code(checks: list[Check]) -> dict[str, Check]:
    return {check.code: check for check in checks}


def html_only(found: Predictions) -> Predictions:
    return some(found, [i for i, page in enumerate(found.pages) if page.page.format == "html"])


def test_every_rule_is_checked_once_and_nothing_is_left_out(
    found: Predictions, scores: tuple[Evaluation, Evaluation], model: BlockClassifier
) -> None:
    checks = check_evaluation(*scores, found, model=model, default=model)
    assert [check.code for check in checks] == [rule.code for rule in RULES]
    assert [rule.code for rule in RULES] == [f"PB{i + 1:03}" for i in range(len(RULES))]
    states = {check.code: check.state for check in checks}
    # Of the sample: no problem with the default model, and what cannot be known says so.
    assert {code for code, state in states.items() if state == "problem"} == set()
    assert {code for code, state in states.items() if state == "not checked"} == {"PB004", "PB005", "PB011", "PB012"}
    for check in checks:
        assert all(text.endswith(".") for text in (check.found, check.why, check.do)), check
    assert json.loads(json.dumps(checks[0].to_dict()))["code"] == "PB001"


def test_pages_and_sites_of_the_training(found: Predictions, tiny: BlockClassifier) -> None:
    html = html_only(found)
    itself = seen(tiny, html.pages[:10])
    assert "10 of 10 pages" in check_training_pages(itself).found
    assert check_training_sites(itself).state == "problem"
    known = {page.page.site for page in html.pages[:10]}
    others = seen(tiny, [page for page in html.pages if page.page.site not in known])
    assert check_training_pages(others).state == check_training_sites(others).state == "passed"
    older = Seen(3, None, None, None, 0)
    assert check_training_pages(older).state == check_training_sites(older).state == "not checked"
    nowhere = Seen(3, 0, 0, 0, 3)
    assert check_training_sites(nowhere).state == "not checked"


def test_pages_without_an_address(found: Predictions, model: BlockClassifier) -> None:
    assert check_addresses(seen(model, found.pages)).state == "passed"
    without = [moved(page, "") for page in found.pages[:2]]
    told = check_addresses(seen(model, [*without, found.pages[2]]))
    assert (told.state, told.found) == ("problem", "2 of 3 pages have no address: their sites cannot be checked.")
    assert "it counts as a site of its own" in check_addresses(seen(None, [without[0], found.pages[2]])).found


def test_a_copy_of_a_page_on_another_site_in_another_fold(found: Predictions, tiny: BlockClassifier) -> None:
    html = html_only(found)
    long = max(range(len(html.pages)), key=lambda i: sum(map(len, html.pages[i].text)))
    copy = moved(html.pages[long], "https://copies.example/1")
    pair = some(html, [long, long], pages=[html.pages[long], copy], folds=[0, 1])
    told = check_copies(pair, None)
    assert told.state == "problem"
    assert f"{html.pages[long].page.id} and {copy.page.id}" in told.found
    assert check_copies(replace(pair, folds=[1, 1]), None).state == "passed"
    # With a model: the pages that it knows against those that it does not.
    changed = replace(html.pages[0], text=[*html.pages[0].text[:-1], "Another end of the page"])
    known = some(html, [0, 0], pages=[html.pages[0], replace(changed, page=replace(changed.page, content=b"x"))])
    assert check_copies(known, tiny).state == "not checked"  # both are of a site that it knows
    assert check_copies(found, None).state == "not checked"
    assert check_copies(found, None, split=True).state == "passed"


def test_suggestions_that_became_gold() -> None:
    corrected = Seen(6, 0, 0, 0, 0, corrected={"blocks-1": 6}, own=("blocks-1",))
    told = check_suggestions(corrected, None, True)
    assert told.state == "problem"
    assert "6 of 6 pages were labelled by correcting this model's suggestions" in told.found
    assert check_suggestions(Seen(6, 0, 0, 0, 0), None, True).state == "passed"
    assert check_suggestions(Seen(6, 0, 0, 0, 0), None, False).state == "not checked"


def test_blocks_without_a_label(found: Predictions) -> None:
    assert check_holes(found.gold).state == "passed"
    some = [[None if i % 10 == 0 else label for i, label in enumerate(page)] for page in found.gold]
    assert check_holes(some).state == "problem"
    assert check_holes([["article"] * 99 + [None]]).found == "Only 1 of 100 blocks (1.0%) has no label."


def test_labels_with_few_blocks_and_few_sites(found: Predictions, scores: tuple[Evaluation, Evaluation]) -> None:
    few = by_code(check_scores(*evaluate_predictions(some(found, range(4)))))
    assert few["PB007"].state == few["PB008"].state == "problem"
    assert re.search(r"(caption|appeal|form) \(", few["PB007"].found)
    many = by_code(check_scores(*scores))
    assert many["PB007"].state == many["PB008"].state == "passed"


def test_models_that_are_no_better_than_what_comes_free(
    found: Predictions, scores: tuple[Evaluation, Evaluation]
) -> None:
    whole, floor = scores
    assert by_code(check_scores(whole, floor))["PB009"].state == "passed"
    assert by_code(check_scores(floor, floor))["PB009"].state == "problem"
    assert check_tag_rule(whole, found).state == "passed"
    rule = replace(found, predicted=by_tag(found))
    assert check_tag_rule(evaluate_predictions(rule)[0], rule).state == "problem"


def test_the_rule_by_tag_has_not_seen_the_site(found: Predictions) -> None:
    pages = found.pages[:2]
    gold = [["form"] * len(pages[0]), ["sidebar"] * len(pages[1])]
    pages = [replace(page, page=replace(page.page, url=f"https://{i}.example/")) for i, page in enumerate(pages)]
    answers = by_tag(Predictions(pages, gold, gold, [], []))  # type: ignore[arg-type]
    assert [set(page) for page in answers] == [{"sidebar"}, {"form"}]


def test_a_model_that_is_worse_than_the_default(
    found: Predictions, tiny: BlockClassifier, model: BlockClassifier, scores: tuple[Evaluation, Evaluation]
) -> None:
    html = html_only(found)
    poor = predict(tiny, html.pages, html.gold)
    told = check_default(poor, evaluate_predictions(poor)[0], model=tiny, default=model)
    assert told.state == "problem"
    assert "on 4" in told.found or "pages that it was not trained on" in told.found
    right = replace(found, predicted=found.gold)  # type: ignore[arg-type]
    assert check_default(right, scores[0], model=tiny, default=model).state == "passed"
    assert check_default(found, scores[0], model=model, default=model).state == "not checked"
    assert check_default(found, scores[0], model=tiny, default=None).state == "not checked"


def test_a_model_that_has_learned_by_heart(found: Predictions, tiny: BlockClassifier) -> None:
    html = some(html_only(found), range(12))
    # Labels that nothing on the page tells: what is right in training is memory.
    noise = [["form" if hash_of(text) else "sidebar" for text in page.text] for page in html.pages]
    learned = cross_validate(html.pages, noise, 2, model=BlockClassifier(**TINY | {"epochs": 20}))  # type: ignore[arg-type]
    assert learned.trained is not None
    assert check_gap(learned, None).state == "problem"
    assert check_gap(replace(learned, trained=(50, 100)), None).state == "passed"
    assert check_gap(found, None).state == "not checked"
    assert check_gap(found, tiny).state in ("problem", "passed")  # ten of these pages are its own
    assert check_gap(some(found, range(3)), tiny).state == "not checked"


def hash_of(text: str) -> int:
    return sum(map(ord, text)) % 2


def test_probabilities_that_are_too_sure(found: Predictions, scores: tuple[Evaluation, Evaluation]) -> None:
    assert check_calibration(scores[0]).state == "passed"
    sharp = [p**8 / (p**8).sum(axis=1, keepdims=True) for p in found.probabilities]
    told = check_calibration(evaluate_predictions(replace(found, probabilities=sharp))[0])
    assert told.state == "problem"
    assert "The mean probability is 9" in told.found


def test_the_command_shows_and_writes_the_checks(tmp_path: Path, found: Predictions) -> None:
    text = [i for i, page in enumerate(found.pages) if page.page.format == "text"]
    own = some(found, [*range(6), *text[:6]])
    BlockClassifier(**TINY).fit(own.pages, own.gold).save(tmp_path / "m")  # type: ignore[arg-type]
    words = ["evaluate", str(ROOT / "corpora/sample"), "--model", str(tmp_path / "m")]
    ran = CliRunner().invoke(app, [*words, "--json", "--out", str(tmp_path / "r.html")])
    assert ran.exit_code == 0, ran.stderr
    told = {row["code"]: row for row in json.loads(ran.stdout)["checks"]}
    assert list(told) == [rule.code for rule in RULES]
    assert told["PB001"]["state"] == "problem"
    assert f"PB001: {told['PB001']['found']}" in ran.stderr
    page = (tmp_path / "r.html").read_text("utf-8")
    shown = " ".join(CliRunner().invoke(app, words).stdout.split())
    for row in told.values():
        assert row["code"] in page
        assert (row["code"] in shown) == (row["state"] != "passed")
    assert told["PB001"]["found"] in page


def test_the_page_of_the_codes_describes_each_rule() -> None:
    text = (ROOT / "docs/checks.md").read_text("utf-8")
    heads = re.findall(r"^## (PB\d{3}): (.+)$", text, re.M)
    assert heads == [(rule.code, rule.title) for rule in RULES]
    flat = " ".join(text.split())
    for rule in RULES:
        assert rule.why in flat, rule.code
        assert rule.do in flat, rule.code

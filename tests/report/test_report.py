"""The HTML report: complete, self-contained, small, and deaf to what page text tries."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from toolkit.checks import Check
from toolkit.checks.training import check_addresses, check_training_pages, check_training_sites
from toolkit.corpus.folder import Corpus
from toolkit.errors import PageblocksError
from toolkit.evaluate import baseline, evaluate
from toolkit.labelling.agreement import agreement
from toolkit.labelling.readings import measure_readings
from toolkit.labelling.review import places
from toolkit.model.seen import Seen
from toolkit.page import Blocks, Page
from toolkit.report import print_agreement, print_evaluation, write_report
from toolkit.report.browser import error_browser, safe_url
from toolkit.report.words import summary
from toolkit.scheme import Scheme
from toolkit.standoff import Annotation, Run, Shown

EVIL = [
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "</script><script>window.pwned=1</script>",
    "<!--<script>",
    "</style><style>body{display:none}</style>",
    "<svg/onload=window.pwned=1>",
    "{{ 7 * 7 }} {% raw %}",
    "\u202egnp.exe \u2028 \x00 \ud800 lone",
]
SCHEME = Scheme.default()
LABELS = SCHEME.names


class Made:
    """Pages whose wrong blocks, titles, sites and addresses are hostile, and their report's arguments."""

    def __init__(self, pages: int, blocks: int, words: int = 12, wrong: float = 0.1, url: str = "") -> None:
        rng = np.random.default_rng(0)
        self.pages, self.gold, self.predicted, self.probabilities = [], [], [], []
        for p in range(pages):
            page = Page(f"page-{p}", "made", b"", "html", url or f"https://www.site{p % 12}.com/{p}")
            texts = [
                EVIL[(p + i) % len(EVIL)] if i % 5 == 0 else " ".join(["harbour"] * words) + f" {p} {i}"
                for i in range(blocks)
            ]
            self.pages.append(_blocks(page, EVIL[p % len(EVIL)], texts))
            gold = rng.integers(0, 5, blocks)
            probabilities = rng.dirichlet(np.ones(5), blocks) * 0.3
            guess = np.where((rng.random(blocks) < wrong) | (np.arange(blocks) % 25 == 5), (gold + 1) % 5, gold)
            probabilities[np.arange(blocks), guess] += 0.7
            self.gold.append([LABELS[i] for i in gold])
            self.predicted.append([LABELS[i] for i in guess])
            self.probabilities.append(probabilities)
        self.sites = [b.page.site for b in self.pages]
        self.evaluation = evaluate(
            self.gold,
            self.predicted,
            self.sites,
            labels=LABELS,
            probabilities=self.probabilities,
            words=[[len(t.split()) for t in b.text] for b in self.pages],
            groups={"type": [EVIL[p % 3] for p in range(pages)]},
        )
        self.baseline = baseline(self.gold, self.sites, LABELS)

    def write(self, path: Path, checks: list[Check] | None = None, **meta: Any) -> str:
        write_report(
            path,
            self.evaluation,
            self.baseline,
            pages=self.pages,
            gold=self.gold,
            predicted=self.predicted,
            probabilities=self.probabilities,
            scheme=SCHEME,
            meta=meta or None,
            checks=checks,
        )
        return path.read_text(encoding="utf-8")


def _blocks(page: Page, title: str, texts: list[str]) -> Blocks:
    n = len(texts)
    same = {"path": ["p"] * n, "names": [""] * n, "flags": [0] * n, "link_density": [0.0] * n, "depth": [0] * n}
    rest = {"heading": [-1] * n, "parent": [0] * n, "start": list(range(n)), "end": list(range(1, n + 1))}
    return Blocks(page, title=title, text=texts, tag=["p"] * n, **same, **rest)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made() -> Made:
    return Made(30, 40)


@pytest.fixture(scope="module")
def report(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    tasks = {"page-0": "http://localhost:8080/projects/1/data?task=1", "page-1": "javascript:window.pwned=1"}
    made.write(path, title=EVIL[0], note=EVIL[1], corpus=EVIL[2], task_urls=tasks)
    return path


class Outline(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": []}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in self.raw:
            self.raw[self._inside].append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_hostile_text_becomes_no_markup(report: Path) -> None:
    outline = Outline(report.read_text(encoding="utf-8"))
    names = [tag for tag, _ in outline.tags]
    assert names.count("script") == 2
    assert names.count("style") == 1
    assert "img" not in names
    for _, attributes in outline.tags:
        assert not [a for a in attributes if a.startswith("on") or a in ("style", "src", "srcset")]
        assert not (attributes.get("href") or "#").lower().startswith(("javascript:", "data:"))


def test_the_policy_lets_in_only_our_style_and_script(report: Path) -> None:
    outline = Outline(report.read_text(encoding="utf-8"))
    policy = next(
        a["content"] for tag, a in outline.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    digest = {k: base64.b64encode(hashlib.sha256(v[-1].encode()).digest()).decode() for k, v in outline.raw.items()}
    assert f"style-src 'sha256-{digest['style']}'" in policy
    assert f"script-src 'sha256-{digest['script']}'" in policy


def test_every_wrong_block_is_there_with_its_neighbours_most_confident_first(made: Made, report: Path) -> None:
    data = data_of(report.read_text(encoding="utf-8"))
    wrong = {
        (p, b)
        for p, (gold, guess) in enumerate(zip(made.gold, made.predicted, strict=True))
        for b, (x, y) in enumerate(zip(gold, guess, strict=True))
        if x != y
    }
    at = {page.page.id: i for i, page in enumerate(made.pages)}
    listed = [(at[data["pages"][p]["id"]], b) for p, blocks, _, _ in data["errors"] for b in blocks]
    assert {(page["size"], len(page["blocks"])) for page in data["pages"]} == {(40, 40)}  # the whole page is there
    assert set(listed) == wrong
    assert len(listed) == len(wrong)
    sure = [max(data["pages"][p]["blocks"][str(b)][3] for b in blocks) for p, blocks, _, _ in data["errors"]]
    assert sure == sorted(sure, reverse=True)
    for p, (b, *_), digest, _ in data["errors"]:
        blocks = data["pages"][p]["blocks"]
        assert {str(i) for i in range(max(0, b - 3), min(40, b + 4))} <= set(blocks)
        text, gold, predicted, _, _ = blocks[str(b)]
        page = at[data["pages"][p]["id"]]
        assert (LABELS[gold], LABELS[predicted]) == (made.gold[page][b], made.predicted[page][b])
        assert text == made.pages[page].text[b].replace("\ud800", "\ufffd")
        assert digest == made.pages[page].hashes[b]


def test_only_harmless_addresses_become_links(report: Path) -> None:
    pages = {p["id"]: p for p in data_of(report.read_text(encoding="utf-8"))["pages"]}
    assert pages["page-0"]["task"] == "http://localhost:8080/projects/1/data?task=1"
    assert pages["page-1"]["task"] == ""
    for bad in (
        "javascript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//x",
        "",
        "http://[",
        "https:",
    ):
        assert safe_url(bad) == ""
    assert safe_url("https://a.example/?q=<b>") != ""


def test_the_big_one_is_small_enough(tmp_path: Path) -> None:
    path = tmp_path / "big.html"
    text = Made(150, 150, words=60, wrong=0.3).write(path)
    assert path.stat().st_size < 5_000_000
    left_out = re.search(r"([\d,]+) minor mistakes? (?:is|are) left out", text)
    assert left_out is not None  # so many words do not fit: the report says so
    assert sum(len(blocks) for _, blocks, _, _ in data_of(text)["errors"]) + int(
        left_out[1].replace(",", "")
    ) == text_wrong(text)


def test_equal_texts_of_a_page_with_the_same_mistake_are_one_card() -> None:
    texts = ["Buy", "Next", "Buy", "Buy", "Buy", "A story"]
    page = _blocks(Page("one", "x", b"", url="https://a.example/"), "", texts)
    gold, predicted = [["form", "form", "form", "form", "sidebar", "article"]], [["sidebar"] * 5 + ["form"]]
    doubts = {(0, 3): "annotators disagree", (0, 5): "a rule"}
    found = error_browser(
        [page], gold, predicted, probabilities=None, labels=LABELS, classes=LABELS, tasks={}, doubts=doubts
    )
    cards = [(blocks, why) for _, blocks, _, why in found.data["errors"]]
    assert cards == [([5], "a rule"), ([1], ""), ([0, 2], ""), ([3], "annotators disagree")]
    assert (found.errors, found.doubtful, found.left_out) == (5, 2, 0)


def text_wrong(text: str) -> int:
    found = re.search(r"of ([\d,]+) wrong blocks?\b", text)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_characters_that_are_written_long_count_for_what_they_take(tmp_path: Path) -> None:
    made = Made(60, 120, words=1, wrong=0.5)
    for page in made.pages:
        page.text = ["<&>" * 100] * len(page.text)
    made.write(tmp_path / "long.html")
    assert (tmp_path / "long.html").stat().st_size < 5_000_000


def test_without_probabilities_baseline_meta_or_errors(tmp_path: Path, made: Made) -> None:
    evaluation = evaluate(made.gold, made.gold, made.sites, labels=LABELS)
    write_report(
        tmp_path / "r.html",
        evaluation,
        None,
        pages=made.pages,
        gold=made.gold,
        predicted=made.gold,
        probabilities=None,
        scheme=SCHEME,
    )
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "No block is wrong." in text
    assert 'id="calibration"' not in text
    plain = evaluate(made.gold, made.predicted, made.sites, labels=LABELS)
    write_report(
        tmp_path / "r.html",
        plain,
        None,
        pages=made.pages,
        gold=made.gold,
        predicted=made.predicted,
        probabilities=None,
        scheme=SCHEME,
    )
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "longest first" in text
    assert 'id="f-least"' not in text


def test_one_page_of_one_block(tmp_path: Path) -> None:
    page = _blocks(Page("one", "x", b""), "", ["text"])
    evaluation = evaluate([["form"]], [["article"]], [""], labels=LABELS)
    write_report(
        tmp_path / "r.html",
        evaluation,
        None,
        pages=[page],
        gold=[["form"]],
        predicted=[["article"]],
        probabilities=None,
        scheme=SCHEME,
    )
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "The test has only 1 site" in text
    assert data_of(text)["errors"] == [[0, [0], page.hashes[0], ""]]


def test_lists_that_do_not_fit_and_a_foreign_scheme(tmp_path: Path, made: Made) -> None:
    path = tmp_path / "r.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(PageblocksError, match="30 pages and gold has 29"):
        write_report(
            path,
            made.evaluation,
            None,
            pages=made.pages,
            gold=made.gold[1:],
            predicted=made.predicted,
            probabilities=None,
            scheme=SCHEME,
        )
    with pytest.raises(PageblocksError, match="40 blocks, predicted has 39"):
        write_report(
            path,
            made.evaluation,
            None,
            pages=made.pages,
            gold=made.gold,
            predicted=[p[1:] for p in made.predicted],
            probabilities=None,
            scheme=SCHEME,
        )
    other = SCHEME.model_copy(update={"labels": SCHEME.labels[:4]}).model_dump()
    other["default_label"] = "form"
    with pytest.raises(PageblocksError, match="has no label sidebar"):
        write_report(
            path,
            made.evaluation,
            None,
            pages=made.pages,
            gold=made.gold,
            predicted=made.predicted,
            probabilities=None,
            scheme=Scheme.model_validate(other),
        )
    assert path.read_text(encoding="utf-8") == "old"


def test_the_terminal_shows_what_the_report_shows(made: Made) -> None:
    out = io.StringIO()
    console = Console(file=out, width=100)
    print_evaluation(made.evaluation, made.baseline, SCHEME, console=console)
    shown = out.getvalue()
    assert f"{made.evaluation.figures['macro_f1'].value:.3f}" in shown
    assert "baseline" in shown
    for label in LABELS:
        assert label in shown


def test_labels_with_one_score_have_no_best_and_worst() -> None:
    labels = [["article", "form", "sidebar"]] * 2
    said = " ".join(summary(evaluate(labels, labels, ["a.example", "b.example"], labels=LABELS), None))
    assert "The model has the same F1 on all labels (1.00)." in said
    assert "best on" not in said


def test_nothing_is_promised_of_other_sites_where_the_model_learned_from_these(made: Made, tmp_path: Path) -> None:
    known = Seen(30, 4, 7, 8, 0)
    checks = [check_training_pages(known), check_training_sites(known), check_addresses(known)]
    one, some = summary(made.evaluation, None), summary(made.evaluation, None, checks)
    assert "on other sites of this kind, expect" in one[0]
    assert "of this kind" not in " ".join(some)
    assert "of this kind" not in " ".join(summary(made.evaluation, None, [check_addresses(Seen(30, 0, 0, 0, 30))]))
    out = io.StringIO()
    print_evaluation(made.evaluation, None, SCHEME, console=Console(file=out, width=200), checks=checks)
    text = made.write(tmp_path / "r.html", checks=checks)
    for shown in (out.getvalue(), text):
        assert "2 problems, 1 passed" in shown
        assert "PB001" in shown
        assert "The model was trained on 4 of 30 pages." in shown
        assert "The model was trained on the sites of 7 of 30 pages." in shown
    assert "30 pages have an address." in text


def test_doubtful_labels_are_counted_in_the_summary(made: Made) -> None:
    assert "2 have a doubtful label" in summary(made.evaluation, None, doubtful=2)[-1]
    assert "doubtful" not in " ".join(summary(made.evaluation, None))


def test_checks_escape_what_pages_are_called(made: Made, tmp_path: Path) -> None:
    check = Check("PB004", "Near-copies", "problem", f"{EVIL[0]} and `{EVIL[1]}`.", "Why.", "Use `split`.")
    outline = Outline(made.write(tmp_path / "r.html", checks=[check]))
    assert [tag for tag, _ in outline.tags].count("script") == 2
    assert "img" not in [tag for tag, _ in outline.tags]
    assert "<code>split</code>" in (tmp_path / "r.html").read_text("utf-8")


def test_the_terminal_shows_agreement_and_names_cannot_carry_markup(made: Made) -> None:
    out = io.StringIO()
    pages = {
        str(i): {"[bold]ann": g, "[/]bob": p} for i, (g, p) in enumerate(zip(made.gold, made.predicted, strict=True))
    }
    result = agreement(pages, LABELS)
    print_agreement(result, SCHEME, Console(file=out, width=120))
    assert "[bold]ann" in out.getvalue()
    assert f"{result.alpha.value:.3f}" in out.getvalue()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 400])
def test_in_a_browser(chromium: Any, report: Path, made: Made, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    page.goto(report.as_uri())
    page.wait_for_selector(".error")
    wrong = sum(made.evaluation.confusion[i][j] for i in range(5) for j in range(5) if i != j)
    assert page.inner_text("#count") == f"{wrong} of {wrong} wrong blocks"
    assert page.evaluate("document.documentElement.scrollWidth") <= width  # nothing hangs out of a phone

    # A cell of the confusion matrix shows its blocks, by keyboard.
    button = page.locator(".heat button").first
    count = int(button.inner_text().split()[0])
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".error:focus").wait_for()
    assert page.inner_text("#count") == f"{count} of {wrong} wrong blocks"
    page.keyboard.press("j")
    assert page.evaluate("[...document.querySelectorAll('.error')].indexOf(document.activeElement)") == min(
        1, count - 1
    )
    page.click("button[type=reset]")
    page.locator("#count").filter(has_text=re.compile(rf"^{wrong} ")).wait_for()

    while page.is_visible("#more"):
        page.click("#more")
    assert page.locator(".error").count() == len(data_of(report.read_text("utf-8"))["errors"])
    for i in range(3):
        page.locator(".gap button").nth(i).click()
    # The whole page of a wrong block, by keyboard: all its blocks, runs of right ones folded until somebody asks.
    page.locator(".error").first.focus()
    page.keyboard.press("o")
    first = page.locator(".error").first
    assert first.locator(".open").get_attribute("aria-expanded") == "true"
    while first.locator(".fold").count():
        first.locator(".fold button").first.click()
    assert first.locator(".block").count() == 40
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("o")
    assert first.locator(".block").count() < 10

    page.fill("#f-text", "onerror")
    assert 0 < page.locator(".error").count() < wrong
    assert "<img src=x onerror" in page.locator(".block.this .text").first.inner_text()
    page.fill("#f-text", "")
    page.select_option("#f-site", index=1)
    assert {x.split(" · ")[0] for x in page.locator(".from").all_inner_texts()} == {page.input_value("#f-site")}
    page.locator("#f-least").fill("100")
    assert page.inner_text("#count").startswith("0 ")

    assert "confidence=100" in page.evaluate("location.hash")  # to be sent to a colleague
    assert page.evaluate("window.pwned") is None
    assert page.locator("#list script, #list img, #list svg, #list style").count() == 0
    assert asked == [report.as_uri()]
    assert said == []
    page.close()


@pytest.mark.browser
def test_a_filter_is_in_the_address_and_its_blocks_are_saved_for_a_review(chromium: Any, tmp_path: Path) -> None:
    corpus = Corpus.open(Path(__file__).parents[2] / "corpora/sample")
    pages, gold = corpus.read_labelled()
    predicted = [["form" if label == "sidebar" else str(label) for label in page] for page in gold]
    wrong = [(p, b) for p, page in enumerate(gold) for b, label in enumerate(page) if label == "sidebar"]
    doubts = dict.fromkeys(wrong[:5], f"annotators disagree {EVIL[0]}")
    scores = evaluate(gold, predicted, [page.page.site for page in pages], labels=LABELS)
    write_report(
        tmp_path / "r.html", scores, None, pages=pages, gold=gold, predicted=predicted, probabilities=None,
        scheme=SCHEME, doubts=doubts,
    )  # fmt: skip
    address = (tmp_path / "r.html").as_uri()
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.goto(f"{address}#errors?cause=label")
    page.locator(".error:focus").wait_for()
    assert page.inner_text("#count") == f"5 of {len(wrong):,} wrong blocks"
    assert page.locator(".doubt").first.inner_text().endswith(doubts[wrong[0]])
    with page.expect_download() as started:
        page.click("#save")
    rows = [json.loads(line) for line in Path(started.value.path()).read_text("utf-8").splitlines()]
    assert started.value.suggested_filename == "review.jsonl"
    assert {(row["page"], row["block"]) for row in rows} == {(pages[p].page.id, b) for p, b in wrong[:5]}
    for row in rows:
        blocks = next(blocks for blocks in pages if blocks.page.id == row["page"])
        assert places(blocks, [row]) == {row["block"]: row}  # what `push --review` asks about
        assert (row["label"], row["suggested"]) == ("sidebar", "form")
    page.select_option("#f-cause", "model")
    page.fill("#f-text", "a")
    shown = page.inner_text("#count")
    assert page.evaluate("location.hash") == "#errors?cause=model&text=a"
    page.goto("about:blank")
    page.goto(f"{address}#errors?cause=model&text=a")  # as a colleague opens it
    page.locator(".error:focus").wait_for()
    assert (page.inner_text("#count"), page.input_value("#f-text")) == (shown, "a")
    page.click(".heat button")
    assert page.evaluate("location.hash") == "#errors?true=sidebar&predicted=form"
    assert page.input_value("#f-text") == ""
    page.goto(f"{address}#errors?true=%3Cscript%3E&site=nowhere&order=cost&constructor=1")  # what is unknown is any
    page.locator("#count").filter(has_text=re.compile(rf"^{len(wrong):,} of")).wait_for()
    assert said == []
    page.close()


def test_how_people_took_suggestions_is_a_section(made: Made, tmp_path: Path) -> None:
    theirs = [
        Annotation(
            f"page-{k}", "", EVIL[0], [Run(i, i + 1, "article", f"{i:010x}") for i in range(10)],
            suggested_by="m1", shown=[Shown("article", 0.6)] * 10, seconds=0.1,
        )
        for k in range(8)
    ]  # fmt: skip
    text = made.write(tmp_path / "people.html", readings=measure_readings(theirs), as_seen=None)
    assert 'href="#people"' in text
    assert "kept 100% of 80 suggestions that should be right 60% of the time" in text
    assert "sent 8 of 8 pages faster than anyone can look at their blocks" in text
    assert EVIL[0] not in text
    assert "#people" not in made.write(tmp_path / "none.html")

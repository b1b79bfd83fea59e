"""The rules that a machine can check."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from toolkit.corpus.folder import Corpus
from toolkit.labelling.rules import RULES, broken_rules
from toolkit.page import Blocks
from toolkit.scheme import Scheme
from toolkit.support.files import data_path

NAMES = Scheme.default().names
A, C, P, F, S = "article", "caption", "appeal", "form", "sidebar"
FIELD = "<form><input placeholder='Your mail'><button>Subscribe</button></form>"
HEADED = "<h2>Harbour</h2><p>One</p><p>Two</p><p>Three</p>"
CASES = [
    ("lone-call", "<a href=/s>Subscribe</a><p>News</p>", [S, S], 0, P),
    ("lone-call", "<p>One</p><p>Donate »</p><p>Two</p><p>Three</p>", [A, F, A, A], 1, P),
    ("bare-name", "<a href=/f>Facebook</a><p>One</p>", [P, A], 0, S),
    ("account-link", "<a href=/l>Sign in</a><p>One</p>", [A, A], 0, S),
    ("advert-mark", "<p>One</p><p>ADVERTISEMENT</p><p>Two</p>", [A, A, A], 1, P),
    ("skip-link", "<a href=#m>Skip to main content</a><p>One</p>", [F, A], 0, S),
    ("field", FIELD.replace("Subscribe", "Send"), [S, F], 0, F),
    ("captcha", "<p>This site is protected by reCAPTCHA.</p><p>One</p>", [S, S], 0, F),
    ("copyright", "<p>One</p><footer>© 2024 Nordkyst</footer>", [A, A], 1, S),
    ("loose-mark", "<p>One</p><p>•</p><p>Two</p>", [A, S, A], 1, A),
    ("heading", HEADED, [S, A, A, A], 0, A),
]
KEPT = [
    (FIELD, [F, F]),
    ("<a href=/s>Subscribe</a><p>News</p>", [P, S]),
    ("<a href=/f>Facebook</a><p>Facebook grew by a tenth.</p>", [S, A]),
    ("<p>One</p><p>•</p><p>Two</p>", [A, S, S]),
    (HEADED, [A, A, A, A]),
    (HEADED, [S, S, S, S]),
    ("<p>© 2024 M. Sand</p><p>One</p>", [C, A]),
]


@pytest.mark.parametrize(
    ("name", "html", "labels", "block", "right"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_broken_rule_is_found(
    name: str, html: str, labels: list[str], block: int, right: str, page_of: Callable[..., Blocks]
) -> None:
    page = page_of("p", html)
    assert len(page) == len(labels)
    assert [(i, rule.name, label) for i, rule, label in broken_rules(page, labels, NAMES)] == [(block, name, right)]
    # A scheme without that label has no such rule.
    assert list(broken_rules(page, labels, [n for n in NAMES if n != right])) == []


def test_every_rule_has_a_case() -> None:
    assert {rule.name for rule in RULES} == {case[0] for case in CASES}


@pytest.mark.parametrize(("html", "labels"), KEPT)
def test_a_kept_rule_is_not(html: str, labels: list[str], page_of: Callable[..., Blocks]) -> None:
    assert list(broken_rules(page_of("p", html), labels, NAMES)) == []


def test_adjudicated_gold_hardly_breaks_a_rule() -> None:
    pages, labels = Corpus.open(data_path("corpora/sample")).read_labelled()
    hits = [hit for page, answers in zip(pages, labels, strict=True) for hit in broken_rules(page, answers, NAMES)]
    assert len(hits) <= 0.005 * sum(map(len, pages))

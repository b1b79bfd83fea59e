"""Headline and byline, found from the blocks themselves."""

from __future__ import annotations

import pytest

from toolkit import BlockClassifier
from toolkit.classify.byline import byline, headline
from toolkit.page import Page
from toolkit.segment import segment

BODY = (
    "The last ferry of the winter season left the pier shortly before midnight with eleven passengers, two dogs and a "
    "grand"
    " piano that nobody on board was able to explain."
)
MORE = (
    "A second paragraph, as long as the first one, says where the piano went, who paid the fare, and how it was tuned "
    "again."
)


def parts(head: str, title: str = "Night ferry carries a piano | Harbour News") -> tuple[list[str], list[str]]:
    page = segment(Page("t", "t", f"<title>{title}</title><body>{head}<p>{BODY}</p><p>{MORE}</p>".encode()))
    return [page.text[i] for i in sorted(headline(page))], [page.text[i] for i in sorted(byline(page))]


@pytest.mark.parametrize(
    ("head", "top", "by"),
    [
        ("<h1>Night ferry carries a piano</h1><p class=byline>Ada Quill</p>", ["Night ferry carries a piano"],
        ["Ada Quill"]),
        ("<div>Harbour</div><h1>Night ferry carries a piano</h1><time>14 March 2031</time>",
         ["Harbour", "Night ferry carries a piano"], ["14 March 2031"]),
        # The only h1 is the headline, even where the title says something else.
        ("<h1>What the captain saw</h1><p>Von Ada Quill</p>", ["What the captain saw"], ["Von Ada Quill"]),
        # A page without headings: what is said in the title, word for word.
        ("<div>Night ferry carries a piano</div><div>12.03.2031, 14:05 Uhr</div>",
         ["Night ferry carries a piano"], ["12.03.2031, 14:05 Uhr"]),
        # A standfirst stays; the byline below it does not.
        (f"<h1>Night ferry carries a piano</h1><p>{MORE}</p><span class=article-author>Ada Quill</span>",
         ["Night ferry carries a piano"], ["Ada Quill"]),
        ("<h1>Night ferry carries a piano</h1><p>By the pier stood a man, and it rained.</p>",
         ["Night ferry carries a piano"], ["By the pier stood a man, and it rained."]),  # what the rules get wrong
        ("", [], []),
    ],
)  # fmt: skip
def test_headline_and_byline(head: str, top: list[str], by: list[str]) -> None:
    assert parts(head) == (top, by)


@pytest.mark.parametrize(
    "date", ["2031年3月14日", "3 мая 2031", "14 de março de 2031", "2031-03-14", "maaliskuu 14", "5 min read"]
)
def test_dates_of_many_languages(date: str) -> None:
    assert parts(f"<h1>Night ferry carries a piano</h1><div>{date}</div>")[1] == [date]


@pytest.mark.parametrize(
    "text",
    [
        "The piano was tuned in 1931 by 3 men",
        "Piano, ferry and fog",
        "On 14 March the harbour master lost the key to the old piano room again.",
    ],
)
def test_what_is_no_byline(text: str) -> None:
    assert parts(f"<h1>Night ferry carries a piano</h1><div>{text}</div>")[1] == []


def test_a_late_heading_is_no_headline() -> None:
    page = segment(
        Page("t", "t", f"<p>{BODY}</p><h2>The piano tuner</h2><p>{MORE}</p><p class=author>Ada</p>".encode())
    )
    assert headline(page) == set()
    assert byline(page) == set()


def test_only_chosen_blocks_count() -> None:
    page = segment(Page("t", "t", f"<h1>A</h1><h2>B</h2><div class=date>C</div><p>{BODY}</p>".encode()))
    assert headline(page, [1, 2, 3]) == set()
    assert headline(page, [0, 3]) == {0}
    assert byline(page, [0, 3]) == set()


def test_extract_leaves_them_out(model: BlockClassifier) -> None:
    top = "<h1>Night ferry carries a piano</h1><p class=byline>By Ada Quill</p>"
    html = f"<title>Night ferry carries a piano</title><article>{top}<p>{BODY}</p><p>{MORE}</p></article>"
    whole = model.extract(html, keep={"article"})
    assert "Night ferry carries" in whole
    body = model.extract(html, keep={"article"}, headline=False, byline=False)
    assert body == f"{BODY}\n\n{MORE}"


def test_extract_has_them_in_or_out_as_it_is_told(model: BlockClassifier) -> None:
    top = "<h1>Night ferry carries a piano</h1><p class=byline>By Ada Quill</p>"
    html = f"<title>Night ferry carries a piano</title><article>{top}<p>{BODY}</p><p>{MORE}</p></article>"
    assert model.extract(html, headline=True, byline=False) == f"Night ferry carries a piano\n\n{BODY}\n\n{MORE}"
    assert model.extract(html, headline=False, byline=True) == f"By Ada Quill\n\n{BODY}\n\n{MORE}"
    assert model.extract(html, headline=False, byline=False) == f"{BODY}\n\n{MORE}"

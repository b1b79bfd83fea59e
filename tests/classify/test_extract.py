"""The text that a corpus keeps, from what is said of each block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from toolkit.classify.result import Classified, chosen_blocks, text_blocks
from toolkit.page import Blocks, Flag

PageOf = Callable[..., Blocks]


def said(page_of: PageOf, main: list[float], texts: list[str] | None = None) -> Classified:
    texts = texts or [f"Paragraph number {k} of the page" for k in range(len(main))]
    blocks = page_of("page", "".join(f"<p>{text}</p>" for text in texts))
    return Classified(
        blocks, ["text"] * len(main), np.ones((len(main), 1), np.float32), ["text"], np.array(main, np.float32)
    )


@pytest.mark.parametrize(
    ("main", "wanted"),
    [
        ([0.95, 0.9, 0.3, 0.05], [0, 1]),  # the content stands out
        ([0.45, 0.4, 0.35, 0.05], [0, 1, 2]),  # it does not: what is as likely as the rest comes along
        ([0.99, 0.99, 0.6, 0.02], [0, 1, 2]),  # what is likely is never left out
        ([0.1, 0.15, 0.05, 0.1], []),  # and what is not, never taken in
    ],
)
def test_main_content_is_what_agrees_best(page_of: PageOf, main: list[float], wanted: list[int]) -> None:
    assert chosen_blocks(said(page_of, main)) == wanted


def test_the_text_has_once_what_is_drawn_twice(page_of: PageOf) -> None:
    long = "This paragraph is drawn once for small screens and once for large ones"
    page = said(page_of, [0.9, 0.9, 0.9, 0.9], [long, "Tuesday", long, "Tuesday"])
    assert chosen_blocks(page) == [0, 1, 2, 3]
    assert text_blocks(page) == text_blocks(page, {"text"}) == [0, 1]
    assert page.text() == page.text({"text"}) == f"{long}\n\nTuesday"


def test_headline_and_byline_come_once_too(page_of: PageOf) -> None:
    title = "The night ferry sails again after two long winters at the quay"
    body = (
        "The ferry left the harbour on Monday with ninety people on board, and all of them were going home to the "
        "islands."
    )
    page = replace(said(page_of, [0.0, 0.0, 0.9], [title, title, body]), labels=["article"] * 3, classes=["article"])
    page.blocks.title = title
    page.blocks.tag[:2] = ["h1", "h1"]
    page.blocks.flags[:2] = [int(Flag.HEADING)] * 2
    assert text_blocks(page, headline=True) == [0, 2]

"""The text that a corpus keeps, from what is said of each block."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from toolkit.classify import Classified
from toolkit.extract import chosen_blocks
from toolkit.page import Blocks

PageOf = Callable[..., Blocks]


def said(page_of: PageOf, main: list[float], texts: list[str] | None = None) -> Classified:
    texts = texts or [f"Paragraph number {k} of the page" for k in range(len(main))]
    blocks = page_of("page", "".join(f"<p>{text}</p>" for text in texts))
    return Classified(blocks, ["text"] * len(main), np.ones((len(main), 1), np.float32), ["text"], np.array(main, np.float32))


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


def test_a_long_text_that_comes_again_is_given_once(page_of: PageOf) -> None:
    long = "This paragraph is drawn once for small screens and once for large ones"
    assert chosen_blocks(said(page_of, [0.9, 0.9, 0.9, 0.9], [long, "Tuesday", long, "Tuesday"])) == [0, 1, 3]

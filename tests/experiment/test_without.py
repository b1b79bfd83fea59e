"""Ablation takes away what it says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest

from toolkit.experiment.without import GROUPS, cut, cut_all
from toolkit.page import Blocks

BODY = """<h1>Ferry news</h1><ul class=menu><li><a href=/a>Home</a></li><li><a href=/b>News 24</a></li></ul>
<div id=story><p>The ferry sails; again.</p><p hidden>Nobody sees it</p></div>"""
CHANGED = {
    "words": {"text"},
    "names": {"names"},
    "links": {"href", "link_density"},
    "tags": {"tag", "path", "flags", "depth"},
    "headings": {"heading", "title"},
    "containers": {"parent", "above"},
}


@pytest.fixture
def page(page_of: Callable[..., Blocks]) -> Blocks:
    return page_of("p", BODY, "http://a.example/", "Ferry news")


@pytest.mark.parametrize("name", CHANGED)
def test_one_group_goes_and_the_rest_stays(page: Blocks, name: str) -> None:
    (left,) = cut(page, [name])
    assert {f.name for f in fields(page) if getattr(page, f.name) != getattr(left, f.name)} == CHANGED[name]
    assert len(left) == len(page)
    assert set(GROUPS) == {*CHANGED, "page"}


def test_without_words_their_shape_stays(page: Blocks) -> None:
    (left,) = cut(page, ["words"])
    assert left.text == ["xxxxx xxxx", "xxxx", "xxxx 24", "xxx xxxxx xxxxx; xxxxx.", "xxxxxx xxxx xx"]


def test_without_the_page_each_block_is_alone(page: Blocks) -> None:
    parts, labels = cut_all([page], [["a", "b", "b", "c", "d"]], ["page", "names"])
    assert [part.text for part in parts] == [[text] for text in page.text]
    assert [part.tag for part in parts] == [[tag] for tag in page.tag]
    assert labels == [["a"], ["b"], ["b"], ["c"], ["d"]]
    assert {(part.heading[0], part.parent[0], part.names[0]) for part in parts} == {(-1, 0, "")}
    assert cut_all([page], [[1]], []) == ([page], [[1]])

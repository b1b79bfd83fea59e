"""Labels against runs of text nodes or lines land on any later segmentation."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import BadInput, Mismatch
from toolkit.page import Blocks, Page
from toolkit.segment import segment
from toolkit.standoff import Annotation, Run, attach, detach, read_annotations, write_annotations

HTML = (
    "<nav><a href=/>Home</a> <a href=/n>News</a></nav><h1>Head <i>line</i></h1><p>First <b>bold</b> "
    "text.<br><br>Second.</p>"
    "<form><label>Mail</label><input placeholder='Mail'><input placeholder='Mail'><input type=submit "
    "value=Mail></form><p>Mail"
)


def page(html: str = HTML) -> Blocks:
    return segment(Page("p", "p.html", html.encode(), url="https://a.example"))


def regroup(blocks: Blocks, groups: list[list[int]]) -> Blocks:
    """Another segmentation of the same page: each group of neighbouring blocks as one block."""
    out = Blocks(blocks.page, above=blocks.above)
    for group in groups:
        first, last = group[0], group[-1]
        out.text.append(" ".join(blocks.text[i] for i in group))
        for name in ("tag", "path", "names", "href", "flags", "link_density", "depth", "heading", "parent"):
            getattr(out, name).append(getattr(blocks, name)[first])
        out.start.append(blocks.start[first])
        out.end.append(blocks.end[last])
    return out


def test_there_and_back() -> None:
    blocks = page()
    labels: list[str | None] = [f"label {i}" for i in range(len(blocks))]
    labels[1] = None
    assert attach(blocks, detach(blocks, labels, "ann")) == labels


def test_an_annotation_holds_no_text() -> None:
    blocks = page()
    annotation = detach(blocks, ["a"] * len(blocks), "ann", scheme="scheme 1", created_at="2024-05-06T07:08:09+00:00")
    assert (annotation.sha256, annotation.url, annotation.scheme) == (
        blocks.page.sha256,
        "https://a.example",
        "scheme 1",
    )
    assert not any(text in repr(annotation) for text in blocks.text if len(text) > 4)


def test_one_label_a_block() -> None:
    with pytest.raises(Mismatch, match="2 labels for"):
        detach(page(), ["a", "b"], "ann")


def test_another_page_is_refused() -> None:
    annotation = detach(page(), ["a"] * len(page()), "ann")
    with pytest.raises(Mismatch, match="changed since it was labelled"):
        attach(page(HTML + " "), annotation)


def test_a_file_and_back(tmp_path: Path) -> None:
    blocks = page()
    annotations = [detach(blocks, ["a"] * len(blocks), "ann"), Annotation("q", "", "ann", state="skipped")]
    write_annotations(tmp_path / "a.jsonl", annotations)
    assert read_annotations(tmp_path / "a.jsonl") == annotations


@pytest.mark.parametrize(
    "line", ['{"page": "p"}', '{"page": "p", "sha256": "", "annotator": "a", "labels": [[1]]}', "[]", "1"]
)
def test_what_is_no_annotation_is_one_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text(line + "\n")
    with pytest.raises(BadInput, match=r"^[^\n]+$"):
        read_annotations(tmp_path / "a.jsonl")


def test_the_label_of_most_nodes_wins() -> None:
    blocks = page("<p>a <b>b</b> <i>c</i></p>")
    runs = [Run(0, 1, "one", "x"), Run(1, 3, "two", "y")]
    assert attach(blocks, Annotation("p", "", "ann", runs)) == ["two"]


def test_a_run_of_a_hostile_file_costs_nothing() -> None:
    blocks = page("<p>a")
    assert attach(blocks, Annotation("p", "", "ann", [Run(0, 10**12, "far", "x"), Run(-5, -1, "no", "y")])) == ["far"]


@given(st.integers(0, 2**32))
def test_gold_lands_on_a_changed_segmentation(seed: int) -> None:
    """Blocks are labelled, then joined and cut anew; a new block takes the label that most of its text nodes had."""
    chance = random.Random(seed)
    tags = ("p", "div", "li", "b", "i", "td", "h2")
    html = "".join(f"<{tag}>{i} word</{tag}>" for i in range(chance.randint(1, 30)) for tag in (chance.choice(tags),))
    blocks = page(html)
    labels: list[str | None] = [chance.choice("abc") for _ in blocks.text]
    gold = detach(blocks, labels, "gold")
    nodes = {n: label for s, e, label in zip(blocks.start, blocks.end, labels, strict=True) for n in range(s, e)}
    groups, rest = [], list(range(len(blocks)))
    while rest:
        size = chance.randint(1, 4)
        groups.append(rest[:size])
        rest = rest[size:]
    joined = regroup(blocks, groups)
    for start, end, label in zip(joined.start, joined.end, attach(joined, gold), strict=True):
        votes = [nodes[n] for n in range(start, end)]
        assert label is not None
        assert votes.count(label) == max(map(votes.count, votes))
    # And back: labels of coarse blocks land on each of the fine blocks in them.
    coarse: list[str | None] = [chance.choice("abc") for _ in groups]
    landed = attach(blocks, detach(joined, coarse, "gold"))
    assert landed == [label for label, group in zip(coarse, groups, strict=True) for _ in group]


def test_gold_of_lines_lands_on_joined_lines() -> None:
    text = "\n".join(f"line {i} " + "word " * (i * i) for i in range(9))
    blocks = segment(Page("t", "t.txt", text.encode(), "text"))
    labels: list[str | None] = ["a"] * 5 + ["b"] * 4
    gold = detach(blocks, labels, "gold")
    joined = regroup(blocks, [[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    assert attach(joined, gold) == ["a", "a", "b"]


def test_the_page_id_may_change() -> None:
    blocks = page()
    gold = detach(blocks, ["a"] * len(blocks), "ann")
    assert attach(replace(blocks, page=replace(blocks.page, id="other")), gold) == ["a"] * len(blocks)

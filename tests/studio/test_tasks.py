"""Pages to tasks and regions to labels, without a server."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import PageblocksError
from toolkit.page import Blocks, Page
from toolkit.studio import tasks

LABELS = ["article", "caption", "appeal", "form", "sidebar"]
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></div><iframe src=//evil.example>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "&lt;b&gt; &amp;amp; \" ' `",
    "a\x00b\x07c\u2028d\x85e\ud800f\udfffg",
    "",
    " \t\n ",
    "\x00",
    "e\u0301 \U0001f600 مرحبا 日本語",
    "x" * 10_000,
]


def blocks(texts: list[str], tag: str = "p") -> Blocks:
    n = len(texts)
    return Blocks(
        Page("page-1", "page-1.html", b"bytes", url="http://a.example/1"), title="A <title>", text=list(texts),
        tag=[tag] * n,
        path=["p"] * n, names=[""] * n, flags=[0] * n, link_density=[0.0] * n, depth=[1] * n, heading=[-1] * n,
        parent=[0] * n,
        start=list(range(n)), end=list(range(1, n + 1)),
    )  # fmt: skip


class Seen(HTMLParser):
    """What a browser would make of our paragraphs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment in our own HTML")


@given(
    st.lists(st.text(alphabet=st.characters(), max_size=40) | st.sampled_from(HOSTILE), min_size=1, max_size=20),
    st.text(max_size=20),
)
def test_a_task_holds_one_paragraph_with_one_text_a_block(texts: list[str], tag: str) -> None:
    made = tasks.task(blocks(texts, tag), LABELS[:1] * len(texts), [0.5] * len(texts), model_version="m1")
    json.dumps(made).encode()  # what JSON or UTF-8 cannot carry would raise
    seen = Seen()
    seen.feed(made["data"]["html"])
    seen.close()
    assert [name for name, _ in seen.tags] == ["div"] + ["p"] * len(texts)
    assert {key for _, attrs in seen.tags for key, _ in attrs} == {"class", "data-t"}
    shown = seen.texts[1:]
    assert all(line and line == line.rstrip() for text in shown for line in text.split("\n"))
    assert not [c for text in shown for c in text if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") and c != "\n"]
    assert shown == tasks.texts_of(made["data"])
    for i, region in enumerate(made["predictions"][0]["result"]):
        assert region["value"]["start"] == region["value"]["end"] == f"/div[1]/p[{i + 1}]/text()[1]"
        assert (region["value"]["startOffset"], region["value"]["endOffset"]) == (
            0,
            len(shown[i].encode("utf-16-le")) // 2,
        )


@given(st.lists(st.sampled_from(LABELS), min_size=1, max_size=30), st.randoms())
def test_labels_survive_the_way_there_and_back_in_any_order(labels: list[str], random) -> None:  # type: ignore[no-untyped-def]
    made = tasks.task(blocks([f"text {i} \U0001f600" for i in range(len(labels))]), labels)
    result = made["predictions"][0]["result"]
    random.shuffle(result)
    lengths = [tasks.utf16(text) for text in tasks.texts_of(made["data"])]
    assert tasks.labels_of(result, len(labels), None, names=LABELS, lengths=lengths) == (labels, [])


def region(
    label: str, start: int, end: int | None = None, offsets: tuple[int, int] = (0, 10), origin: str = "manual", **more
):  # type: ignore[no-untyped-def]
    end = start if end is None else end
    value = {
        "start": f"/div[1]/p[{start + 1}]/text()[1]", "end": f"/div[1]/p[{end + 1}]/text()[1]",
        "startOffset": offsets[0], "endOffset": offsets[1], "hypertextlabels": [label] if label else [],
    }  # fmt: skip
    return {"id": f"r{start}", "type": "hypertextlabels", "origin": origin, "value": value | more}


TEN = [10] * 6


def test_a_partial_region_labels_its_block() -> None:
    assert tasks.labels_of([region("form", 0, offsets=(3, 5))], 1, None, names=LABELS, lengths=[10]) == (["form"], [])


def test_a_spanning_region_labels_all_that_it_touches() -> None:
    labels, problems = tasks.labels_of([region("form", 1, 3, (9, 1))], 6, None, names=LABELS, lengths=TEN)
    assert labels == [None, "form", "form", "form", None, None]
    assert problems == ["blocks 0, 4, 5 had no region and no suggestion; without a label"]


def test_a_span_that_only_reaches_an_edge_does_not_take_that_block() -> None:
    labels, _ = tasks.labels_of([region("form", 1, 3, (10, 0))], 6, None, names=LABELS, lengths=TEN)
    assert labels == [None, None, "form", None, None, None]


def test_a_span_drawn_backwards_is_the_same_span() -> None:
    forth = tasks.labels_of([region("form", 1, 3, (2, 4))], 6, None, names=LABELS, lengths=TEN)
    back = region("form", 3, 1, (4, 2))
    assert tasks.labels_of([back], 6, None, names=LABELS, lengths=TEN) == forth


def test_an_empty_region_counts_only_where_nothing_else_does() -> None:
    assert tasks.labels_of([region("form", 0, offsets=(4, 4))], 1, None, names=LABELS, lengths=[10])[0] == ["form"]
    both = [region("form", 0, offsets=(4, 4)), region("article", 0, origin="prediction")]
    labels, problems = tasks.labels_of(both, 1, None, names=LABELS, lengths=[10])
    assert labels == ["article"]
    assert problems == ["block 0: article and form are both given; article counts"]


def test_many_odd_regions_are_told_in_a_line_a_kind() -> None:
    """A page of hundreds of blocks must not print hundreds of lines."""
    odd = [*(region("", i) for i in range(4)), *(region("advert", i) for i in (4, 5)), region("form", 9)]
    twice = [region(label, i) for i in (2, 3) for label in ("article", "form")]
    labels, problems = tasks.labels_of([*odd, *twice], 6, None, names=LABELS, lengths=TEN)
    assert labels == [None, None, "form", "form", None, None]
    assert problems == [
        "1 region on no block; skipped",
        "blocks 4, 5: 'advert' is not a label of the scheme",
        "blocks 2, 3: article and form are both given; form counts",
        "blocks 0, 1 had a region without a label; without a label",
    ]


@pytest.mark.parametrize(
    ("regions", "wins"),
    [
        ([region("article", 0, origin="prediction"), region("form", 0, origin="prediction")], "form"),
        ([region("form", 0, origin="manual"), region("article", 0, origin="prediction-changed")], "form"),
        ([region("article", 0), region("form", 0)], "form"),  # both by hand: the later
        (
            [region("form", 0, offsets=(0, 7)), region("article", 0, offsets=(7, 10))],
            "form",
        ),  # a split: the larger part
    ],
)
def test_conflicts_are_settled_and_told(regions: list[dict], wins: str) -> None:  # type: ignore[type-arg]
    labels, problems = tasks.labels_of(regions, 1, None, names=LABELS, lengths=[10])
    assert labels == [wins]
    assert problems == [f"block 0: article and form are both given; {wins} counts"]


@pytest.mark.parametrize("origin", ["manual", "prediction-changed"])
def test_a_suggestion_gives_way_to_a_person_without_a_word(origin: str) -> None:
    regions = [region("form", 0, 2, (1, 4), origin), *(region("article", i, origin="prediction") for i in range(3))]
    assert tasks.labels_of(regions, 3, None, names=LABELS, lengths=[10] * 3) == (["form"] * 3, [])


def test_agreeing_regions_are_no_conflict() -> None:
    assert tasks.labels_of(
        [region("form", 0), region("form", 0, offsets=(2, 4))], 1, None, names=LABELS, lengths=[10]
    ) == (
        ["form"],
        [],
    )


def test_a_block_whose_region_was_deleted_takes_the_suggestion_that_was_shown() -> None:
    shown = tasks.regions(["a", "b"], ["article", "sidebar"])
    labels, problems = tasks.labels_of([region("form", 0, offsets=(0, 1))], 2, shown, names=LABELS, lengths=[1, 1])
    assert labels == ["form", "sidebar"]
    assert problems == ["block 1 had no region; the suggestion that was shown counts"]


@pytest.mark.parametrize(("origin", "seen"), [("manual", False), ("prediction", True), ("prediction-changed", True)])
def test_suggestions_count_only_where_they_were_on_the_screen(origin: str, seen: bool) -> None:
    """A page that opened without suggestions, and on which a run was drawn: the server notes some all the same."""
    shown = tasks.regions(["a", "b"], ["article", "sidebar"])
    answer = {"result": [region("form", 0, origin=origin)], "prediction": {"result": shown}}
    assert tasks.shown_in(answer) == (shown if seen else None)
    assert tasks.shown_in(answer | {"prediction": {}}) is None


def test_an_unknown_label_is_told_and_never_replaced_by_the_suggestion() -> None:
    labels, problems = tasks.labels_of(
        [region("advert", 0)], 1, tasks.regions(["a"], ["article"]), names=LABELS, lengths=[1]
    )
    assert labels == [None]
    assert problems == ["block 0: 'advert' is not a label of the scheme"]


def test_regions_on_nothing_without_label_or_of_another_kind() -> None:
    odd = [
        region("form", 9),
        region("", 0),
        {"type": "relation", "from_id": "a", "to_id": "b"},
        {"type": "textarea", "value": {"text": []}},
    ]
    labels, problems = tasks.labels_of([*odd, region("article", 0)], 1, None, names=LABELS, lengths=[10])
    assert labels == ["article"]
    assert problems == ["1 region on no block; skipped"]
    shown = [region("form", 0), region("form", 1)]
    labels, problems = tasks.labels_of([region("", 0)], 2, shown, names=LABELS, lengths=[10, 10])
    assert labels == [None, "form"]  # a label that was taken away is not the suggestion's again
    assert problems[0] == "block 0 had a region without a label; without a label"


def test_a_region_without_a_usable_path_is_found_by_its_global_offsets() -> None:
    lost = region("form", 0, globalOffsets={"start": 12, "end": 18}) | {"id": "x"}
    lost["value"]["start"] = lost["value"]["end"] = "/article[1]/p[1]"
    assert tasks.labels_of([lost], 3, None, names=LABELS, lengths=[10, 10, 10])[0] == [None, "form", None]


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["hypertextlabels", "choices", "relation"]),
                "value": st.dictionaries(
                    st.sampled_from(["start", "end", "startOffset", "endOffset", "hypertextlabels", "globalOffsets"]),
                    st.none() | st.integers() | st.floats() | st.lists(st.text(max_size=3), max_size=2)
                    | st.from_regex(r"/div\[1\]/p\[\d{1,3}\]/text\(\)\[1\]", fullmatch=True)
                    | st.dictionaries(st.sampled_from(["start", "end"]), st.integers() | st.text(max_size=3)),
                ),
            },
        ),
        max_size=8,
    ),
    st.integers(0, 5),
)  # fmt: skip
def test_whatever_a_server_sends_gives_one_answer_a_block(result: list[dict], n: int) -> None:  # type: ignore[type-arg]
    labels, _ = tasks.labels_of(result, n, tasks.regions(["x"] * n, ["form"] * n), names=LABELS, lengths=[1] * n)
    assert len(labels) == n
    assert set(labels) <= {*LABELS, None}


def test_a_task_remembers_the_blocks_for_stand_off_labels() -> None:
    page = blocks(HOSTILE)
    data = tasks.task(page)["data"]
    found = tasks.blocks_of(data)
    assert (found.start, found.end, found.hashes) == (page.start, page.end, page.hashes)
    runs = tasks.runs(data, ["form", None, *["article"] * (len(page) - 2)])
    assert [run.hash for run in runs] == [digest for i, digest in enumerate(page.hashes) if i != 1]


def test_a_long_block_is_cut_for_the_eye() -> None:
    data = tasks.task(blocks(["x" * 10_000]))["data"]
    assert tasks.texts_of(data) == ["x" * tasks.SHOWN + " … [6000 more]"]


def test_code_keeps_its_lines_and_a_title_has_one() -> None:
    page = blocks(["def f():\n    return 1\t\n\n\nf()", "one\u2028line \t here"])
    page.title = "A\ntitle"
    made = tasks.task(page, ["article", "form"])
    assert tasks.texts_of(made["data"]) == ["def f():\n    return 1\nf()", "one line here"]
    assert made["data"]["title"] == "A title"
    assert [r["value"]["endOffset"] for r in made["predictions"][0]["result"]] == [25, 13]


def test_suggestions_fit_a_task_that_shows_its_texts_otherwise() -> None:
    result = tasks.task(blocks(["a\n  b", "c"]))["predictions"][0]["result"][::-1]
    refitted = tasks.refit(result, ["a b", "c"])
    assert [(r["id"], r["value"]["endOffset"], r["value"]["text"]) for r in refitted] == [
        ("b0001", 1, "c"),
        ("b0000", 3, "a b"),
    ]


def test_a_review_marks_its_blocks_says_why_and_puts_them_first() -> None:
    asked = {2: 'ada: <b>"form"', 1: ""}
    made = tasks.task(blocks(["a", "b", "c", "d"]), ["form"] * 4, questions=asked)
    assert (
        '<p data-t="1 ? p">b</p><p data-t="2 ? p" data-q="ada: &lt;b&gt;&quot;form&quot;">c</p>' in made["data"]["html"]
    )
    assert tasks.meant_in(made["data"]) == {1, 2}
    assert tasks.texts_of(made["data"]) == ["a", "b", "c", "d"]
    assert [r["id"] for r in made["predictions"][0]["result"]] == ["b0001", "b0002", "b0000", "b0003"]


def test_suggestions_take_the_likeliest_class() -> None:
    assert tasks.suggestions([[0.1, 0.9], [0.6, 0.4]], ["form", "article"]) == (["article", "form"], [0.9, 0.6])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tasks.task(blocks([])), "page-1: no block to label"),
        (lambda: tasks.task(blocks(["a"]), ["form", "form"]), "page-1: 2 labels and 1 score for 1 block"),
        (lambda: tasks.task(blocks(["a"]), ["form"], [float("nan")]), "a score of nan"),
        (lambda: tasks.task(blocks(["a"]), ["form"], [1.5]), "a score of 1.5"),
        (lambda: tasks.runs_of({"external_id": "x"}), "task x has no list of blocks"),
    ],
)
def test_what_cannot_be_sent_is_said_in_one_line(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PageblocksError, match=re.escape(message)):
        make()


def test_title_and_address_are_escaped_by_nobody_but_the_browser() -> None:
    """They go into text headers, which take them as text: escaping them here would show the entities."""
    data = tasks.task(blocks(["a"]))["data"]
    assert data["title"] == "A <title>"
    assert html.unescape(data["url"]) == "http://a.example/1"

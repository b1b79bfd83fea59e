"""From annotators' labels to gold."""

from __future__ import annotations

import pytest

from toolkit.errors import PageblocksError
from toolkit.labelling.gold import adjudicate
from toolkit.page import Blocks, Page
from toolkit.standoff import Annotation, Run, attach, detach


def blocks(*texts: str) -> Blocks:
    n = len(texts)
    page = Page("p1", "p1.txt", "\n".join(texts).encode(), "text")
    return Blocks(
        page,
        text=list(texts),
        tag=["p"] * n,
        path=["p"] * n,
        names=[""] * n,
        flags=[0] * n,
        link_density=[0.0] * n,
        depth=[0] * n,
        heading=[-1] * n,
        parent=[0] * n,
        start=list(range(n)),
        end=list(range(1, n + 1)),
    )


PAGE = blocks("one", "two", "three")


def by(name: str, labels: str, created_at: str = "2025-01-01T00:00:00Z") -> Annotation:
    return detach(PAGE, [None if c == "-" else c for c in labels], name, created_at=created_at)


def labels(annotation: Annotation) -> str:
    return "".join(x or "-" for x in attach(PAGE, annotation))


def test_majority_and_dispute() -> None:
    gold = adjudicate([by("ann", "abc"), by("bob", "abd"), by("eve", "aad")])
    assert labels(gold.annotations[0]) == "abd"
    assert gold.disputed == []
    assert gold.decided == {"single": 0, "agreed": 1, "majority": 2, "adjudicated": 0}
    assert gold.annotations[0].annotator == "gold"


def test_a_tie_is_disputed_until_somebody_adjudicates() -> None:
    two = [by("ann", "abc"), by("bob", "abd")]
    gold = adjudicate(two)
    assert labels(gold.annotations[0]) == "ab-"
    (disputed,) = gold.disputed
    assert (disputed.page, disputed.start, disputed.end, disputed.labels) == ("p1", 2, 3, {"ann": "c", "bob": "d"})
    settled = adjudicate([*two, by("eve", "xxe")], adjudicator="eve")
    assert labels(settled.annotations[0]) == "abe"  # where the two agree, the adjudicator does not overrule them
    assert settled.disputed == []
    assert settled.decided["adjudicated"] == 1


def test_an_adjudicator_who_did_not_label_the_block_leaves_it_disputed() -> None:
    gold = adjudicate([by("ann", "abc"), by("bob", "abd"), by("eve", "a--")], adjudicator="eve")
    assert [d.labels for d in gold.disputed] == [{"ann": "c", "bob": "d"}]


def test_skipped_ones_do_not_count_and_the_latest_does() -> None:
    skipped = by("bob", "ddd")
    skipped.state = "skipped"
    gold = adjudicate([by("ann", "abc", "2025-02-02T00:00:00Z"), skipped, by("ann", "ccc"), by("gold", "ddd")])
    assert labels(gold.annotations[0]) == "abc"
    assert gold.decided["single"] == 3
    assert gold.annotations[0].created_at == "2025-02-02T00:00:00Z"


def test_the_order_of_annotations_does_not_matter() -> None:
    three = [by("ann", "abc"), by("bob", "abd"), by("eve", "aad")]
    assert adjudicate(three).annotations[0].labels == adjudicate(three[::-1]).annotations[0].labels


def test_placeholders_that_share_an_empty_run_stay_apart() -> None:
    def two(name: str, first: str, second: str) -> Annotation:
        return Annotation("p1", "", name, [Run(4, 4, first, "aa"), Run(4, 4, second, "aa")])

    gold = adjudicate([two("ann", "a", "b"), two("bob", "a", "b")])
    assert [run.label for run in gold.annotations[0].labels] == ["a", "b"]


def test_other_pages_schemes_or_blocks_are_refused() -> None:
    other = by("bob", "abc")
    other.sha256 = "0" * 64
    with pytest.raises(PageblocksError, match="different sha256"):
        adjudicate([by("ann", "abc"), other])
    newer = by("bob", "abc")
    newer.scheme = "x@2"
    older = by("ann", "abc")
    older.scheme = "x@1"
    with pytest.raises(PageblocksError, match=r"different scheme \(x@1, x@2\)"):
        adjudicate([older, newer])
    merged = Annotation("p1", PAGE.page.sha256, "bob", [Run(0, 2, "a", "ff"), Run(2, 3, "c", PAGE.hashes[2])])
    with pytest.raises(PageblocksError, match="different blocks"):
        adjudicate([by("ann", "aac"), merged])
    moved = adjudicate([by("ann", "aac"), merged], blocks={"p1": PAGE})
    assert labels(moved.annotations[0]) == "aac"


def test_nothing_in_nothing_out() -> None:
    assert adjudicate([]).annotations == []

"""The strings that a feature is traced back to are those that were hashed; dense features have the right names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import Blocks, Page, read_pages
from toolkit.features.build import extract
from toolkit.features.names import dense_names
from toolkit.features.strings import strings_of
from toolkit.features.table import feature_table
from toolkit.segment import segment

SAMPLE = Path(__file__).parents[2] / "corpora/sample/pages"


def same_columns(page: Blocks) -> None:
    features = extract([page])
    for i in range(len(page)):
        for bags, strings in zip((features.text, features.markup), strings_of(page, i), strict=True):
            hashed = [b.columns[b.bounds[b.of[i]] : b.bounds[b.of[i] + 1]] for b in bags if b.of[i] >= 0]
            told = [columns for some in strings for columns in some.columns]
            assert sorted(np.concatenate([[], *hashed]).tolist()) == sorted(np.concatenate([[], *told]).tolist())


def test_every_column_of_the_sample_has_a_string() -> None:
    for page in list(read_pages([str(SAMPLE)]))[::7]:
        same_columns(segment(page))


@given(st.text(max_size=60), st.text(max_size=30), st.sampled_from(["html", "text"]))
def test_every_column_of_odd_text_has_a_string(text: str, name: str, format: str) -> None:
    page = segment(Page("a", "", b"<p>x</p><h2>One</h2><p>y</p>" if format == "html" else b"x\n\none\n\ny", format))  # type: ignore[arg-type]
    page.text[1], page.names[1], page.href[2] = text or "x", name, name
    same_columns(page)


def test_dense_features_have_a_name_each() -> None:
    html = "<title>Ferry</title><nav>Home</nav><h1>FERRY 12.</h1><p>Cookies? It left, <a href=/x>here</a>: Mond.</p>"
    page = segment(Page("a", "", html.encode()))
    frame = feature_table([page]).to_pandas()
    assert len(set(dense_names())) == len(dense_names()) == extract([page]).dense.shape[1]
    assert frame["position"].tolist() == [0, 1, 2]
    nav, h1, p = (row for _, row in frame.iterrows())
    assert (h1["tag_h1"], h1["is_heading"], h1["starts_upper"], h1["ends_sentence"], h1["title_words"]) == (
        1, 1, 1, 1, pytest.approx(1 / 3),
    )  # fmt: skip
    assert (nav["is_nav"], nav["h1_below"], nav["h1_above"], nav["relative_position"]) == (1, 1, 0, 0)
    assert (p["h1_above"], p["count_?"], p["count_,"], p["count_:"], p["notion_consent"]) == (1, 1, 1, 1, 2)
    assert p["link_density"] == pytest.approx(page.link_density[2])
    assert (p["log_characters"], p["log_words"]) == (
        pytest.approx(np.log1p(len(page.text[2]))), pytest.approx(np.log1p(9)),
    )  # fmt: skip
    assert p["log_blocks"] == pytest.approx(np.log(3))


def test_the_table_has_the_blocks_of_all_pages() -> None:
    pages = [segment(Page(id, "", b"<h1>Ferry 12 sails</h1><p>ferry ferry")) for id in "ab"]
    table = feature_table(pages)
    assert table.to_arrow()["block"].to_pylist() == [*pages[0].ids, *pages[1].ids]
    counts, names = table.to_sparse()
    assert counts.shape == (4, len(names))
    assert counts[:, names.index("text word:ferry")].toarray().ravel().tolist() == [1, 2, 1, 2]
    assert {"text pair:12 sails", "text letters:ferr", "tags word:h1", "heading word:ferry"} <= set(names)
    assert feature_table([]).values.shape == (0, len(dense_names()))

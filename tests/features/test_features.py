"""Features: whole arrays say the same as word by word, and a page's numbers do not depend on the other pages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit import Page
from toolkit.features.bags import bag, matrix, scores
from toolkit.features.build import extract
from toolkit.features.codes import encode, lower_case
from toolkit.features.ngrams import Tokens, letters, word_grams
from toolkit.features.notions import counts, notions
from toolkit.segment import segment

HTML = b"""<html lang=en><title>Weir mended</title><body>
<nav class=menu><ul><li><a href=/>Home</a><li><a href=/give>Give</a></ul></nav>
<h1>Weir mended</h1><p class=byline>by Ann Ito</p><p>The weir at Ottermere holds again, 12 weeks after the flood.</p>
<figure><img src=w.jpg><figcaption>Photo: Ann Ito</figcaption></figure>
<form><input placeholder="Your e-mail"><button>Sign up</button></form>"""
OTHER = b"<p>Ein ganz anderer Text.</p><ul><li>eins<li>zwei</ul>"


def blocks(content: bytes = HTML, id: str = "a", format: str = "html"):
    return segment(Page(id, id, content, format))  # type: ignore[arg-type]


def words_of(texts: list[str]) -> list[list[str]]:
    codes, starts = encode(texts)
    tokens = Tokens(codes, starts)
    return [
        ["".join(map(chr, codes[tokens.start[t] : tokens.end[t]])) for t in range(len(tokens)) if tokens.row[t] == i]
        for i in range(len(texts))
    ]


def test_tokens_are_words_marks_and_single_ideographs() -> None:
    assert words_of(["Don't stop!", "", "東京 2025"]) == [["Don", "'", "t", "stop", "!"], [], ["東", "京", "2025"]]


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\n"), max_size=30), min_size=1, max_size=6))
def test_equal_texts_hash_alike_wherever_they_stand(texts: list[str]) -> None:
    alone = [Tokens(*encode([text])).hash.tolist() for text in texts]
    tokens = Tokens(*encode(texts))
    assert [tokens.hash[tokens.row == i].tolist() for i in range(len(texts))] == alone


@given(st.lists(st.text(), max_size=4))
@example(["ΟΔΥΣΣΕΥΣ ΣΟΦΟΣ", "İstanbul"])
@example(["\U00010400 Ab", "😀 É\ud800", ""])
def test_lower_case_is_that_of_python(texts: list[str]) -> None:
    codes, starts = lower_case(*encode(texts))
    wanted, bounds = encode([text.lower() for text in texts])
    assert codes.tolist() == wanted.tolist()
    assert starts.tolist() == bounds.tolist()


def test_different_words_hash_apart() -> None:
    texts = [f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(600)]
    assert len(set(Tokens(*encode(texts)).hash.tolist())) == 600


def test_all_digits_count_as_one() -> None:
    tokens = Tokens(*encode(["12", "98", "123"]))
    assert tokens.hash[0] == tokens.hash[1] != tokens.hash[2]


def test_rows_have_unit_length_in_features() -> None:
    tokens = Tokens(*encode(["a b c", "", "d"]))
    of = np.array([0, 1, 2, 0, -1])
    bags = [bag(grams, seed, of=of) for grams, seed in word_grams(tokens, 8, 2)]
    x = matrix(bags).toarray()
    assert np.linalg.norm(x, axis=1) == pytest.approx([1, 0, 1, 1, 0], abs=1e-6)
    assert (x[0] == x[3]).all()


def test_scores_are_the_matrix_times_the_weights() -> None:
    features = extract([blocks(), blocks(OTHER, "b")])
    weights = np.random.default_rng(0).standard_normal((1 << 18, 3)).astype(np.float32)
    for bags in (features.text, features.markup):
        assert scores(bags, weights) == pytest.approx(matrix(bags) @ weights, abs=1e-5)


def test_letters_are_those_of_a_plain_loop() -> None:
    counts, hashes = letters(Tokens(*encode(["abcabc", "ab", "xyz"])), 3, head=5)
    assert counts.tolist() == [3, 0, 1]  # abc bca cab, none, xyz
    assert len(set(hashes.tolist())) == 4


def test_notions_are_found_in_every_language_and_by_stems() -> None:
    same = ["subscribe now", "jetzt abonnieren!", "подпишитесь", "定期購読"]
    texts = [*same, "the weir holds", "cookie cookie cookie cookie", "x sign up"]
    found = counts(Tokens(*encode(texts)))
    names = notions().names
    assert len(names) <= 32  # bits of a mask
    assert found[:4, names.index("subscribe")].min() >= 1
    assert not found[4].any()
    assert found[5, names.index("consent")] == 3
    assert found[6, names.index("signup")] == 1


def test_a_page_has_the_same_features_alone_and_in_a_batch() -> None:
    one, other = blocks(), blocks(OTHER, "b")
    alone, both = extract([one]), extract([other, one])
    rest = slice(len(other), None)
    assert np.allclose(alone.dense, both.dense[rest])
    for name in ("text", "markup"):
        difference = matrix(getattr(alone, name)) - matrix(getattr(both, name))[rest]
        assert abs(difference).max() < 1e-6


def test_features_are_finite_for_the_smallest_pages() -> None:
    for content, format in (
        (b"x", "text"),
        (b"<p>x", "html"),
        ("👍".encode(), "text"),
        (b"<input placeholder=y>", "html"),
    ):
        features = extract([blocks(content, format=format)])
        assert np.isfinite(features.dense).all()


def test_no_neighbour_reaches_over_the_edge_of_a_page() -> None:
    one = blocks(b"<p>x")
    assert abs(matrix(extract([one, blocks(OTHER)]).text)[0] - matrix(extract([one]).text)[0]).max() < 1e-6

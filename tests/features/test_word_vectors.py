"""Words with meaning: the table is looked up by hash, and words that mean the same are near each other."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.features.batch import stack
from toolkit.features.codes import encode
from toolkit.features.ngrams import Tokens
from toolkit.features.word_vectors import similarities, text_vectors, word_vectors
from toolkit.page import Page
from toolkit.segment import segment


def vectors(*texts: str) -> np.ndarray:
    return text_vectors(Tokens(*encode([text.lower() for text in texts])))


def cosine(a: str, b: str) -> float:
    x, y = vectors(a, b)[:, :-2]
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


@pytest.mark.parametrize(
    ("word", "same", "other"),
    [
        ("subscribe", "abonnieren", "paragraph"),
        ("newsletter", "nyhetsbrev", "kilometer"),
        ("donate", "spenden", "montag"),
        ("password", "contraseña", "river"),
        ("comments", "commentaires", "mountain"),
        ("cookies", "cookie", "ministers"),
    ],
)
def test_words_that_mean_the_same_are_near_each_other(word: str, same: str, other: str) -> None:
    assert cosine(word, same) > cosine(word, other) + 0.2


def test_a_text_has_the_mean_of_its_words_with_less_weight_for_common_ones() -> None:
    one, two, both = vectors("donate", "the", "donate the")
    assert both[:-2] @ one[:-2] / np.linalg.norm(both[:-2]) / np.linalg.norm(one[:-2]) > 0.95
    assert two[-1] < one[-1] / 2


def test_unknown_words_have_no_vector() -> None:
    unknown, half, none = vectors("qxzvbnm", "donate qxzvbnm", "")
    assert not unknown.any()
    assert half[-2] == 0.5
    assert not none.any()


def test_a_text_has_the_same_vector_in_any_company() -> None:
    texts = ["Donate now", "", "Support our work, please", "12 May 2026", "もっと読む"]
    together = vectors(*texts)
    for text, found in zip(texts, together, strict=True):
        assert np.allclose(vectors(text)[0], found, atol=1e-6)


def test_the_table_is_small_and_for_many_languages() -> None:
    known = word_vectors()
    assert known.vectors.dtype == np.int8
    assert len(known.vectors) > 300_000
    for text in ("suscríbete a nuestro boletín", "оставить комментарий", "登録 利用 規約", "zapisz się", "abone ol"):
        assert vectors(text)[0][-2] > 0.5, text


def test_similarities_compare_a_block_with_what_stands_around_it() -> None:
    ferry = "The ferry left the harbour and sailed to the island with all passengers on board that night"
    recipe = "Mix flour sugar and butter then bake the cake in the oven until the crust is golden brown"
    html = f"<h1>Ferry and harbour</h1><p>{ferry}<p>{ferry} again<p>{recipe}<p>{ferry} twice"
    pages = [segment(Page("a", "a.html", html.encode())), segment(Page("b", "b.html", f"<p>{recipe}".encode()))]
    batch = stack(pages)
    tokens = Tokens(*encode([text.lower() for text in batch.text.values]))
    words = np.diff(tokens.first).astype(np.float64)[batch.text.of]
    found = similarities(batch, text_vectors(tokens)[batch.text.of, :-2], words, story=np.ones(6, np.float32))
    story, page, heading, near = found.T
    assert found.shape == (6, 4)
    for column in (story, page, heading, near):
        assert column[3] < column[[1, 2, 4]].min() - 0.2
    assert story[5] == pytest.approx(1)  # alone on its page
    assert near[5] == 0
    assert heading[0] == 0

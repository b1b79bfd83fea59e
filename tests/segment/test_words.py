"""No visible word is lost or doubled: on made-up pages, on what fuzzing found, and on real pages beside the project."""

from __future__ import annotations

import gzip
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "fuzz")]
from pages import ATTRIBUTES, TAGS, TEXTS, random_bytes  # noqa: E402
from words import block_characters, opened, page_views, words_outside  # noqa: E402

from toolkit.errors import PageblocksError  # noqa: E402
from toolkit.page import Page  # noqa: E402
from toolkit.segment import segment  # noqa: E402
from toolkit.segment.decode import decode  # noqa: E402

SHARED = Path(__file__).parents[3] / "shared"


def same_words(content: bytes) -> bool:
    try:
        blocks = segment(Page("p", "p", content))
    except PageblocksError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return False
    if blocks.note:  # read from data, whose words are no text of the tree
        html = decode(content)
        assert not words_outside(blocks, html) or not words_outside(blocks, opened(html))
    else:
        assert block_characters(blocks) in page_views(decode(content))
    return True


pieces = st.one_of(
    st.builds(lambda tag, more: f"<{tag} {more}>", st.sampled_from(TAGS), st.sampled_from(("", *ATTRIBUTES))),
    st.builds(lambda tag: f"</{tag}>", st.sampled_from(TAGS)),
    st.sampled_from(TEXTS),
    st.text(max_size=8),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=40))
def test_the_words_of_the_blocks_are_the_page_s(parts: list[str]) -> None:
    same_words("".join(parts).encode("utf-8", "surrogatepass"))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**40))
def test_on_pages_as_the_fuzzer_makes_them(seed: int) -> None:
    same_words(random_bytes(random.Random(seed)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_on_any_bytes(content: bytes) -> None:
    same_words(content)


FOUND = [  # by tests/fuzz/segment.py, made small
    "<select><script>code()</script><option>one</select>",
    "<select><template>x</template><option>one<style>y</style></select>",
    "<select><button><selectedcontent></selectedcontent></button><option>one<option>two</select>",
    "<math><input>text in it</input></math>",
    "<math><select><option>one</select></math>",
    "<p>a <noscript><p>b</p></noscript> c",
    "<p>x<span hidden><!-- --></span></p><p>y</p>",
    "<table>a<tr>b<td>c<table>d</table>e</table>f",
    "<b><p>a</b>b<i>c</p>d</i>",
    "<plaintext><p>a</p>",
    "<body>a</body>b<html>c",
    "<frameset>a</frameset>b",
    "<p>a\x00b\x0b\x0c\x85\u2028c",
    "<textarea><p>a</textarea><xmp><p>b</xmp>",
    "<svg><foreignObject><p>a</p></foreignObject></svg><p>b",
]


@pytest.mark.parametrize("html", FOUND)
def test_what_fuzzing_found(html: str) -> None:
    same_words(html.encode())


@pytest.mark.skipif(not SHARED.exists(), reason="no real pages beside the project")
def test_on_real_pages() -> None:
    """A sample; experiments/words.py goes through all of them."""
    files = sorted(SHARED.glob("corpora/*/html/*")) + sorted(SHARED.glob("gold/html/*"))
    sample = random.Random(0).sample(files, min(150, len(files)))
    assert sum(same_words(gzip.decompress(path.read_bytes())) for path in sample) > 0.9 * len(sample)


SHADOW = "<news-card><template shadowrootmode={mode}>{inside}</template>{light}</news-card>"


@pytest.mark.parametrize("mode", ["open", "closed", "none"])
@pytest.mark.parametrize(
    "inside", ["Own.<slot></slot>", "<slot name=a>none</slot><slot name=a>twice</slot>", "<p>Own.</p>", "<slot><p>none"]
)
@pytest.mark.parametrize("light", ["<i slot=a>One</i> two", "three", "", "<b slot=b>lost</b><i slot=a>One</i>"])
def test_shadow_roots_are_read_in_another_way(mode: str, inside: str, light: str) -> None:
    card = SHADOW.format(mode=mode, inside=inside, light=light)
    assert same_words(f"<p>Before.</p>{card}".encode())
    assert same_words(f"<p>Before.</p>{SHADOW.format(mode='open', inside=card, light=card)}".encode())
    assert same_words(f"<p>Before.</p>{SHADOW.format(mode=mode, inside='<slot>', light=card)}".encode())


def test_words_that_stand_nowhere_in_the_page_are_found() -> None:
    blocks = segment(Page("p", "p.html", b"<p>Tide and moon</p>"))
    assert words_outside(blocks, '{"a": "T\\u0069de &amp;amp; \\\\u006doon"}') == {"and"}
    assert words_outside(blocks, "<b>Ti</b>de<!-- x --> and moon") == set()

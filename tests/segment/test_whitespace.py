"""White space that means something stays in a block's text; ids and hashes do not see it."""

from __future__ import annotations

import pytest

from toolkit.page import Page, text_hash
from toolkit.segment import segment


def texts(html: str) -> list[str]:
    return segment(Page("t", "t.html", html.encode())).text


@pytest.mark.parametrize(
    ("html", "blocks"),
    [
        ("<pre>\n def brew():\n     return 'tea'\n\n</pre>", [" def brew():\n     return 'tea'"]),
        ("<pre><code>if hot:\n\tpour()  \n</code></pre>", ["if hot:\n\tpour()"]),
        ("<pre><span>a</span>\n<span>  b</span></pre>", ["a\n  b"]),
        ("<pre><div>a</div><div>  b</div></pre><p>c</p>", ["a\n  b", "c"]),
        ("<pre><ol><li>a</li><li>b</li></ol></pre>", ["a\nb"]),
        ("<pre>a<br><br>b</pre>", ["a\n\nb"]),
        ("<pre>  one line  </pre>", ["one line"]),
        ("<pre>a\n&nbsp;&nbsp;b</pre>", ["a\n  b"]),
        ("<textarea>Dear pot,\n  yours</textarea>", ["Dear pot,\n  yours"]),
        ("<div style='white-space: pre-wrap'>one\n  two</div>", ["one\n  two"]),
        ("<p>one<br>  two\n three<br>four</p>", ["one\ntwo three\nfour"]),
        ("<address>Tea Road 1<br>0150 Oslo<br></address>", ["Tea Road 1\n0150 Oslo"]),
        ("<p>one<br><br>two<br>three</p>", ["one", "two\nthree"]),
        ("<h1>one\n two</h1>", ["one two"]),
        ("<p>夜の\n茶を  飲む、\n そして tea\nです。</p>", ["夜の茶を 飲む、そして tea です。"]),
        ("<p>ชา\nร้อน</p>", ["ชาร้อน"]),
        ("<p>차를\n마신다</p>", ["차를 마신다"]),
        ("<p>tea\n茶</p>", ["tea 茶"]),
        ("<p>&#8203;</p><p>ket&shy;tle&#8203;s</p><p>&#65279;&nbsp;&zwnj;</p>", ["kettles"]),
        ("<p>می‌خواهم</p>", ["می‌خواهم"]),
    ],
)
def test_white_space(html: str, blocks: list[str]) -> None:
    assert texts(html) == blocks


def test_hashes_and_ids_do_not_see_the_layout() -> None:
    assert text_hash("if hot:\n    pour()") == text_hash("if hot: pour()")
    first, second = (
        segment(Page("t", "t.html", html)) for html in (b"<pre>if hot:\n    pour()</pre>", b"<p>if hot: pour()</p>")
    )
    assert first.ids == second.ids

"""The page at / in a real browser, with pages that mean harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser

EVIL = """<title></title><script>window.pwned=1</script></title>
<p>&lt;script&gt;window.pwned=1&lt;/script&gt;
<p>&lt;img src=x onerror="window.pwned=1"&gt;<p>"&gt;&lt;svg/onload=window.pwned=1&gt;
<h1 onclick="window.pwned=1">javascript:window.pwned=1</h1><script>window.pwned=1</script><img src=x
onerror=window.pwned=1>
<p>After two winters at the quay the night ferry left the harbour on Monday with four hundred people on board.
<p>{{ 7 * 7 }} \u202egnp.exe</p><footer><a href="javascript:window.pwned=1">Imprint</a> <a href=/>Home</a></footer>"""


@pytest.fixture
def tab(chromium: Any, url: str) -> Iterator[Any]:
    context = chromium.new_context(
        viewport={"width": 400, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    tab = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(url)
    tab.said, tab.asked = said, asked
    yield tab
    context.close()


def show(tab: Any, text: str) -> None:
    tab.fill("#given", text)
    tab.press("#given", "Control+Enter")
    tab.wait_for_selector("#blocks li")
    if tab.locator("#folds").is_visible():
        tab.click("#folds")


def test_nothing_of_a_hostile_page_runs(tab: Any, url: str) -> None:
    answer = tab.request.get(url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    show(tab, EVIL)
    for item in tab.locator("#blocks .block").all():
        item.hover()
        item.click()
    texts = tab.locator("#blocks .text").all_inner_texts()
    assert "<script>window.pwned=1</script>" in texts
    assert tab.evaluate("window.pwned") is None
    assert tab.locator("#kept script, #kept img, #kept a, #found script, #found img, #found a, #found svg").count() == 0
    assert tab.said == []
    assert all(address.startswith(url) for address in tab.asked)
    # The policy itself: a script that got in would not run.
    tab.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.pwned = 2'}))"
    )
    assert tab.evaluate("window.pwned") is None
    assert any("Content Security Policy" in line for line in tab.said)


def test_counts_filter_copy_and_keys(tab: Any, page: str) -> None:
    show(tab, page)
    labels = [item.locator("b").inner_text() for item in tab.locator("#blocks .block .what").all()]
    texts = tab.locator("#blocks .text").all_inner_texts()
    counts = {
        chip.get_attribute("data-label"): int(chip.locator("b").inner_text())
        for chip in tab.locator(".chip:visible").all()
    }
    assert counts == {label: labels.count(label) for label in set(labels)}
    assert {"article", "sidebar"} <= set(labels)

    def copied() -> str:
        tab.evaluate("document.getElementById('said').textContent = ''")
        tab.click("#copy")
        tab.locator("#said", has_text="Copied").wait_for()
        return str(tab.evaluate("navigator.clipboard.readText()"))

    def extracted(**more: object) -> str:
        ask = """async (body) => {
            const how = {method: "POST", headers: {"content-type": "application/json"}, body};
            return (await (await fetch("extract", how)).json()).text;
        }"""
        return str(tab.evaluate(ask, json.dumps({"html": page, **more})))

    assert copied() == extracted()
    assert len(texts) == len(labels)
    tab.focus(".chip[data-label=article]")
    tab.keyboard.press("Space")
    others = sorted(set(labels) - {"article"})
    assert copied() == extracted(keep=others)
    tab.focus(".chip[data-label=article]")
    shown = [item.inner_text() for item in tab.locator("#blocks .block:visible .what b").all()]
    assert shown == [label for label in labels if label != "article"]
    assert "article" not in tab.locator("#copy").inner_text()

    tab.locator("#blocks .block:visible").first.focus()
    tab.keyboard.press("ArrowDown")
    here = int(tab.evaluate("document.activeElement.dataset.number"))
    assert here == [k for k, label in enumerate(labels) if label != "article"][1]
    chances = tab.locator("#why .chance").all_inner_texts()
    assert 99 <= sum(float(chance.rstrip("%")) for chance in chances) <= 101
    assert tab.evaluate("document.activeElement.getAttribute('aria-description')").count("%") == len(chances)


def test_narrow_page_errors_example_and_file(tab: Any) -> None:
    tab.click("#example")
    tab.wait_for_selector("#blocks li")
    assert tab.inner_text("#title") == "The night ferry sails again"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 400
    tab.set_input_files(
        "#file", {"name": "p.html", "mimeType": "text/html", "buffer": b"<title>From a file</title><p>One"}
    )
    tab.locator("#title", has_text="From a file").wait_for()
    tab.fill("#given", "http://127.0.0.1/")
    tab.click("#go")
    tab.wait_for_selector("#said.bad")
    assert "private network" in tab.inner_text("#said")
    assert tab.locator("#found").is_hidden()


def test_dark_and_light_differ(chromium: Any, url: str) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme)
        tab = context.new_page()
        tab.goto(url)
        grounds[scheme] = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        context.close()
    assert json.dumps(grounds) == json.dumps({"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"})

"""The pictures of the documentation, taken from the real thing.

    PYTHONPATH=. python tests/e2e/pictures.py corpora/sample docs/images PAGE_ID ...

starts a Label Studio in a temporary folder, pushes the first 150 blocks of these sample pages, one after the other as
one page, with the model's suggestions, and takes three pictures, 1280 wide, of what an annotator sees: annotate.png,
the page as it opens, annotate-several.png, further down, with several blocks chosen at once, and annotate-review.png,
a review of the page.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BLOCKS = 150


def log_in(tab: Any, url: str, user: str, password: str) -> None:
    tab.goto(f"{url}/user/login/")
    tab.fill("input[name=email]", user)
    tab.fill("input[name=password]", password)
    tab.click("button[type=submit]")
    tab.wait_for_url(lambda where: "/login" not in where)


def picture(tab: Any, project_url: str, blocks: int, path: Path, chosen: Sequence[int] = ()) -> None:
    """The next page to label with all of its regions, at the width of 1280; `chosen` blocks are selected, the first on
    top.
    """
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.goto(f"{project_url}?labeling=1")
    tab.wait_for_function("n => document.querySelectorAll('.blks .htx-highlight').length >= n", arg=blocks)
    tab.keyboard.press("Escape")  # the instructions
    tab.locator(".modal, [role=dialog]").last.wait_for(state="hidden")
    if chosen:
        tab.locator(".blks p").nth(max(chosen[0] - 12, 0)).evaluate("p => p.scrollIntoView({block: 'start'})")
        for k, block in enumerate(chosen):
            tab.locator(".blks .htx-highlight").nth(block).click(
                position={"x": 8, "y": 8}, modifiers=["Control"] if k else []
            )
    tab.mouse.move(1000, 66)  # on nothing that would show a hint
    tab.wait_for_timeout(800)  # fonts and side panels settle
    path.parent.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=str(path))


def main(corpus: str, folder: str, *page_ids: str) -> None:
    from playwright.sync_api import sync_playwright

    from toolkit import load
    from toolkit.corpus.folder import Corpus
    from toolkit.page import Blocks
    from toolkit.scheme import Scheme
    from toolkit.segment import segment
    from toolkit.studio import connect, ensure_project, push, start, stop
    from toolkit.studio.sync import suggest

    opened = Corpus.open(corpus)
    pages = [segment(opened.page(id)) for id in page_ids]
    labels, scores, version = suggest(load(), pages)
    assert labels is not None
    assert scores is not None
    first = pages[0]
    long = Blocks(
        first.page, title=first.title, text=[t for p in pages for t in p.text], tag=[t for p in pages for t in p.tag]
    )
    long.text, long.tag = long.text[:BLOCKS], long.tag[:BLOCKS]
    long.start, long.end = list(range(len(long.text))), list(range(1, len(long.text) + 1))
    shown = [label for page in labels for label in page][:BLOCKS]
    sure = [score for page in scores for score in page][:BLOCKS]
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        server = start(temporary, port=8700, timeout=600)
        try:
            with connect(folder=temporary) as client:
                project = ensure_project(client, "Sample corpus", Scheme.default())
                push(project, [long], [shown], scores=[sure], model_version=version)
                asked = {k: f"ada: {shown[k]}, ben: {ben}" for k, ben in ((3, "form"), (9, "article"), (10, "article"))}
                review = ensure_project(client, "Second look", Scheme.default())
                push(review, [long], [shown], questions=[asked], model_version=version)
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.set_default_timeout(90_000)
            log_in(tab, server.url, server.user, server.password)
            picture(tab, project.url, len(long), Path(folder) / "annotate.png")
            picture(tab, project.url, len(long), Path(folder) / "annotate-several.png", (115, 116, 118, 119))
            picture(tab, review.url, len(long), Path(folder) / "annotate-review.png", (3,))
            browser.close()
        finally:
            stop(temporary)


if __name__ == "__main__":
    main(*sys.argv[1:])

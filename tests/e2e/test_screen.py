"""What an annotator sees is what is recorded: runs drawn with the mouse, keys, reviews, lists, writing directions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import active, drag, label_of, open_task, submit, wait_for_label

from toolkit.page import Blocks
from toolkit.scheme import Scheme
from toolkit.standoff import attach
from toolkit.studio.answers import pull
from toolkit.studio.projects import Project
from toolkit.studio.sync import push

pytestmark = [pytest.mark.studio, pytest.mark.browser]

SCHEME = Scheme.default()


def shown_as(name: str) -> str:
    """What `label_of` returns for a block that is not selected."""
    rgb = ", ".join(str(int(SCHEME.color(name)[i : i + 2], 16)) for i in (1, 3, 5))
    return json.dumps([[f'"{name}"'], [f"rgba({rgb}, 0.3)"]], separators=(",", ":"))


def opened(tab: Any, project: Project, page: Blocks, **more: Any) -> Any:
    suggested = ["article"] * len(page)
    ids = push(project, [page], [suggested], scores=[[0.9] * len(page)], model_version="m1", **more).task_ids
    return open_task(tab, project, ids[page.page.id], len(page))


def test_a_drawn_run_and_a_correction_inside_are_recorded_as_they_are_shown(
    tab: Any, project: Project, page_of: Callable[..., Blocks], tmp_path: Path
) -> None:
    page = page_of("run", "".join(f"<p>Paragraph {i} of a page.</p>" for i in range(12)), "https://news.example/run")
    opened(tab, project, page)
    wanted = ["article"] * 12

    tab.locator(".blks p .htx-highlight").nth(3).click()  # corrected before the run is drawn over it
    tab.keyboard.press("4")
    wait_for_label(tab, 3, "form")
    tab.keyboard.press("Escape")
    tab.keyboard.press("5")
    drag(tab, 2, 8)
    wanted[2:9] = ["sidebar"] * 7
    assert active(tab) == list(range(2, 9))  # at once
    for block in range(2, 9):
        wait_for_label(tab, block, "sidebar")
    assert tab.locator(".blks .htx-highlight").count() == 12  # each block has one region

    tab.keyboard.press("Escape")
    marks = tab.locator(".blks p .htx-highlight")
    marks.nth(4).click()  # the run
    assert active(tab) == list(range(2, 9))
    tab.keyboard.press("3")
    wait_for_label(tab, 8, "appeal")
    wanted[2:9] = ["appeal"] * 7
    marks.nth(6).click()  # the block inside
    assert active(tab) == [6]
    tab.keyboard.press("2")
    wait_for_label(tab, 6, "caption")
    wanted[6] = "caption"
    tab.keyboard.press("Escape")
    assert [label_of(tab, block) for block in range(12)] == list(map(shown_as, wanted))

    tab.keyboard.press("Control+z")  # one step each
    wait_for_label(tab, 6, "appeal")
    tab.keyboard.press("Control+Shift+z")
    wait_for_label(tab, 6, "caption")

    submit(tab)
    report = pull(project, tmp_path)
    assert attach(page, report.annotations[0]) == wanted
    assert report.problems == []


def test_without_the_script_a_drawn_run_covers_what_was_there(
    tab: Any, project: Project, page_of: Callable[..., Blocks], tmp_path: Path
) -> None:
    """As on a server that pageblocks did not start: the run is a region of its own over those of the blocks."""
    tab.route("**/pageblocks-*.js", lambda route: route.abort())
    page = page_of("bare", "".join(f"<p>Paragraph {i} of a page.</p>" for i in range(9)), "https://news.example/bare")
    opened(tab, project, page)
    tab.keyboard.press("5")
    drag(tab, 2, 6)
    tab.wait_for_function("() => document.querySelectorAll('.blks p .htx-highlight .htx-highlight').length === 5")
    tab.keyboard.press("Escape")
    tab.locator(".blks p .htx-highlight").nth(0).click()  # the first click after a drawing may do nothing
    tab.locator(".blks p").nth(4).click(position={"x": 250, "y": 10})  # selects the run
    assert active(tab) == [2, 3, 4, 5, 6]
    tab.keyboard.press("3")
    tab.keyboard.press("Escape")
    tab.wait_for_function(
        "c => getComputedStyle(document.querySelectorAll('.blks p')[3].firstElementChild).backgroundColor === c",
        arg=json.loads(shown_as("appeal"))[1][0],
    )
    drag_on = tab.locator(".blks p").nth(4).bounding_box()
    tab.keyboard.press("2")  # the correction: drawn over one block of the run
    tab.mouse.move(drag_on["x"] + 190, drag_on["y"] + 10)
    tab.mouse.down()
    tab.mouse.move(drag_on["x"] + 260, drag_on["y"] + 10, steps=5)
    tab.mouse.up()
    tab.wait_for_function(
        "() => document.querySelectorAll('.blks p')[4].querySelectorAll('.htx-highlight').length === 3"
    )
    tab.keyboard.press("Escape")
    colours = [json.loads(label_of(tab, block))[1] for block in range(9)]
    wanted = ["article"] * 2 + ["appeal"] * 2 + ["caption"] + ["appeal"] * 2 + ["article"] * 2
    assert colours == [json.loads(shown_as(name))[1] for name in wanted]
    submit(tab)
    assert attach(page, pull(project, tmp_path).annotations[0]) == wanted


def test_keys_go_to_the_next_the_previous_and_the_next_doubtful_block_in_view(
    tab: Any, project: Project, page_of: Callable[..., Blocks]
) -> None:
    page = page_of("keys", "".join(f"<p>Paragraph {i} of a page.</p>" for i in range(90)), "https://news.example/keys")
    scores = [0.3 if block in (50, 88) else 0.9 for block in range(90)]
    ids = push(project, [page], [["article"] * 90], scores=[scores], model_version="m1").task_ids
    open_task(tab, project, ids["keys"], 90)

    def stand_on(block: int) -> None:
        tab.wait_for_function(
            "i => document.querySelectorAll('.blks p')[i].querySelector('.htx-highlight').matches('.__active')",
            arg=block,
        )
        assert active(tab) == [block]
        seen = (
            tab.locator(".blks p .htx-highlight")
            .nth(block)
            .evaluate(
                "e => { const b = e.getBoundingClientRect(); return document.elementFromPoint(b.x + 9, b.y + 9) === e }"
            )
        )
        assert seen, block  # neither below the labels nor under the bar at the bottom

    for block in range(45):
        tab.keyboard.press("j")
        stand_on(block)
    tab.keyboard.press("n")
    stand_on(50)
    for key, block in (("n", 88), ("n", 50), ("k", 49), ("k", 48)):
        tab.keyboard.press(key)
        stand_on(block)
    tab.keyboard.press("Escape")
    tab.keyboard.press("j")  # goes on where it was
    stand_on(49)

    tab.get_by_test_id("hotkeys-button").click()
    for key, what in (("j", "Next block"), ("k", "Previous block"), ("n", "Next doubtful block")):
        row = tab.locator("[data-pageblocks] .flex", has_text=what).first
        row.wait_for()
        assert row.locator("kbd").inner_text() == key
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Instructions").click()
    tab.get_by_text("next and previous block").wait_for()


def test_a_review_shows_who_said_what_and_starts_there(
    tab: Any, project: Project, page_of: Callable[..., Blocks], tmp_path: Path
) -> None:
    page = page_of("review", "".join(f"<p>Paragraph {i} of a page.</p>" for i in range(30)), "https://news.example/r")
    paragraphs = opened(tab, project, page, questions=[{20: "ada: article, ben: appeal", 7: "ada: form, ben: caption"}])
    note = "p => getComputedStyle(p, '::after').content"
    assert paragraphs.nth(20).evaluate(note) == '"ada: article, ben: appeal"'
    assert paragraphs.nth(19).evaluate(note) == "none"
    bar = "p => getComputedStyle(p).boxShadow"
    assert paragraphs.nth(7).evaluate(bar) != "none"
    assert paragraphs.nth(8).evaluate(bar) == "none"
    for block in (7, 20, 0, 1):
        tab.keyboard.press("j")
        assert active(tab) == [block]
    for block in (7, 20, 7):
        tab.keyboard.press("n")
        assert active(tab) == [block]
    tab.keyboard.press("3")
    wait_for_label(tab, 7, "appeal")
    submit(tab)
    (answer,) = pull(project, tmp_path).annotations
    assert answer.review
    labels = attach(page, answer)
    assert {i: label for i, label in enumerate(labels) if label} == {7: "appeal", 20: "article"}


def test_text_from_right_to_left_leaves_the_columns_in_place(
    tab: Any, project: Project, page_of: Callable[..., Blocks]
) -> None:
    body = (
        "<p>«مرحبا بالعالم» قال الرجل.</p><p>日本語の段落です。</p><p>A paragraph.</p><pre>def f():\n    return 1</pre>"
    )
    page = page_of("rtl", body, "https://news.example/rtl")
    paragraphs = opened(tab, project, page)
    sides = paragraphs.evaluate_all(
        """all => all.map(p => {
            const mark = p.querySelector(".htx-highlight"), range = document.createRange();
            range.selectNodeContents(mark);
            const box = range.getBoundingClientRect(), own = p.getBoundingClientRect();
            const chip = parseFloat(getComputedStyle(mark, "::after").left);
            const tag = parseFloat(getComputedStyle(p, "::before").left);
            return [tag, chip, Math.round(box.left - own.left), Math.round(own.right - box.right), p.innerText];
        })"""
    )
    tag, chip, left = sides[2][:3]
    assert 0 < tag < chip < left
    assert [(row[0], row[1]) for row in sides] == [(tag, chip)] * 4
    assert all(abs(row[2] - left) < 2 for row in sides[1:])
    assert sides[0][3] < 10 < sides[0][2] - left  # from the right edge
    assert sides[3][4].splitlines() == ["def f():", "    return 1"]


def test_the_list_of_pages_begins_with_title_and_address(
    tab: Any, project: Project, page_of: Callable[..., Blocks]
) -> None:
    page = page_of("listed", "<p>One</p>", "https://news.example/listed", "A title")
    push(project, [page], model_version="m1")
    tab.goto(project.url)
    tab.get_by_text("https://news.example/listed").first.wait_for()
    cells = tab.locator("[class*='table-head__draggable']").all_inner_texts()
    assert [cell.split("\n")[0] for cell in cells if cell.strip()][:2] == ["title", "url"]
    assert project.stream.endswith(f"/projects/{project.id}/data?labeling=1")

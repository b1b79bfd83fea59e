"""What an annotator does in a tab; used by the tests in a real browser."""

from __future__ import annotations

from typing import Any

from toolkit.studio.projects import Project


def open_task(tab: Any, project: Project, task: int, blocks: int) -> Any:
    """Open one task; its paragraphs, once all of them are regions."""
    tab.goto(f"{project.client.url}/projects/{project.id}/data?task={task}")
    tab.wait_for_function(
        "n => document.querySelectorAll('.blks p').length === n && document.querySelectorAll('.blks "
        ".htx-highlight').length >= n",
        arg=blocks,
    )
    return tab.locator(".blks p")


def submit(tab: Any) -> None:
    with tab.expect_response(lambda r: "/annotations" in r.url and r.request.method == "POST") as sent:
        tab.keyboard.press("Control+Enter")
    assert sent.value.ok


def wait_for_label(tab: Any, block: int, label: str) -> None:
    """Until the block shows the label; its data-label is like `3:article`."""
    tab.wait_for_function(
        "([i, label]) =>"
        " document.querySelectorAll('.blks p')[i].querySelector('.htx-highlight').dataset.label.endsWith(':' + label)",
        arg=[block, label],
    )


def label_of(tab: Any, block: int) -> str:
    """The label that the screen shows for the block: in the column, and by the colour of its text."""
    shown: str = (
        tab.locator(".blks p")
        .nth(block)
        .evaluate(
            """p => {
            const marks = [...p.querySelectorAll(".htx-highlight")];
            const seen = mark => getComputedStyle(mark, "::after");
            const chips = marks.filter(m => m.dataset.label && seen(m).display !== "none").map(m => seen(m).content);
            const colours = marks.map(m => getComputedStyle(m).backgroundColor).filter(c => !c.endsWith(", 0)"));
            return JSON.stringify([chips, colours]);
        }"""
        )
    )
    return shown


def active(tab: Any) -> list[int]:
    """The selected blocks."""
    found: list[int] = tab.evaluate(
        "() => [...document.querySelectorAll('.blks p')].flatMap((p, i) => p.querySelector('.__active') ? [i] : [])"
    )
    return found


def drag(tab: Any, first: int, last: int) -> None:
    """Draw with the mouse from one block to another."""
    a, b = (tab.locator(".blks p .htx-highlight").nth(block).bounding_box() for block in (first, last))
    tab.mouse.move(a["x"] + 4, a["y"] + 8)
    tab.mouse.down()
    tab.mouse.move(b["x"] + 20, b["y"] + 8, steps=8)
    tab.mouse.up()

"""Blocks without a suggestion in a real browser: they say so, and take a label by key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import open_task, submit, wait_for_label

from toolkit.page import Blocks
from toolkit.studio.answers import pull
from toolkit.studio.projects import Project
from toolkit.studio.sync import push
from toolkit.studio.withheld import Share

pytestmark = [pytest.mark.studio, pytest.mark.browser]


def test_blind_blocks_are_labelled_by_key(
    tab: Any, project: Project, page_of: Callable[..., Blocks], tmp_path: Path
) -> None:
    page = page_of("ferry", "<h1>Ferries sail</h1><p>They left.</p><p>Most read</p>", "https://news.example/ferry")
    ids = push(
        project, [page], [["article", "article", "sidebar"]], scores=[[0.9] * 3], model_version="m1",
        share=Share(blind=1), quiet=True,
    ).task_ids  # fmt: skip
    blocks = open_task(tab, project, ids["ferry"], 3)
    assert ":" not in "".join(region.get_attribute("data-label") for region in tab.locator(".htx-highlight").all())
    for i, (key, label) in enumerate((("1", "article"), ("3", "appeal"))):
        blocks.nth(i).locator(".htx-highlight").click()
        tab.keyboard.press(key)
        wait_for_label(tab, i, label)
    submit(tab)
    report = pull(project, tmp_path / "studio", quiet=True)
    (found,) = report.annotations
    assert [(run.label, shown.label, shown.how) for run, shown in found.pairs] == [
        ("article", "article", "blind"),
        ("appeal", "article", "blind"),
    ]
    assert (found.suggested_by, report.problems) == (
        "",
        ["ferry (admin): block 2 had a region without a label; without a label"],
    )

"""An annotator's work in a real browser: open a pushed page, correct it by keyboard, submit, and find just that when
pulled.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser import drag, open_task, submit, wait_for_label

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.labelling.annotations import make_gold
from toolkit.labelling.sync import pull_corpus, push_corpus
from toolkit.page import Blocks
from toolkit.scheme import Scheme
from toolkit.standoff import attach
from toolkit.studio import tasks
from toolkit.studio.answers import pull
from toolkit.studio.client import Client
from toolkit.studio.projects import Project, find_project
from toolkit.studio.sync import push

pytestmark = [pytest.mark.studio, pytest.mark.browser]

HOSTILE = [
    "<script>window.parent.pwned = 1; window.pwned = 1</script>",
    "<img src='http://tracker.example/x.png' onerror='window.pwned = 1'>",
    "</p></div><iframe src='http://frame.example/'></iframe>",
    "<svg onload='window.pwned=1'><a href='javascript:window.pwned=1'>x</a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=window.pwned=1&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=window.pwned=1>'>",
    "<link rel=stylesheet href='http://css.example/x.css'><style>@import 'http://css.example/y.css'</style>",
    "<meta http-equiv=refresh content='0;url=http://refresh.example/'><base href='http://base.example/'>",
    "&lt;img src=x onerror=window.pwned=1&gt; {{constructor.constructor('window.pwned=1')()}} $undefined$",
    "Plain \u202e text \u0000 with \u2028 odd characters \U0001f600",
]


def test_three_corrections_by_keyboard_are_the_pulled_gold(
    tab: Any, client: Client, page_of: Callable[..., Blocks], tmp_path: Path
) -> None:
    """No mouse: `j` walks from block to block, a digit corrects the one that it stands on, Ctrl+Enter sends the
    page.
    """
    body = (
        "<h1>A bridge opens</h1>"
        + "".join(f"<p>Paragraph {i}, some \U0001f309 words.</p>" for i in range(1, 9))
        + "<p>Become a member</p>"
    )
    page = page_of("bridge", body, "https://news.example/bridge", "A bridge opens")
    corpus = create(tmp_path / "corpus", [(page.page, {})])
    scheme = Scheme.default()
    push_corpus(
        client, corpus, "By keyboard", scheme=scheme, quiet=True
    )  # without a model: the scheme's default label everywhere
    project = find_project(client, "By keyboard")
    assert project is not None
    (row,) = project.tasks("id")
    open_task(tab, project, row["id"], 10)
    hotkeys = {label.name: label.hotkey for label in scheme.labels}
    corrections = {2: "caption", 5: "article", 9: "appeal"}
    for block in range(10):
        tab.keyboard.press("j")
        tab.wait_for_function(
            "i => document.querySelectorAll('.blks "
            "p')[i].querySelector('.htx-highlight').classList.contains('__active')",
            arg=block,
        )
        if block in corrections:
            tab.keyboard.press(hotkeys[corrections[block]])
            wait_for_label(tab, block, corrections[block])
    submit(tab)
    report = pull_corpus(client, "By keyboard", corpus.folder, quiet=True)
    assert report.problems == []
    assert list(report.by_annotator) == ["admin"]
    save_gold(corpus.folder, make_gold(corpus).annotations)
    labels = attach(page, Corpus.open(corpus.folder).gold()["bridge"])
    assert labels == [corrections.get(block, scheme.default_label) for block in range(10)]


def test_several_blocks_at_once_on_a_page_of_150(
    tab: Any, project: Project, page_of: Callable[..., Blocks], tmp_path: Path
) -> None:
    page = page_of(
        "long",
        "".join(f"<p>Paragraph {i} of a page.</p>" for i in range(150)),
        "https://news.example/long",
        "A long one",
    )
    suggested = ["article"] * 150
    ids = push(project, [page], [suggested], scores=[[0.8] * 150], model_version="m1").task_ids
    paragraphs = open_task(tab, project, ids["long"], 150)
    marks = tab.locator(".blks .htx-highlight")
    assert tab.get_by_text("https://news.example/long", exact=True).first.is_visible()
    assert tab.locator(".lsf-main-view__annotation h3").inner_text() == "A long one"
    tab.get_by_role("button", name="Instructions").click()
    tab.get_by_text(Scheme.default().question).wait_for()
    assert tab.get_by_text("Ctrl+click each").is_visible()
    tab.keyboard.press("Escape")
    tab.get_by_text(Scheme.default().question).wait_for(state="hidden")
    wanted = list(suggested)

    # Every label's key.
    for block, label in enumerate(Scheme.default().labels):
        marks.nth(block).click()
        tab.keyboard.press(label.hotkey)
        wait_for_label(tab, block, label.name)
        wanted[block] = label.name
    tab.keyboard.press("Escape")

    # The labels and their keys stay in sight at the end of the page.
    paragraphs.nth(149).scroll_into_view_if_needed()
    assert tab.locator(".lsf-labels").evaluate("""bar => {
        const box = bar.getBoundingClientRect();
        return document.elementFromPoint(box.x + 20, box.y + 20).closest('.lsf-labels') === bar;
    }""")

    # Ctrl+click on each of several, then one key.
    for k, block in enumerate((140, 142, 145)):
        marks.nth(block).click(modifiers=["Control"] if k else [])
    tab.keyboard.press("5")
    for block in (140, 142, 145):
        wait_for_label(tab, block, "sidebar")
        wanted[block] = "sidebar"
    tab.keyboard.press("Escape")

    # The key first, then drawn with the mouse over a run of blocks; and the other way round.
    tab.keyboard.press("3")
    tab.wait_for_function(
        "() => document.querySelector('.lsf-labels .lsf-label_selected, .lsf-labels [class*=selected]') !== null"
    )
    drag(tab, 130, 136)
    for block in range(130, 137):
        wait_for_label(tab, block, "appeal")
    wanted[130:137] = ["appeal"] * 7
    tab.keyboard.press("Escape")
    drag(tab, 138, 139)
    tab.keyboard.press("4")
    wait_for_label(tab, 139, "form")
    wanted[138:140] = ["form"] * 2

    submit(tab)
    report = pull(project, tmp_path)
    assert attach(page, report.annotations[0]) == wanted
    assert report.problems == []


def test_a_hostile_page_runs_nothing_and_asks_nobody(
    tab: Any, project: Project, page_of: Callable[..., Blocks]
) -> None:
    page = page_of(
        "hostile",
        "<p>x</p>" * len(HOSTILE),
        "javascript:window.pwned=1//",
        "<img src=http://title.example onerror=window.pwned=1>",
    )
    page.text = list(HOSTILE)
    page.tag = ['p" onclick="window.pwned=1'] * len(page)
    ids = push(project, [page], model_version="m1").task_ids
    paragraphs = open_task(tab, project, ids["hostile"], len(page))
    assert paragraphs.all_inner_texts()
    texts = [" ".join(text.split()) for text in paragraphs.evaluate_all("all => all.map(p => p.textContent)")]
    for text, shown in zip(texts, map(tasks.clean, HOSTILE), strict=True):
        assert shown in text  # seen as text, to the last character
    assert (
        tab.locator(
            ".blks script, .blks img, .blks iframe, .blks svg, .blks style, .blks link, .blks meta, .blks base"
        ).count()
        == 0
    )
    live = "e => [...e.attributes].some(a => /^on/i.test(a.name) || /^\\s*javascript:/i.test(a.value))"
    assert not tab.evaluate(
        f"() => [...document.querySelectorAll('.lsf-main-view__annotation *')].filter({live}).map(e => e.outerHTML)"
    )
    for i in range(len(page)):
        paragraphs.nth(i).locator(".htx-highlight").first.click()
        tab.keyboard.press("Escape")
    tab.goto(f"{project.client.url}/projects/{project.id}/data")  # the list of pages shows title and address, too
    tab.get_by_text("title.example").first.wait_for()
    tab.wait_for_timeout(1000)  # time for what a handler or a fetch would do
    assert tab.evaluate("() => window.pwned === undefined")
    assert tab.dialogs == []
    assert tab.foreign == []
    assert urlsplit(tab.url).netloc == urlsplit(project.client.url).netloc


def test_a_picture_of_the_annotation_page(
    tab: Any, project: Project, page_of: Callable[..., Blocks], tmp_path: Path
) -> None:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("pictures", Path(__file__).with_name("pictures.py"))
    assert spec is not None
    assert spec.loader is not None
    pictures = module_from_spec(spec)
    spec.loader.exec_module(pictures)
    page = page_of("long", "".join(f"<p>Paragraph {i} of a page.</p>" for i in range(40)), "https://news.example/long")
    push(project, [page], model_version="m1")
    path = tmp_path / "annotate.png"
    pictures.picture(tab, project.url, len(page), path, (20, 22))
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") == 1280

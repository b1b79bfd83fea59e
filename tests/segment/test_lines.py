"""A block's text may have lines: code, verse, addresses. Whoever reads or writes texts of blocks stays whole with
them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from toolkit import BlockClassifier, Page
from toolkit.classify.byline import byline, headline
from toolkit.classify.result import Classified
from toolkit.cli import app
from toolkit.cli.output import harmless_lines
from toolkit.crawl import classify_crawl
from toolkit.crawl.shards import Clean, Row, open_shard
from toolkit.exchange.lines import spans_row, text_rows
from toolkit.exchange.rows import LabelledPage, labelled_block_rows
from toolkit.exchange.sheet import read_csv, write_csv
from toolkit.labelling.rules import broken_rules
from toolkit.model.text_dumps import as_text
from toolkit.page import Blocks
from toolkit.segment import segment
from toolkit.studio import tasks

HTML = """<!doctype html><title>How to count boats</title><main><article><h1>How to count boats</h1>
<address>By Ann Quay<br>4 March 2026</address>
<p>Write a small function, and mind the indentation, because the language reads it, and so does the harbour master.</p>
<pre>def count(boats):
    n = 0

    return n  # &lt;b&gt;
</pre>
<p>Sea Street 1<br>5003 Northquay</p></article></main>"""
CODE = "def count(boats):\n    n = 0\n\n    return n  # <b>"


@pytest.fixture
def page() -> Blocks:
    blocks = segment(Page("boats", "boats.html", HTML.encode()))
    assert CODE in blocks.text
    assert sum("\n" in text for text in blocks.text) == 3
    return blocks


def test_text_keeps_the_lines(
    model: BlockClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: Blocks
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "boats.html").write_text(HTML)
    run: Callable[..., Any] = lambda *words: CliRunner().invoke(app, words).stdout  # noqa: E731
    assert run("segment", "boats.html", "--format", "text") == "\n\n".join(page.text) + "\n"
    labels = set(model.classify(page).labels)
    keep = [word for label in labels for word in ("--keep", label)]
    assert run("classify", "boats.html", "--format", "text", *keep) == "\n\n".join(page.text) + "\n"
    for command in ("segment", "classify"):
        (line,) = run(command, "boats.html", "--format", "jsonl").splitlines()
        assert [block["text"] for block in json.loads(line)["blocks"]] == page.text
    classify_crawl(["boats.html"], tmp_path / "out", keep=sorted(labels), jobs=1)
    (row,) = pq.read_table(tmp_path / "out").to_pylist()
    assert [row["text"][block["start"] : block["end"]] for block in row["blocks"]] == page.text
    assert row["clean"] == "\n\n".join(page.text)


def test_a_form_feed_in_a_page_does_not_part_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text("<pre>first sheet\n\f\nsecond sheet</pre>")
    for command in (
        ["segment"],
        ["classify", "--keep", "article", "--keep", "sidebar", "--keep", "appeal", "--keep", "form"],
    ):
        said = CliRunner().invoke(app, [*command, "a.html", "b.html", "--format", "text"]).stdout
        assert len(said.split("\f\n")) == 2


def test_json_lines_stay_one_line_a_page(tmp_path: Path, page: Blocks) -> None:
    classes = ["article"]
    labelled = Classified(page, classes * len(page), np.ones((len(page), 1), np.float32), classes)
    shard = open_shard("jsonl", tmp_path, "s", classes=classes, clean=Clean(tuple(classes)))
    shard.write([Row("f", k, labelled) for k in range(2)])
    import gzip

    for path in shard.close().values():
        assert [json.loads(line)["id"] for line in gzip.decompress(Path(path).read_bytes()).splitlines()] == [
            "boats",
            "boats",
        ]


def test_tables_give_the_lines_back(tmp_path: Path, page: Blocks) -> None:
    labelled = LabelledPage(page, ["article"] * len(page), {}, None)
    for spreadsheet in (False, True):
        written = write_csv(labelled_block_rows(labelled), spreadsheet)
        assert len(list(csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline="")))) == len(page) + 1
        (tmp_path / "rows.csv").write_text(written, newline="")
        assert [row["text"] for row in read_csv(tmp_path / "rows.csv")] == page.text
    assert [row["text"] for row in text_rows(labelled)] == page.text
    row = spans_row(labelled)
    assert [row["text"][span["start"] : span["end"]] for span in row["spans"]] == [
        " ".join(text.split()) for text in page.text
    ]
    assert row["text"].count("\n\n") == len(page) - 1


def test_tasks_show_each_block_in_one_paragraph(page: Blocks) -> None:
    data = tasks.task(page)["data"]
    assert len(tasks.texts_of(data)) == len(page)
    assert tasks.blocks_of(data).hashes == page.hashes
    labels, odd = tasks.labels_of(tasks.regions(tasks.texts_of(data), ["article"] * len(page)), len(page))
    assert (labels, odd) == (["article"] * len(page), [])


def test_dumps_have_a_line_for_a_line(page: Blocks) -> None:
    dump, was = as_text(page)
    assert len(dump) == len(was)
    lines = [
        (i, " ".join(line.split())) for i, text in enumerate(page.text) for line in text.splitlines() if line.strip()
    ]
    assert list(zip(was, dump.text, strict=True)) == lines


def test_headline_and_byline_are_found_over_lines(page: Blocks) -> None:
    assert [page.text[i] for i in headline(page)] == ["How to count boats"]
    assert [page.text[i] for i in byline(page)] == ["By Ann Quay\n4 March 2026"]
    page.text[0] = "How to\ncount boats"
    assert [page.text[i] for i in headline(page)] == ["How to\ncount boats"]


def test_rules_of_the_guidelines_read_over_lines(page_of: Callable[..., Blocks]) -> None:
    blocks = page_of(
        "p", "<footer><p>© 2026 Harbour.<br>All rights<br>reserved.</p></footer><p>The night ferry left.</p>"
    )
    found = list(broken_rules(blocks, ["article", "article"], ["article", "sidebar"]))
    assert [(i, rule.name, right) for i, rule, right in found] == [(0, "copyright", "sidebar")]


def test_terminals_show_the_lines_and_nothing_else() -> None:
    assert harmless_lines("a\n  b\tc\r\x1b[31m\u202ed") == "a\n  b c  [31md".replace("  [", " [")
    assert harmless_lines("one line") == "one line"

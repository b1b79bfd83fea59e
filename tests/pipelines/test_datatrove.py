"""The datatrove step, and the pipeline from WARC to clean text, killed in the middle and run again."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("datatrove", reason="datatrove is not installed; pip install 'pageblocks[datatrove]'")

from datatrove.data import Document

from toolkit import BlockClassifier
from toolkit.errors import PageblocksError
from toolkit.pipelines.datatrove import LabelBlocks

ROOT = Path(__file__).parents[2]
HTML = """<title>Ferry</title><nav><a href=/>Home</a> <a href=/news>News</a></nav><main><h1>The night ferry sails
again</h1>
<p>After two winters at the quay the night ferry left the harbour on Monday with four hundred people on
board.</p></main>
<form><label>E-mail</label><button>Sign up</button></form>"""
TEXT = """The night ferry sails again

After two winters at the quay the night ferry left the harbour on Monday with four hundred people on board.

The mayor, who had promised as much in spring, stood on the pier with a brass band."""


def stats(step: LabelBlocks) -> dict[str, int]:
    return {name: round(value.total) for name, value in step.stats.stats.items()}


def test_documents_in_and_clean_text_out(model: BlockClassifier) -> None:
    step = LabelBlocks(batch_size=2, attributes=True)
    documents = [
        Document(HTML, "a", metadata={"url": "https://ferry.example/"}),
        Document("", "empty"),
        Document("[ignored]", "b", metadata={"html": HTML}),
        Document("<nav><a href=/>Home</a> <a href=/news>News</a> <a href=/sport>Sport</a></nav>", "menu"),
        Document(TEXT, "plain"),
    ]
    out = list(step.run(documents))
    page = model.classify(HTML, url="https://ferry.example/")
    assert [document.id for document in out] == ["a", "b", "plain"]
    assert out[0].text == out[1].text == page.text() == model.extract(HTML)
    assert "html" not in out[1].metadata
    for document in out:
        spans = [document.text[block["start"] : block["end"]] for block in document.metadata["blocks"]]
        assert "\n\n".join(spans) == document.text
    assert [set(block) for block in out[0].metadata["blocks"]] == [{"start", "end", "tag", "hidden", "label"}] * 2
    assert [(b["tag"], b["label"]) for b in out[0].metadata["all_blocks"]] == list(
        zip(page.blocks.tag, page.labels, strict=True)
    )
    whole, attributes = out[0].metadata["all_text"], out[0].metadata["attributes"]
    assert [whole[start:end] for start, end, _ in attributes["pageblocks__form"]] == page.blocks.text
    assert [round(float(p), 4) for p in page.probabilities[:, page.classes.index("form")]] == [
        pytest.approx(p, abs=1e-3) for _, _, p in attributes["pageblocks__form"]
    ]
    found = stats(step)
    assert (found["total"], found["forwarded"], found["dropped"]) == (5, 3, 2)
    assert (found["dropped_no_page"], found["dropped_nothing_kept"]) == (1, 1)
    assert found["blocks_article"] >= 2 * page.labels.count("article")
    assert found["characters_article"] >= len(page.text({"article"}))


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_spans_of_tables_and_markdown(model: BlockClassifier, format: Any) -> None:
    html = HTML + "<table><tr><th>Day<th>Quay<tr><td>Monday<td>North|West</table><p hidden>Friday at the quay."
    step = LabelBlocks(keep=list(model.classes_), format=format, visible=True)
    (document,) = step.run([Document(html, "a")])
    assert document.text == model.extract(html, keep=list(model.classes_), format=format, visible=True)
    spans = [document.text[block["start"] : block["end"]] for block in document.metadata["blocks"]]
    assert spans[-4:] == ["Day", "Quay", "Monday", "North|West" if format == "text" else "North\\|West"]
    assert "Friday" not in document.text


def test_a_page_that_takes_too_long_is_dropped() -> None:
    step = LabelBlocks(time_limit=0.05)
    heavy = "<p>" + "one two <b>three</b> " * 200_000
    assert [document.id for document in step.run([Document(HTML, "a"), Document(heavy, "heavy")])] == ["a"]
    assert stats(step)["dropped_too_long"] == 1


def test_it_travels_without_its_weights() -> None:
    import dill

    step = LabelBlocks(keep={"article", "caption"})
    list(step.run([Document(HTML, "a")]))
    packed = dill.dumps(step)
    assert len(packed) < 20_000
    again = dill.loads(packed)  # noqa: S301 - our own, made above
    assert again.keep == ["article", "caption"]
    assert len(list(again.run([Document(HTML, "a")]))) == 1


def test_labels_that_are_unknown() -> None:
    with pytest.raises(PageblocksError, match=r"\{'article'\}"):
        LabelBlocks(keep="article")
    with pytest.raises(PageblocksError, match="no label 'advert'"):
        list(LabelBlocks(keep={"advert"}).run([Document(HTML, "a")]))


def test_without_the_extra_there_is_a_hint() -> None:
    code = "import sys; sys.modules['datatrove'] = None; import toolkit.pipelines.datatrove"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "MissingExtra" in ran.stderr
    assert "pip install 'pageblocks[datatrove]'" in ran.stderr.splitlines()[-1]


CODE = """
import sys
from toolkit.pipelines.datatrove import clean_warc
if __name__ == "__main__":
    clean_warc("crawl", "out", "logs", tasks=2, workers=int(sys.argv[1])).run()
"""


def run(folder: Path, workers: int) -> subprocess.Popen[bytes]:
    (folder / "run.py").write_text(CODE)
    env = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    with open(folder / "said", "ab") as said:
        return subprocess.Popen(
            [sys.executable, "run.py", str(workers)],
            cwd=folder,
            env=env,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def rows(folder: Path) -> list[Any]:
    return [
        json.loads(line)
        for path in sorted((folder / "out").iterdir())
        for line in gzip.open(path, "rt", encoding="utf-8")
    ]


def test_warc_to_clean_text_killed_and_run_again(tmp_path: Path, model: BlockClassifier) -> None:
    from .pages import sample, write_warc

    (tmp_path / "crawl").mkdir()
    pages = sample()
    write_warc(tmp_path / "crawl/a.warc.gz", pages[:4])
    write_warc(tmp_path / "crawl/b.warc.gz", [(f"{id}-{k}", html) for k in range(6) for id, html in pages[4:]])
    first = run(tmp_path, workers=1)
    done = tmp_path / "logs/completions/00000"
    while not (done.exists() and (tmp_path / "out/00001.jsonl.gz").exists()):
        assert first.poll() is None, (tmp_path / "said").read_text()
        time.sleep(0.02)
    os.killpg(first.pid, signal.SIGKILL)  # the second task is under way
    first.wait()
    assert not (tmp_path / "logs/completions/00001").exists()
    before = (tmp_path / "out/00000.jsonl.gz").read_bytes()

    assert run(tmp_path, workers=2).wait(300) == 0, (tmp_path / "said").read_text()
    assert (tmp_path / "logs/completions/00001").exists()
    assert (tmp_path / "out/00000.jsonl.gz").read_bytes() == before  # what was done is not done again
    found = rows(tmp_path)
    texts = {id: model.extract(html, url=f"https://{id}.example/") for id, html in pages}
    ids = [id for id, _ in pages[:4] if texts[id]] + [f"{id}-{k}" for id, _ in pages[4:] if texts[id] for k in range(6)]
    assert sorted(row["id"] for row in found) == sorted(ids)
    for row in found[:3]:
        assert row["text"] == texts[row["id"]]
    counted = json.loads((tmp_path / "logs/stats/00001.json").read_text())
    (ours,) = [step["stats"] for step in counted if "pageblocks" in step["name"]]
    assert ours["total"]["total"] == 6 * len(pages[4:])

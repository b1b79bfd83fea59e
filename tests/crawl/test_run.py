"""Runs into a folder, killed and stopped at will: no page lost, none doubled."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from toolkit import BlockClassifier, PageblocksError, read_pages
from toolkit.crawl import Progress, classify_crawl
from toolkit.segment.decode import decode

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "corpora/sample/pages"
BAD = 3


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One table of 416 pages with ids of their own, three of them bad in three ways."""
    pages = [decode(page.content) for page in read_pages([SAMPLE]) if page.format == "html"]
    rows = [
        json.dumps({"id": f"page-{k}", "url": f"https://s{k}.example/", "html": pages[k % len(pages)]})
        for k in range(413)
    ]
    rows.insert(7, "no json")
    rows.insert(200, json.dumps({"id": "empty", "html": "<p> </p>"}))
    rows.append(json.dumps({"id": "binary", "html": "\0\1\2\3" * 50}))
    path = tmp_path_factory.mktemp("crawl") / "crawl.jsonl"
    path.write_text("\n".join(rows) + "\n")
    return path


def packed(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line]


def ids(out: Path) -> list[str]:
    """The ids in all shards, sorted."""
    found = [id for path in out.glob("*.parquet") for id in pq.read_table(path, columns=["id"])["id"].to_pylist()]
    for path in (out / "documents").glob("*.gz"):
        found += [row["id"] for row in packed(path)]
    return sorted(found)


WANTED = sorted(f"page-{k}" for k in range(413))


def whole(out: Path) -> None:
    """Every page once, every bad page named once, nothing left over."""
    assert ids(out) == WANTED
    errors = [json.loads(line) for line in (out / "_errors.jsonl").read_text().splitlines()]
    assert sorted(error["number"] for error in errors) == [7, 200, 415]
    lines = [json.loads(line) for line in (out / "_manifest.jsonl").read_text().splitlines()]
    assert sum(line["pages"] for line in lines) == len(WANTED)
    named = {name for line in lines for name in line["files"]}
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there == named | {"_run.json", "_manifest.jsonl", "_errors.jsonl", ".huggingface.yaml", ".lock"}


def start(crawl: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "toolkit.cli",
        "classify",
        str(crawl),
        "--out",
        f"{out}/",
        "--shard-pages",
        "16",
        *more,
    ]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def lines_of(out: Path) -> int:
    return (out / "_manifest.jsonl").read_bytes().count(b"\n") if (out / "_manifest.jsonl").exists() else 0


def wait_for(process: subprocess.Popen[str], wanted: Callable[[], bool]) -> None:
    while process.poll() is None and not wanted():
        time.sleep(0.01)


@pytest.mark.parametrize(("format", "times"), [("parquet", 2), ("jsonl", 1)])
def test_killed_at_random_points_nothing_is_lost_or_doubled(
    crawl: Path, tmp_path: Path, format: str, times: int
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    kills = 0
    for _ in range(times):
        process = start(crawl, tmp_path / "out", "--format", format)
        had = lines_of(tmp_path / "out")
        wait_for(process, lambda had=had: lines_of(tmp_path / "out") > had)  # type: ignore[misc]
        time.sleep(chance.random() * 0.1)
        if process.poll() is None:
            kills += 1
            # The main process alone, or all at once.
            (os.kill if chance.random() < 0.5 else os.killpg)(process.pid, signal.SIGKILL)
        process.communicate()
        found = ids(tmp_path / "out")
        assert len(found) == len(set(found)), seed
    process = start(crawl, tmp_path / "out", "--format", format)
    _, said = process.communicate()
    assert process.returncode == 0, (seed, said)
    assert kills, "it was never killed before its end"
    assert "pages from an earlier run" in said
    assert "3 bad pages" in said
    whole(tmp_path / "out")


def test_stopped_by_ctrl_c_it_says_how_to_go_on(crawl: Path, tmp_path: Path) -> None:
    process = start(crawl, tmp_path / "out")
    wait_for(process, lambda: lines_of(tmp_path / "out") > 0)
    os.killpg(process.pid, signal.SIGINT)
    out, said = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "run the same command" in said
    assert "Traceback" not in said
    found = ids(tmp_path / "out")
    assert 0 < len(found) < len(WANTED)
    done = classify_crawl([str(crawl)], tmp_path / "out")
    assert (done.pages, done.new_pages, done.errors) == (len(WANTED), len(WANTED) - len(found), BAD)
    whole(tmp_path / "out")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_workers_that_die_or_hang_are_replaced(crawl: Path, tmp_path: Path, number: int) -> None:
    hit: list[int] = []

    def harm(now: Progress) -> None:
        if now.pages > 100 * (len(hit) + 1) and len(hit) < 2:
            process = multiprocessing.active_children()[0]
            assert process.pid is not None
            hit.append(process.pid)
            os.kill(process.pid, number)

    done = classify_crawl([str(crawl)], tmp_path / "out", jobs=2, shard_pages=64, time_limit=0.5, on_progress=harm)
    assert len(hit) == 2
    assert (done.pages, done.errors) == (len(WANTED), BAD)
    whole(tmp_path / "out")


def test_a_page_that_takes_too_long_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / "a-long.html").write_text("<p>word</p>" * 450_000)
    (tmp_path / "b-short.html").write_text("<p>word</p>")
    done = classify_crawl([str(tmp_path)], tmp_path / "o/out", jobs=1, time_limit=0.2)
    assert (done.pages, done.errors) == (1, 1)
    (error,) = [json.loads(line) for line in (tmp_path / "o/out/_errors.jsonl").read_text().splitlines()]
    assert error["id"] == "a-long"
    assert "longer than 0.2 seconds" in error["error"]


def test_pages_of_folders_have_the_ids_that_they_have_elsewhere(tmp_path: Path) -> None:
    for name in ("a/index.html", "b/index.html", "c.txt"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text("The night ferry sails again")
    classify_crawl([str(tmp_path / "in")], tmp_path / "out", jobs=1)
    assert ids(tmp_path / "out") == [page.id for page in read_pages([tmp_path / "in"])] == ["a/index", "b/index", "c"]


def test_no_path_of_this_machine_gets_into_the_folder(tmp_path: Path) -> None:
    for day in ("monday", "tuesday"):
        (tmp_path / day / "pages").mkdir(parents=True)
        (tmp_path / day / "rows.jsonl").write_text('{"html": "<p>The night ferry"}\nno json\n{"html": "<p>It left"}\n')
        (tmp_path / day / "pages/a.html").write_text("<p>The night ferry sails again")
        (tmp_path / day / "pages/empty.html").write_text("")
    for format in ("parquet", "jsonl"):
        out = tmp_path / format
        first = [str(tmp_path / "monday/rows.jsonl"), str(tmp_path / "monday/pages")]
        classify_crawl(first, out, format=format, jobs=1)
        # Files of the same names come to the run, before those that it knows: each keeps its name, and nothing is done
        # twice.
        more = [str(tmp_path / "tuesday/rows.jsonl"), str(tmp_path / "tuesday/pages"), *first]
        done = classify_crawl(more, out, format=format, jobs=1)
        assert (done.pages, done.new_pages, done.errors) == (6, 3, 4)
        assert classify_crawl(more[::-1], out, format=format, jobs=1).new_pages == 0
        for path in (path for path in out.rglob("*") if path.is_file()):
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            assert str(tmp_path).encode() not in content, path
    rows = [row for path in sorted((tmp_path / "parquet").glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    assert [(row["file"], row["number"]) for row in rows] == [
        ("rows.jsonl", 0), ("rows.jsonl", 2), ("pages/a.html", 0),
        ("tuesday/rows.jsonl", 0), ("tuesday/rows.jsonl", 2), (rows[5]["file"], 0),
    ]  # fmt: skip
    assert rows[5]["file"] not in ("pages/a.html", "rows.jsonl")
    assert [row["source"] for row in rows[:3]] == ["rows.jsonl:1", "rows.jsonl:3", "pages/a.html"]
    errors = [json.loads(line) for line in (tmp_path / "parquet/_errors.jsonl").read_text().splitlines()]
    assert errors[0]["file"] == "rows.jsonl"
    assert errors[0]["error"].startswith("rows.jsonl:2: ")


def test_a_run_goes_on_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.html").write_text("<p>The night ferry sails again")
    monkeypatch.chdir(tmp_path)
    assert classify_crawl(["in"], tmp_path / "out", jobs=1).pages == 1
    monkeypatch.chdir(tmp_path / "in")
    for source in (".", "a.html", "../in/a.html", str(tmp_path / "in")):
        assert classify_crawl([source], tmp_path / "out", jobs=1).new_pages == 0
    (tmp_path / "in/a.html").write_text("<p>The night ferry sails again, and again")
    with pytest.raises(PageblocksError, match="has changed since"):
        classify_crawl(["a.html"], tmp_path / "out")


def test_clean_is_the_text_that_a_single_page_gives(model: BlockClassifier, tmp_path: Path) -> None:
    pages = {page.id: page for page in read_pages([SAMPLE])}
    for keep in ([], ["article"]):
        out = tmp_path / "-".join(["out", *keep])
        classify_crawl([str(SAMPLE)], out, keep=keep, jobs=1)
        rows = [row for path in out.glob("*.parquet") for row in pq.read_table(path).to_pylist()]
        assert {row["id"]: row["clean"] for row in rows} == {
            id: model.extract(page, keep or None) for id, page in pages.items()
        }
        for row in rows:
            page = model.classify(pages[row["id"]])
            assert [(b["tag"], b["hidden"]) for b in row["blocks"]] == [
                (block.tag, block.hidden) for block in page.blocks
            ]


def test_clean_as_markdown_without_hidden_text(model: BlockClassifier, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<h1>The night ferry sails again</h1><p>It left on Monday.<p hidden>It left the quay on Friday.")
    wanted = model.extract(page.read_text(), list(model.classes_), format="markdown", visible=True)
    assert wanted == "# The night ferry sails again\n\nIt left on Monday."
    how = {"keep": list(model.classes_), "jobs": 1, "clean": "markdown", "visible": True}
    for format, read in (("parquet", lambda path: pq.read_table(path).to_pylist()),
                         ("jsonl", lambda path: packed(path / "documents/part-00000.jsonl.gz"))):  # fmt: skip
        classify_crawl([str(page)], tmp_path / format, format=format, **how)
        assert [row["clean"] for row in read(tmp_path / format)] == [wanted]
    with pytest.raises(PageblocksError, match="another visible"):
        classify_crawl([str(page)], tmp_path / "jsonl", format="jsonl", **how | {"visible": False})
    with pytest.raises(PageblocksError, match="another clean"):
        classify_crawl([str(page)], tmp_path / "jsonl", format="jsonl", keep=list(model.classes_), jobs=1)
    with pytest.raises(PageblocksError, match="text or markdown"):
        classify_crawl([str(page)], tmp_path / "other", **how | {"clean": "rtf"})


def test_what_the_shards_hold(model: BlockClassifier, tmp_path: Path) -> None:
    chosen = ["lanterne-de-papier-orties.html", "teplyi-pidvikonnyk-lymon.html", "lowmarsh-diner.txt"]
    sources = [str(SAMPLE / name) for name in chosen]
    hostile = tmp_path / "hostile.jsonl"
    hostile.write_text('{"html": "<p>a \\ud83d b \\u0000 <b>&lt;script&gt;</b></p><p>\U0001f9c0 c</p>", "id": "h"}\n')
    sources.append(str(hostile))
    expected = {page.blocks.page.id: page for page in model.classify_many(read_pages(sources))}
    for format in ("parquet", "jsonl"):
        classify_crawl(sources, tmp_path / format, format=format, keep=["article", "caption"], jobs=1)
    rows: list[dict[str, Any]] = pq.read_table(tmp_path / "parquet").to_pylist()
    documents = packed(tmp_path / "jsonl/documents/part-00000.jsonl.gz")
    attributes = packed(tmp_path / "jsonl/attributes/pageblocks/part-00000.jsonl.gz")
    assert (
        [row["id"] for row in rows]
        == [row["id"] for row in documents]
        == [row["id"] for row in attributes]
        == list(expected)
    )
    for row, document, spans in zip(rows, documents, attributes, strict=True):
        page = expected[row["id"]]
        for got in (row, document):
            assert [got["text"][block["start"] : block["end"]] for block in got["blocks"]] == page.blocks.text
            assert [block["label"] for block in got["blocks"]] == page.labels
            assert got["clean"] == page.text({"article", "caption"})
            for block, chances in zip(got["blocks"], page.probabilities, strict=True):
                assert list(block["probabilities"].values()) == pytest.approx(chances, abs=2e-3)
        assert (row["title"], row["language"]) == (page.blocks.title, page.blocks.language)
        assert document["metadata"]["title"] == page.blocks.title
        # From the attributes alone: another threshold, or two labels as one, without the model.
        names = [f"pageblocks__{name}" for name in page.classes]
        assert list(spans["attributes"]) == names
        merged = zip(
            spans["attributes"]["pageblocks__article"], spans["attributes"]["pageblocks__caption"], strict=True
        )
        kept = [document["text"][start:end] for (start, end, p), (_, _, q) in merged if p + q > 0.3]
        columns = [page.classes.index("article"), page.classes.index("caption")]
        sure = page.probabilities[:, columns].sum(axis=1)
        assert kept == [text for text, p in zip(page.blocks.text, sure, strict=True) if p > 0.3]


def test_a_folder_is_one_run_by_one_process(crawl: Path, tmp_path: Path) -> None:
    page, out = tmp_path / "page.html", tmp_path / "out"
    page.write_text("<p>The night ferry sails again</p>")
    assert classify_crawl([str(page)], out, jobs=1).pages == 1
    with pytest.raises(PageblocksError, match="another keep.*--force"):
        classify_crawl([str(page)], out, keep=["article"])
    with pytest.raises(PageblocksError, match="no label 'advert'.*article"):
        classify_crawl([str(page)], out, keep=["advert"])
    with pytest.raises(PageblocksError, match="keep once for each"):
        classify_crawl([str(page)], out, keep=["article,caption"])
    with pytest.raises(PageblocksError, match="another output"):
        classify_crawl([str(page)], out, format="jsonl")
    with pytest.raises(PageblocksError, match="no such model"):
        classify_crawl([str(page)], out, model=str(tmp_path))
    done = classify_crawl([str(page), str(page)], out)
    assert (done.pages, done.new_pages) == (1, 0)
    page.write_text("<p>The night ferry sails again, and again</p>")
    with pytest.raises(PageblocksError, match="has changed since"):
        classify_crawl([str(page)], out)
    assert classify_crawl([str(page)], out, force=True, format="jsonl", jobs=1).pages == 1
    assert not list(out.glob("*.parquet"))
    import fcntl

    with open(out / ".lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(PageblocksError, match="another process"):
            classify_crawl([str(page)], out, format="jsonl")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("years of work")
    for force in (False, True):
        with pytest.raises(PageblocksError, match=r"other files \(thesis.txt\)"):
            classify_crawl([str(page)], tmp_path / "mine", force=force)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]

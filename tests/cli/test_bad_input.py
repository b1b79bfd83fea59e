"""What users get wrong, through the real command line: one clear line, a non-zero status, and nothing lost."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import detach

from ..faults import fill, small_disk

ROOT = Path(__file__).parents[2]
GOOD = (
    "<title>Good</title><h1>The night ferry sails again</h1><p>It left the harbour on Monday.</p>"
    "<form><button>Sign up</button></form>"
)


def run(*args: str, cwd: Path, limit: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    """`pageblocks ARGS`; `limit` is the largest file that it may write, in kilobytes."""
    command = [sys.executable, "-m", "toolkit.cli", *args]
    if limit:
        command = ["bash", "-c", f'ulimit -f {limit}; exec "$@"', "-", *command]
    own = {key: value for key, value in os.environ.items() if not key.startswith("LABEL_STUDIO_")}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, env=own | {"PYTHONPATH": str(ROOT), **env}
    )


def fails(*args: str, cwd: Path, limit: int = 0, **env: str) -> str:
    """The one line that the command ends with."""
    ran = run(*args, cwd=cwd, limit=limit, **env)
    assert ran.returncode == 1, (ran.returncode, ran.stdout, ran.stderr)
    lines = ran.stderr.splitlines()
    assert len(lines) == 1, ran.stderr
    assert lines[0].startswith("pageblocks: ")
    assert "Traceback" not in ran.stderr
    return lines[0]


def corpus(folder: Path, labels: list[str] | None, pages: int = 6) -> Path:
    """A corpus of small pages of different sites; `labels` are given in turn, None makes no gold."""
    made = create(
        folder,
        [
            (Page(f"p{i}", f"p{i}", GOOD.replace("Good", f"Good {i}").encode(), url=f"https://s{i}.example/"), {})
            for i in range(pages)
        ],
    )
    if labels is not None:
        blocks = [segment(page) for page in made.pages()]
        save_gold(
            folder, [detach(page, [labels[i % len(labels)] for i in range(len(page))], "gold") for page in blocks]
        )
    return folder


BAD_PAGES = {
    "empty": (b"", "empty"),
    "blank": (b" \n\t\n ", "empty"),
    "binary": (bytes(range(256)) * 40, "binary"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"x" * 2000, "binary"),
    "broken-gzip": (gzip.compress(GOOD.encode() * 50)[:60], "gzip"),
    "no-text": (b"<html><script>draw()</script></html>", "no text"),
}


@pytest.mark.parametrize("name", BAD_PAGES)
def test_a_bad_page_is_named_and_the_others_go_on(name: str, tmp_path: Path) -> None:
    content, word = BAD_PAGES[name]
    (tmp_path / "bad.html").write_bytes(content)
    (tmp_path / "good.html").write_text(GOOD)
    ran = run("segment", "bad.html", "good.html", cwd=tmp_path)
    assert ran.returncode == 1
    assert [json.loads(line)["id"] for line in ran.stdout.splitlines()] == ["good"]
    (line,) = ran.stderr.splitlines()
    assert "bad.html" in line
    assert word in line


def test_a_missing_file_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(GOOD)
    ran = run("segment", "missing.html", "good.html", cwd=tmp_path)
    assert (ran.returncode, len(ran.stdout.splitlines())) == (1, 1)
    assert "missing.html: no such file" in ran.stderr


def test_a_bad_page_does_not_spoil_the_file_of_the_good_ones(tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_bytes(b"")
    (tmp_path / "good.html").write_text(GOOD)
    assert "bad.html" in fails("segment", "bad.html", "good.html", "--out", "out.jsonl", cwd=tmp_path)
    assert json.loads((tmp_path / "out.jsonl").read_text())["id"] == "good"


def test_broken_encodings_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(
        b"<meta charset=utf-8><p>caf\xc3\xa9 \xff\xc3( and on</p>" + b"<p>more text here</p>" * 500
    )
    (tmp_path / "b.html").write_bytes(
        b"<meta charset=no-such><p>na\xefve text</p>" + b"<p>d\xe9j\xe0 vu, caf\xe9</p>" * 20
    )
    ran = run("segment", "a.html", "b.html", cwd=tmp_path)
    first, second = (json.loads(line)["blocks"][0]["text"] for line in ran.stdout.splitlines())
    assert first.startswith("café")
    assert first.endswith("and on")
    assert second == "naïve text"


def test_fifty_megabytes_of_nested_tags_are_refused(tmp_path: Path) -> None:
    (tmp_path / "deep.html").write_bytes(b"<div>" * 10_000_000 + b"deep")
    (tmp_path / "good.html").write_text(GOOD)
    ran = run("segment", "deep.html", "good.html", cwd=tmp_path)
    assert ran.returncode == 1  # a page could not be read
    assert "Traceback" not in ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["id"] == "good"
    assert "deep.html: larger than 32 MiB" in ran.stderr


def test_a_folder_without_pages(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert "none" in fails("segment", "none", cwd=tmp_path)
    (tmp_path / "none/pages.jsonl").write_text('{"html": "<p>x"}')
    assert "name tables one by one" in fails("segment", "none", cwd=tmp_path)


def test_what_a_folder_holds_beside_pages_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("one.html", "two.html", "pages.jsonl", "rows.parquet"):
        (tmp_path / "in" / name).write_text(GOOD)
    for command in (
        ["segment", "in"],
        ["import", "in", "--out", "c"],
        ["classify", "in", "--out", "o/", "--jobs", "1"],
    ):
        ran = run(*command, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        notes = [line for line in ran.stderr.splitlines() if line.startswith("note: ") and "no address" not in line]
        assert notes == ["note: skipped 2 files that are not pages (in/pages.jsonl); name tables one by one"]


def test_a_data_set_out_of_reach_fails_soon_and_in_one_line(tmp_path: Path) -> None:
    assert "hub:foo: cannot be opened" in fails("segment", "hub:foo", cwd=tmp_path, HF_ENDPOINT="http://127.0.0.1:9")


@pytest.mark.parametrize("command", [["train", "c", "--out", "m"], ["evaluate", "c"]], ids=["train", "evaluate"])
@pytest.mark.parametrize(
    ("labels", "words"),
    [(None, "gold"), ([], "label"), (["article"], "two labels"), (["article", "advert"], "unknown label 'advert'")],
    ids=["no-gold", "no-labels", "one-class", "unknown-label"],
)
def test_labels_that_teach_nothing(command: list[str], labels: list[str] | None, words: str, tmp_path: Path) -> None:
    corpus(tmp_path / "c", labels or None)
    if labels == []:
        save_gold(tmp_path / "c", [])
    assert words in fails(*command, cwd=tmp_path)
    assert not (tmp_path / "m").exists()


def test_fewer_sites_than_folds(tmp_path: Path) -> None:
    corpus(tmp_path / "c", ["article", "form"], pages=3)
    assert "3 sites are too few for 5 folds" in fails("evaluate", "c", cwd=tmp_path)


def test_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    assert "not a corpus" in fails("train", "c", "--out", "m", cwd=tmp_path)


def test_a_page_that_changed_since_it_was_labelled(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", ["article", "form"])
    row = next(iter(Corpus.open(folder).rows.values()))
    (folder / row["file"]).write_bytes(gzip.compress(b"<p>another page</p>"))
    assert "hash differs" in fails("train", "c", "--out", "m", cwd=tmp_path)


def test_a_broken_label_file_names_the_line(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "c", ["article", "form"])
    with open(folder / "gold.jsonl", "a") as f:
        f.write('{"page": "p1"')
    assert "gold.jsonl:7: not JSON" in fails("train", "c", "--out", "m", cwd=tmp_path)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    corpus(folder / "c", ["article", "form"])
    ran = run("train", "c", "--out", "m", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return folder / "m"


def test_no_such_model_and_no_such_label(model: Path, tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(GOOD)
    assert "nowhere" in fails("classify", "good.html", "--model", "nowhere", cwd=tmp_path)
    assert "'advert'" in fails("classify", "good.html", "--model", str(model), "--keep", "advert", cwd=tmp_path)
    assert "keep once for each" in fails(
        "classify", "good.html", "--model", str(model), "--keep", "article,form", cwd=tmp_path
    )


@pytest.mark.parametrize(
    ("more", "mend"),
    [
        (["--format", "parquet", "--out", "x.parquet"], "--out x/"),
        (["--format", "parquet"], "--out FOLDER/"),
        (["--jobs", "2"], "--out FOLDER/"),
        (["--shard-pages", "5000", "--out", "x.jsonl"], "--out FOLDER/"),
    ],
)
def test_what_goes_with_a_folder_only(more: list[str], mend: str, tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(GOOD)
    assert mend in fails("classify", "good.html", *more, cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["good.html"]


def test_a_damaged_model_is_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(GOOD)
    shutil.copytree(model, tmp_path / "m")
    for path in (tmp_path / "m").iterdir():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "m" in fails("classify", "good.html", "--model", "m", cwd=tmp_path)


def test_classify_goes_on_after_a_bad_page(model: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_bytes(b"")
    (tmp_path / "good.html").write_text(GOOD)
    ran = run("classify", "bad.html", "good.html", "--model", str(model), cwd=tmp_path)
    assert ran.returncode == 1
    assert [json.loads(line)["id"] for line in ran.stdout.splitlines()] == ["good"]


def test_a_model_is_not_overwritten_by_accident(model: Path, tmp_path: Path) -> None:
    corpus(tmp_path / "c", ["article", "form"])
    shutil.copytree(model, tmp_path / "m")
    before = contents(tmp_path / "m")
    assert "--force" in fails("train", "c", "--out", "m", cwd=tmp_path)
    assert contents(tmp_path / "m") == before


def test_no_server_runs(tmp_path: Path) -> None:
    corpus(tmp_path / "c", None)
    assert "studio start" in fails("push", "c", "--project", "Some pages", "--model", "none", cwd=tmp_path)
    assert "studio start" in fails("pull", "--project", "Some pages", "--out", "c", cwd=tmp_path)


def test_a_server_that_is_down(tmp_path: Path) -> None:
    corpus(tmp_path / "c", None)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{s.getsockname()[1]}"  # bound and not listening: every connection is refused
        for args in (["push", "c", "--model", "none"], ["pull", "--out", "c"]):
            line = fails(
                *args,
                "--project",
                "Some pages",
                cwd=tmp_path,
                LABEL_STUDIO_URL=nobody,
                LABEL_STUDIO_API_KEY="secret-token",
            )
            assert nobody in line
            assert "secret-token" not in line


@pytest.mark.studio
def test_a_wrong_token(studio: object, tmp_path: Path) -> None:
    corpus(tmp_path / "c", None)
    url = studio.url  # type: ignore[attr-defined]
    for args in (["push", "c", "--model", "none"], ["pull", "--out", "c"]):
        line = fails(
            *args, "--project", "Some pages", cwd=tmp_path, LABEL_STUDIO_URL=url, LABEL_STUDIO_API_KEY="0" * 40
        )
        assert "token" in line
        assert "0" * 40 not in line


@pytest.mark.studio
def test_a_project_that_is_not_there(studio: object, tmp_path: Path) -> None:
    told = {"LABEL_STUDIO_URL": studio.url, "LABEL_STUDIO_API_KEY": studio.token}  # type: ignore[attr-defined]
    assert "no project 'Not there'" in fails("pull", "--project", "Not there", "--out", "c", cwd=tmp_path, **told)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 512) as folder:
        yield folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_full_disk_loses_nothing(tiny_disk: Path, model: Path, tmp_path: Path) -> None:
    corpus(tmp_path / "c", ["article", "form"])
    (tmp_path / "good.html").write_text(GOOD * 300)
    (tiny_disk / "out.jsonl").write_text("what was there\n")
    (tiny_disk / "report.html").write_text("what was there\n")
    fill(tiny_disk)
    before = contents(tiny_disk)
    for args in (
        ["segment", "good.html", "--out", str(tiny_disk / "out.jsonl"), "--force"],
        ["classify", "good.html", "--model", str(model), "--out", str(tiny_disk / "out.jsonl"), "--force"],
        ["train", "c", "--out", str(tiny_disk / "m")],
    ):
        assert "No space left" in fails(*args, cwd=tmp_path)
    # The figures are there all the same; only the report could not be written.
    ran = run("evaluate", "c", "--model", str(model), "--out", str(tiny_disk / "report.html"), "--force", cwd=tmp_path)
    assert (ran.returncode, "No space left" in ran.stderr) == (1, True)
    assert contents(tiny_disk) == before


def test_a_limit_on_file_sizes_loses_nothing(model: Path, tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(GOOD * 300)
    (tmp_path / "out.jsonl").write_text("what was there\n")
    for args in (["segment"], ["classify", "--model", str(model)]):
        line = fails(*args, "good.html", "--out", "out.jsonl", "--force", cwd=tmp_path, limit=8)
        assert "cannot write out.jsonl" in line
        assert (tmp_path / "out.jsonl").read_text() == "what was there\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.html", "out.jsonl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_standard_output(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(GOOD)
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "toolkit.cli", "segment", "good.html"],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr == "pageblocks: the disk is full; free some space and run it again\n"


@pytest.mark.parametrize(
    "command",
    [
        ["split", "c"], ["export", "c", "--out", "o.csv", "--format", "csv"], ["doubts", "c", "--kind", "guideline"],
        ["train", "c", "--out", "m"], ["evaluate", "c"], ["card", "c"],
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_a_page_file_that_was_cut_off_is_named(command: list[str], tmp_path: Path) -> None:
    corpus(tmp_path / "c", ["article", "form"])
    path = tmp_path / "c/pages/p3.html.gz"
    path.write_bytes(path.read_bytes()[:-20])
    assert "p3.html.gz: broken gzip" in fails(*command, cwd=tmp_path)


def test_a_page_file_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    corpus(tmp_path / "c", None)
    (tmp_path / "c/pages/p3.html.gz").write_bytes(gzip.compress(b"<p>ahoy" * (5 << 20)))
    assert "p3.html.gz: larger than 32 MiB" in fails("split", "c", cwd=tmp_path)


@pytest.mark.parametrize("line", ["[]", "7", "null", '"ahoy"', "true", "[" * 200_000])
def test_a_line_that_is_no_object_is_the_file_s_fault(line: str, tmp_path: Path) -> None:
    made = corpus(tmp_path / "c", ["article", "form"])
    (tmp_path / "gold.jsonl").write_text(f"{line}\n")
    assert "gold.jsonl:1: not " in fails("import", "gold.jsonl", "--out", "o", cwd=tmp_path)
    assert "gold.jsonl:1: not " in fails("import", "gold.jsonl", "--format", "spacy", "--out", "o", cwd=tmp_path)
    for name in ("pages.jsonl", "gold.jsonl"):
        whole = (made / name).read_text()
        (made / name).write_text(f"{whole}{line}\n")
        assert f"{name}:7: not " in fails("evaluate", "c", cwd=tmp_path)
        (made / name).write_text(whole)
    assert not (tmp_path / "o").exists()


WRONG_COLUMNS = {'{"body": "<p>The tide turns"}': "no column 'html' or 'text'", '{"html": 7}': "holds int, not a page"}


@pytest.mark.parametrize("row", WRONG_COLUMNS)
def test_a_wrong_column_is_told_once(model: Path, tmp_path: Path, row: str) -> None:
    (tmp_path / "rows.jsonl").write_text(f"{row}\n" * 40)
    ran = run("classify", "rows.jsonl", "--model", str(model), cwd=tmp_path)
    first, rest = ran.stderr.splitlines()
    assert first.startswith("pageblocks: rows.jsonl:1: ")
    assert WRONG_COLUMNS[row] in first
    assert rest == "pageblocks: rows.jsonl: the same problem in 39 more rows"
    assert ran.returncode == 1


def test_import_says_of_a_missing_file_that_it_is_missing(tmp_path: Path) -> None:
    assert "scan.pdf: no such file" in fails("import", "scan.pdf", "--out", "o", cwd=tmp_path)


def test_a_source_is_never_overwritten_and_a_name_keeps_its_word(model: Path, tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(GOOD)
    (tmp_path / "good").write_text(GOOD)
    for command in (["segment"], ["classify", "--model", str(model)]):
        assert "not html" in fails(*command, "good.html", "--out", "good.html", "--force", cwd=tmp_path)
        assert "for Parquet use --out FOLDER/" in fails(*command, "good.html", "--out", "e.parquet", cwd=tmp_path)
    assert "would be overwritten" in fails("segment", "good", "--out", "good", "--force", cwd=tmp_path)
    assert (tmp_path / "good").read_text() == (tmp_path / "good.html").read_text() == GOOD
    corpus(tmp_path / "c", ["article", "form"])
    assert "the output is a folder" in fails("export", "c", "--out", "e.parquet", cwd=tmp_path)
    ran = run("classify", "good.html", "--format", "csv", cwd=tmp_path)
    assert ran.returncode == 2
    assert "Invalid value for '--format' / '-f': 'csv' is not one of" in ran.stderr

"""The command line from outside: every command's help and examples, what goes to stdout and stderr, exit statuses."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

import toolkit
from toolkit.cli import app
from toolkit.corpus.folder import Corpus
from toolkit.standoff import write_annotations

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html><title>Ferry timetable</title><nav><a href=/>Home</a> <a href=/news>News</a></nav>
<main><h1>The night ferry sails again</h1><p>By Ida Lunde</p><p>After two winters at the quay the night ferry left the
harbour
on Monday with four hundred people on board, a brass band and the mayor, who had promised as much in spring.</p>
<figure><img src=a.jpg><figcaption>The ferry at the quay. Photo: Ida Lunde</figcaption></figure></main>
<p>Support our reporting: become a member</p>
<form><label>E-mail</label><input placeholder="you@example.org"><button>Sign up</button></form>
<footer>Imprint</footer>"""
HOSTILE = (
    "<p>[bold red]markup[/bold red] :smile: \x1b]0;title\x07\x1b[31mred \u202eturned\u202c &#27;[2J</p><p>plain</p>"
)


def pageblocks(*args: str, cwd: Path = ROOT, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "toolkit.cli", *args],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), **env},
    )
    return subprocess.CompletedProcess(ran.args, ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group with the words that call it."""
    group = group or typer.main.get_command(app)
    yield path, group
    for name, command in sorted(getattr(group, "commands", {}).items()):
        yield from commands(command, (*path, name))


ALL = dict(commands())
LEAVES = [path for path, command in ALL.items() if not hasattr(command, "commands")]


def examples_of(path: tuple[str, ...]) -> list[str]:
    _, _, tail = (ALL[path].epilog or "").partition("Examples:")
    return [line.strip() for line in tail.splitlines() if line.strip()]


def test_the_commands_that_the_manual_promises_are_there() -> None:
    groups = {"studio start", "studio stop", "studio status", "scheme show", "scheme check"}
    promised = {
        "segment",
        "classify",
        "train",
        "evaluate",
        "agree",
        "push",
        "pull",
        "import",
        "demo",
        "doubts",
        "next",
    } | groups
    assert {" ".join(path) for path in LEAVES} >= promised


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_explains_and_ends_with_examples(path: tuple[str, ...]) -> None:
    assert (ALL[path].help or "").strip(), "no docstring"
    found = examples_of(path)
    assert found
    assert all(line.startswith(("pageblocks ", "cat ")) for line in found)
    assert all(f"pageblocks {' '.join(path)}".strip() in line for line in found)
    shown = pageblocks(*path, "--help", COLUMNS="120")
    assert shown.returncode == 0
    assert not shown.stderr
    # Every line as it was written: no rewrapping, nothing after it.
    assert [line.strip() for line in shown.stdout.rstrip().splitlines()][-len(found) :] == found
    for option in (p for p in ALL[path].params if p.name not in ("install_completion", "show_completion")):
        assert getattr(option, "help", None), f"{option.name} has no help"


def some_of_the_sample(folder: Path, pages: int = 8) -> None:
    """Short pages with many labels, each of another site: enough to learn from, and quick."""
    sample = ROOT / "corpora/sample"
    rows = {row["id"]: row for row in map(json.loads, (sample / "pages.jsonl").read_text().splitlines())}
    gold = [json.loads(line) for line in (sample / "gold.jsonl").read_text().splitlines()]
    gold.sort(key=lambda page: (len({run[2] for run in page["labels"]}) < 4, len(page["labels"])))
    by_site: dict[str, str] = {}
    for page in gold:
        by_site.setdefault(page["url"].split("/")[2] if page["url"] else page["page"], page["page"])
    chosen = list(by_site.values())[:pages]
    (folder / "annotations").mkdir(parents=True)
    for id in chosen:
        (folder / rows[id]["file"]).parent.mkdir(exist_ok=True)
        shutil.copyfile(sample / rows[id]["file"], folder / rows[id]["file"])
    (folder / "pages.jsonl").write_text("".join(json.dumps(rows[id]) + "\n" for id in chosen))
    for name in ("gold.jsonl", "annotations/ada.jsonl", "annotations/ben.jsonl"):
        lines = (sample / name).read_text().splitlines(keepends=True)
        (folder / name).write_text("".join(line for line in lines if json.loads(line)["page"] in chosen))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the examples make sense."""
    folder = tmp_path_factory.mktemp("workspace")
    some_of_the_sample(folder / "corpora/sample")
    shutil.copytree(folder / "corpora/sample", folder / "corpora/mine")
    (folder / "corpora/mine/gold.jsonl").unlink()
    shutil.copytree(ROOT / "labels", folder / "labels")
    second = (
        (ROOT / "labels/web-page.toml")
        .read_text()
        .replace('"sidebar"', '"frame"')
        .replace('version = "1"', 'version = "2"')
    )
    second += '\n[[labels]]\nname = "data"\ndefinition = "Tables."\ncolor = "#A06000"\n'
    (folder / "labels/web-page-2.toml").write_text(second)
    (folder / "pages").mkdir()
    for name in ("page.html", "pages/one.html", "pages/two.htm"):
        (folder / name).write_text(PAGE)
    (folder / "page.txt.gz").write_bytes(
        gzip.compress(b"The night ferry sails again\n\nBy Ida Lunde\n\nIt left on Monday.\n")
    )
    (folder / "gold").mkdir()
    (folder / "gold/page.html").write_text(PAGE)
    row = {"id": "page", "html": "page.html", "blocks": [{"text": "The night ferry sails again", "label": "article"}]}
    (folder / "gold/open.jsonl").write_text(json.dumps(row) + "\n")
    for name in ("ada", "ben"):  # the same pages, as two people download them
        text = (ROOT / "docs/pageblocks-ada.jsonl").read_text("utf-8")
        (folder / f"pageblocks-{name}.jsonl").write_text(text.replace('"annotator":"ada"', f'"annotator":"{name}"'))
    pages = (folder / "corpora/sample/pages.jsonl").read_text().splitlines()
    (folder / "review.jsonl").write_text(json.dumps({"page": json.loads(pages[0])["id"], "block": 0}) + "\n")
    a_mirror(folder)
    ran = pageblocks("export", "corpora/sample", "--format", "label-studio", "--out", "gold/tasks.json", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    assert pageblocks("train", "corpora/sample", "--out", "models/mine", cwd=folder).returncode == 0
    for month in ("april", "may"):
        ran = pageblocks("classify", "pages/", "--out", f"labelled-{month}/", "--jobs", "1", cwd=folder)
        assert ran.returncode == 0, ran.stderr
    ran = pageblocks("experiment", "run", "default", "learning-curve", "--mirror", "corpora/mirror", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    return folder


def a_mirror(folder: Path) -> None:
    """A small public corpus, as its recipe wants it: the HTML pages of the sample, their articles as main content."""
    corpus = Corpus.open(folder / "corpora/sample")
    html = folder / "corpora/mirror/web/html"
    html.mkdir(parents=True)
    rows = []
    for blocks, labels in zip(*corpus.read_labelled(), strict=True):
        page = blocks.page
        if page.format == "html":
            (html / f"{page.id}.html.gz").write_bytes(gzip.compress(page.content))
            story = "\n".join(text for text, label in zip(blocks.text, labels, strict=True) if label == "article")
            rows.append({"id": page.id, "url": page.url, "main_content": story})
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (html.parent / "pages.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    listed = {row["id"] for row in rows}
    facts = {"name": "web", "title": "Web", "license": "mit", "credit": "Nobody", "homepage": "", "commit": "abc1234"}
    facts |= {"archive": "https://web.example/a.tar.gz", "reader": "wcxb", "use": "train"}
    (folder / "corpora/web.toml").write_text("".join(f'{key} = "{value}"\n' for key, value in facts.items()))
    (folder / "experiments").mkdir()
    write_annotations(folder / "experiments/gold.jsonl", [gold for id, gold in corpus.gold().items() if id in listed])
    known = 'title = "small"\ngold = ["gold.jsonl"]\ncorpora = ["web"]\ncontent = ["web"]\n'
    tiny = "folds = 2\ncv = 2\nmembers = 1\nhidden = 8\nepochs = 2\n"
    (folder / "experiments/default.toml").write_text(known + tiny)
    own = 'title = "small"\ncorpus = "../corpora/sample"\n' + tiny
    (folder / "experiments/sample.toml").write_text(own + "[grid]\nmembers = [1]\n")
    curve = 'base = "default.toml"\ntitle = "c"\ncontent = []\n[grid]\nshare = [0.5, 1.0]\n'
    (folder / "experiments/learning-curve.toml").write_text(curve)


LOCAL = [
    line for path in LEAVES if path[0] not in ("studio", "push", "pull", "demo", "serve") for line in examples_of(path)
]
# These send something, though their commands work without a server.
SERVED = [line for line in LOCAL if re.search(" --(push|project)", line)]
# What is fetched from far away is tried with a server of the tests' own in tests/public.
FAR = [
    line for line in LOCAL if line.startswith("pageblocks corpus fetch") and not re.search("--dry-run|--mirror", line)
]
# One that waits for keys is tried on a terminal in test_ask.
LOCAL = [line for line in LOCAL if line not in SERVED + FAR and " --ask" not in line]


@pytest.mark.parametrize("line", LOCAL)
def test_examples_work(line: str, workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path / "w")
    if line.startswith("pageblocks train") and "--force" not in line:
        shutil.rmtree(tmp_path / "w/models")
    run_line(line, tmp_path / "w")


@pytest.mark.studio
def test_examples_with_a_server_work(workspace: Path, studio_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace, tmp_path / "w")
    studio_folder.rename(tmp_path / "w/.studio")
    try:
        for path in (("studio", "start"), ("studio", "status"), ("push",), ("pull",), ("studio", "stop")):
            lines = examples_of(path)
            for line in sorted(lines, key=lambda text: "--dry-run" in text):
                run_line(line, tmp_path / "w")
            if path == ("pull",):
                for line in [*SERVED, *examples_of(("studio", "backup")), *examples_of(("studio", "restore"))]:
                    run_line(line, tmp_path / "w")
    finally:
        pageblocks("studio", "stop", cwd=tmp_path / "w")
    assert pageblocks("studio", "status", cwd=tmp_path / "w").returncode == 1


def run_line(line: str, cwd: Path) -> None:
    command = line.replace("pageblocks ", f"{shlex.quote(sys.executable)} -m toolkit.cli ", 1)
    ran = subprocess.run(
        ["bash", "-c", command], cwd=cwd, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
    assert "Traceback" not in ran.stderr


def test_version() -> None:
    assert pageblocks("--version").stdout == f"pageblocks {toolkit.__version__}\n"


@pytest.mark.parametrize(
    "args", [["segment"], ["nonsense"], ["segment", "--nonsense"], ["classify", "x.html", "--format", "pdf"]]
)
def test_wrong_use_is_status_2(args: list[str]) -> None:
    ran = pageblocks(*args)
    assert ran.returncode == 2
    assert not ran.stdout
    assert "Traceback" not in ran.stderr


def test_completion_knows_the_commands_and_makes_a_script() -> None:
    ran = pageblocks(_PAGEBLOCKS_COMPLETE="complete_bash", COMP_WORDS="pageblocks cla", COMP_CWORD="1")
    assert ran.stdout.split() == ["classify"]
    ran = pageblocks(_PAGEBLOCKS_COMPLETE="complete_bash", COMP_WORDS="pageblocks studio st", COMP_CWORD="2")
    assert set(ran.stdout.split()) == {"start", "stop", "status"}
    assert "_PAGEBLOCKS_COMPLETE" in pageblocks(_PAGEBLOCKS_COMPLETE="source_zsh").stdout


def test_segment_prints_one_object_a_page(workspace: Path) -> None:
    ran = pageblocks("segment", "page.html", "pages", "page.txt.gz", cwd=workspace)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["page", "one", "two", "page"]
    assert not ran.stderr
    assert rows[0]["title"] == "Ferry timetable"
    texts = [block["text"] for block in rows[0]["blocks"]]
    assert "The night ferry sails again" in texts
    assert len({block["id"] for block in rows[0]["blocks"]}) == len(texts)


def test_segment_reads_standard_input() -> None:
    assert "The night ferry sails again" in pageblocks(
        "segment", "-", "--format", "text", stdin=PAGE.encode()
    ).stdout.split("\n\n")


def test_classify_prints_what_the_manual_says(workspace: Path) -> None:
    ran = pageblocks("classify", "page.html", "--model", "models/mine", cwd=workspace)
    (row,) = [json.loads(line) for line in ran.stdout.splitlines()]
    assert list(row) == ["id", "source", "url", "title", "note", "blocks"]
    assert (row["id"], row["source"]) == ("page", "page.html")
    for block in row["blocks"]:
        assert list(block) == ["id", "text", "tag", "hidden", "label", "probabilities"]
        assert set(block["probabilities"]) == {"article", "caption", "appeal", "form", "sidebar"}
        assert block["probabilities"][block["label"]] == max(block["probabilities"].values())
        assert sum(block["probabilities"].values()) == pytest.approx(1, abs=0.001)


def test_classify_keeps_the_wanted_text_only(workspace: Path) -> None:
    rows = json.loads(pageblocks("classify", "page.html", "--model", "models/mine", cwd=workspace).stdout)["blocks"]
    ran = pageblocks(
        "classify", "page.html", "-m", "models/mine", "-f", "text", "-k", "article", "-k", "form", cwd=workspace
    )
    assert ran.stdout == "\n\n".join(row["text"] for row in rows if row["label"] in ("article", "form")) + "\n"


def test_classify_writes_markdown(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<h1>The night ferry sails again</h1><p># It left on Monday.<p hidden>It left the quay on Friday.")
    keep = [word for label in ("article", "caption", "appeal", "form", "sidebar") for word in ("--keep", label)]
    text = ["classify", "page.html", "--format", "markdown"]
    ran = pageblocks(*text, "--visible", "--links", *keep, "--out", "page.md", cwd=tmp_path)
    assert not ran.returncode, ran.stderr
    assert (tmp_path / "page.md").read_text() == "# The night ferry sails again\n\n\\# It left on Monday.\n"
    assert "on Friday" in pageblocks(*text, *keep, cwd=tmp_path).stdout
    for wrong, why in (
        (["--visible"], "--visible needs --format text or markdown"),
        (["--links", "--format", "text"], "--links needs --format markdown"),
        (["--clean", "markdown"], "--clean needs a folder"),
        (["--links", "--out", "folder/"], "do not work with a folder"),
    ):
        ran = pageblocks("classify", "page.html", *wrong, cwd=tmp_path)
        assert ran.returncode == 1
        assert why in ran.stderr
    ran = pageblocks("classify", "page.html", *keep, "--clean", "markdown", "--out", "folder/", cwd=tmp_path)
    assert not ran.returncode, ran.stderr


def test_classify_takes_the_default_model(workspace: Path) -> None:
    row = json.loads(pageblocks("classify", "page.html", cwd=workspace).stdout)
    assert {block["text"]: block["label"] for block in row["blocks"]}["The night ferry sails again"] == "article"


def test_out_is_written_whole_and_overwritten_only_by_force(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "blocks.jsonl"
    page = str(workspace / "page.html")
    assert pageblocks("segment", page, "--out", str(out)).stdout == ""
    first = out.read_text()
    assert json.loads(first)["id"] == "page"
    ran = pageblocks("segment", page, page, "--out", str(out))
    assert ran.returncode == 1
    assert "--force" in ran.stderr
    assert out.read_text() == first
    assert pageblocks("segment", page, page, "--out", str(out), "--force").returncode == 0
    assert out.read_text() == first * 2
    assert [path.name for path in tmp_path.iterdir()] == ["blocks.jsonl"]


def on_terminal(*args: str, cwd: Path) -> str:
    """What a command writes to a terminal."""
    shown = bytearray()

    def read(fd: int) -> bytes:
        data = os.read(fd, 65536)
        shown.extend(data)
        return b""

    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.environ |= {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "120"}
        os.execv(sys.executable, [sys.executable, "-m", "toolkit.cli", *args])
    try:
        while True:
            read(fd)
    except OSError:
        pass
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown.decode()
    return shown.decode()


@pytest.mark.parametrize("command", [["segment"], ["classify", "--model", "models/mine"]], ids=["segment", "classify"])
def test_page_text_cannot_speak_to_the_terminal(command: list[str], workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    page.write_text(HOSTILE)
    shown = on_terminal(*command, str(page), cwd=workspace)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert "[bold red]markup[/bold red] :smile:" in plain  # text, not markup
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", plain)  # nothing but colours was sent
    assert "\x1b[31mred" not in shown


def test_terminal_gets_the_colours_of_the_scheme(workspace: Path) -> None:
    from toolkit.scheme import Scheme

    red, green, blue = (int(Scheme.default().color("article")[i : i + 2], 16) for i in (1, 3, 5))
    shown = on_terminal("classify", "page.html", cwd=workspace)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert re.search(r"article .*The night ferry sails again", plain)
    assert "\x1b[" in shown
    os.environ.pop("NO_COLOR", None)
    assert f"48;2;{red};{green};{blue}" in shown or "48;5;" in shown


def test_a_closed_pipe_ends_without_a_word(workspace: Path) -> None:
    pages = " ".join(["page.html"] * 300)
    ran = subprocess.run(
        ["bash", "-c", f"{shlex.quote(sys.executable)} -m toolkit.cli segment {pages} | head -1"],
        cwd=workspace, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert json.loads(ran.stdout)["id"] == "page"
    assert ran.stderr == ""


def test_ctrl_c_ends_in_one_line(workspace: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "toolkit.cli", "segment", "page.html", "-"],
        cwd=workspace, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        # A test run in the background ignores Ctrl-C, and its children would, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    assert json.loads(process.stdout.readline())["id"] == "page"  # now it waits for the second page
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert process.stderr.read().decode().splitlines() in ([], ["pageblocks: stopped"])
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


def test_debug_shows_where_it_came_from() -> None:
    assert "Traceback" in pageblocks("segment", "x.html", "--out", "/proc/nowhere/x", PAGEBLOCKS_DEBUG="1").stderr


def test_scheme_show_is_the_one_file(workspace: Path) -> None:
    ran = pageblocks("scheme", "show", "--format", "json")
    assert [label["name"] for label in json.loads(ran.stdout)["labels"]] == [
        "article",
        "caption",
        "appeal",
        "form",
        "sidebar",
    ]
    assert '<Label value="article"' in pageblocks("scheme", "show", "--format", "xml").stdout


def test_scheme_check_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text('name = "s"\nversion = "1"\nlabel = []\n')
    ran = pageblocks("scheme", "check", str(tmp_path / "s.toml"))
    assert ran.returncode == 1
    assert "unknown key label" in ran.stdout


def test_evaluate_speaks_json_and_writes_the_report(workspace: Path, tmp_path: Path) -> None:
    ran = pageblocks(
        "evaluate",
        "corpora/sample",
        "--model",
        "models/mine",
        "--json",
        "--out",
        str(tmp_path / "r.html"),
        cwd=workspace,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["pages"] == 8
    # Scored on its own training pages: a model that learned anything is far better than chance there.
    assert found["figures"]["macro_f1"]["value"] > 0.8
    assert "<html" in (tmp_path / "r.html").read_text()


def test_import_reattaches_other_people_s_blocks(workspace: Path, tmp_path: Path) -> None:
    ran = pageblocks("import", "gold/open.jsonl", "--out", str(tmp_path / "c"), cwd=workspace)
    assert ran.returncode == 0
    assert "1 labelled text, 0 of them match no block" in ran.stderr
    (gold,) = [json.loads(line) for line in (tmp_path / "c/gold.jsonl").read_text().splitlines()]
    assert [run[2] for run in gold["labels"]] == ["article"]
    assert "ferry" not in (tmp_path / "c/gold.jsonl").read_text()


def test_agree_makes_gold_where_the_majority_is_clear(workspace: Path, tmp_path: Path) -> None:
    shutil.copytree(workspace / "corpora/mine", tmp_path / "mine")
    ran = pageblocks("agree", str(tmp_path / "mine"), "--gold", "--adjudicator", "nobody")
    assert (ran.returncode, (tmp_path / "mine/gold.jsonl").exists()) == (1, False)
    assert "ada, ben" in ran.stderr
    assert pageblocks("agree", str(tmp_path / "mine"), "--gold").returncode == 0
    assert len((tmp_path / "mine/gold.jsonl").read_text().splitlines()) == 8

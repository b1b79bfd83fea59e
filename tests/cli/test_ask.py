"""Doubtful labels worked through on a real terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import UsageError
from toolkit.labelling.annotations import make_gold
from toolkit.labelling.reviewer import Reviewer
from toolkit.page import Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import detach

ROOT = Path(__file__).parents[2]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Two pages of one site on which the same three texts have different labels."""
    html = b"<title>A \x1b[31m page</title><p>Story<p>Most read<p>Subscribe now please"
    made = create(tmp_path / "c", [(Page(id, id, html, url="http://a.example/"), {}) for id in ("p0", "p1")])
    gold = {"p0": ["article", "article", "appeal"], "p1": ["sidebar", "sidebar", "sidebar"]}
    said = [detach(segment(made.page(id)), labels, "gold", scheme=Scheme.default().id) for id, labels in gold.items()]
    save_gold(made.folder, said)
    return made


def on_a_terminal(corpus: Corpus, keys: str) -> str:
    """What `doubts --ask` shows to somebody who presses `keys`, each when the command waits for one."""
    words = [
        sys.executable,
        "-m",
        "toolkit.cli",
        "doubts",
        "c",
        "--kind",
        "contradiction",
        "--ask",
        "--annotator",
        "ada",
    ]
    ours, theirs = pty.openpty()
    env = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        words, cwd=corpus.folder.parent, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown, waiting, deadline = b"", list(keys), time.monotonic() + 300
    while process.poll() is None and time.monotonic() < deadline:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:
                break
        raw = not termios.tcgetattr(ours)[3] & termios.ICANON
        if raw and waiting and shown.count(b"quit") > len(keys) - len(waiting):
            os.write(ours, waiting.pop(0).encode())  # it reads single keys now
    os.close(ours)
    assert process.wait(30) == 0, shown
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_each_answer_is_a_review_at_once_and_the_next_run_goes_on(corpus: Corpus) -> None:
    shown = on_a_terminal(corpus, "2\r \x1b")  # label, keep, skip, quit
    assert "1 label changed, 1 kept, 4 left." in shown
    assert "\x1b[31m page" not in shown
    reviews = corpus.annotations()["ada"]
    assert all(one.review for one in reviews)
    assert "caption" in [run.label for one in reviews for run in one.labels]
    assert sum(len(one.labels) for one in reviews) == 2
    again = on_a_terminal(corpus, "\r\r\r\r")
    assert "2 blocks were answered by ada before." in again
    assert "0 labels changed, 4 kept, 0 left." in again
    assert sum(len(one.labels) for one in corpus.annotations()["ada"]) == 6
    made = {one.page: [run.label for run in one.labels] for one in make_gold(corpus).annotations}
    assert sum("caption" in labels for labels in made.values()) == 1


def test_without_a_terminal_it_is_refused_and_a_name_is_no_path(corpus: Corpus) -> None:
    words = [sys.executable, "-m", "toolkit.cli", "doubts", "c", "--ask", "--annotator", "ada"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=corpus.folder.parent, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, "needs a terminal" in done.stderr) == (1, True)
    for name in ("../x", "gold", ""):
        with pytest.raises(UsageError, match="cannot be the name of an annotator"):
            Reviewer(corpus, name, Scheme.default())
    assert not (corpus.folder / "annotations").exists()

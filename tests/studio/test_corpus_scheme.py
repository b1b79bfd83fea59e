"""A project, a corpus and a scheme file are of one scheme, in both directions."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.corpus.folder import Corpus, create
from toolkit.corpus.scheme import read_scheme, scheme_of
from toolkit.errors import PageblocksError
from toolkit.labelling.live.run import plan
from toolkit.labelling.review import push_review
from toolkit.labelling.sync import pull_corpus, push_corpus
from toolkit.page import Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import detach
from toolkit.studio.client import Client
from toolkit.studio.people import annotate
from toolkit.studio.projects import find_project
from toolkit.studio.server import Server

pytestmark = pytest.mark.studio
LABEL = {"definition": "It.", "color": "#A06000"}


def scheme(*names: str, version: str = "1") -> Scheme:
    return Scheme.model_validate({"name": "tides", "version": version, "labels": [{"name": n, **LABEL} for n in names]})


TIDES = scheme("ebb", "flood")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    pages = [
        Page(f"p{i}", "", f"<h1>Tide {i}</h1><p>It rises.</p>".encode(), url=f"http://s{i}.example/") for i in range(2)
    ]
    return create(tmp_path / "c", [(page, {}) for page in pages])


def test_push_and_pull_remember_the_scheme(client: Client, corpus: Corpus, tmp_path: Path) -> None:
    title = "Tides of a corpus"
    push_corpus(client, corpus, title, scheme=TIDES, dry_run=True, quiet=True)
    assert read_scheme(corpus.folder) is None
    assert push_corpus(client, corpus, title, scheme=TIDES, quiet=True).report.sent == 2
    assert read_scheme(corpus.folder) == TIDES
    assert push_corpus(client, corpus, title, quiet=True).report.present == 2  # --scheme need not be said again
    project = find_project(client, title)
    assert project is not None
    annotate(project, [detach(segment(page), ["ebb", "flood"], "ada", scheme=TIDES.id) for page in corpus.pages()])
    assert pull_corpus(client, title, corpus.folder, quiet=True).problems == []
    assert scheme_of(corpus.folder) == TIDES

    said = pull_corpus(client, title, tmp_path / "elsewhere", quiet=True).problems
    assert any("tides@1" in line and "--scheme FILE" in line for line in said)
    assert read_scheme(tmp_path / "elsewhere") is None
    with pytest.raises(PageblocksError, match="of the scheme tides@1, and without .*--scheme FILE"):
        scheme_of(tmp_path / "elsewhere")
    pull_corpus(client, title, tmp_path / "elsewhere", scheme=TIDES, quiet=True)
    assert scheme_of(tmp_path / "elsewhere") == TIDES


def test_a_project_of_another_scheme_is_refused(client: Client, corpus: Corpus, tmp_path: Path, studio: Server) -> None:
    title = "Tides of another version"
    push_corpus(client, corpus, title, scheme=TIDES, quiet=True)
    other = create(tmp_path / "other", [(page, {}) for page in corpus.pages()])
    newer = scheme("ebb", "flood", version="2")
    rows = [{"page": "p0"}]
    for dry in (True, False):
        with pytest.raises(
            PageblocksError, match=r"is of the scheme tides@1, not of tides@2; .*--scheme FILE.*scheme migrate"
        ):
            push_corpus(client, other, title, scheme=newer, dry_run=dry, quiet=True)
        with pytest.raises(
            PageblocksError, match=r"the labels ebb, flood, the scheme tides@1 has ebb, neap; .*--scheme FILE"
        ):
            push_corpus(client, other, title, scheme=scheme("ebb", "neap"), dry_run=dry, quiet=True)
        with pytest.raises(PageblocksError, match=r"the corpus is of the scheme tides@1, not of tides@2"):
            push_corpus(client, corpus, "Tides that nobody made", scheme=newer, dry_run=dry, quiet=True)
        with pytest.raises(PageblocksError, match=r"the corpus is of the scheme tides@1, not of tides@2"):
            push_review(client, corpus, "Tides that nobody made", scheme=newer, rows=rows, dry_run=dry, quiet=True)
    assert find_project(client, "Tides that nobody made") is None
    assert read_scheme(other.folder) is None
    push_corpus(client, other, "Tides of the web", scheme=Scheme.default(), quiet=True)
    for act in (
        lambda: pull_corpus(client, title, other.folder, quiet=True),
        lambda: plan(other.folder, title, folder=studio.folder),
    ):
        with pytest.raises(PageblocksError, match=r"is of tides@1 .* of web-page@1; .*--scheme FILE.*scheme migrate"):
            act()
    assert not (other.folder / "annotations").exists()


def test_pull_remembers_the_default_scheme(client: Client, corpus: Corpus) -> None:
    push_corpus(client, corpus, "Tides of the default scheme", quiet=True)
    assert read_scheme(corpus.folder) is None  # nobody has labelled, nor said which scheme it is
    pull_corpus(client, "Tides of the default scheme", corpus.folder, quiet=True)
    assert read_scheme(corpus.folder) == Scheme.default()

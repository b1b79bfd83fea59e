"""Our task file in a real Label Studio, imported by hand as people do, answered, exported, and brought back."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import BadScheme
from toolkit.exchange import export, import_corpus
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import attach, detach, write_annotations

LABELS = ["article", "appeal", "sidebar"]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    pages = [
        Page(
            f"p{number}",
            "",
            f"<h1>Ferry {number}</h1><p>Join us</p><p>Imprint</p>".encode(),
            "html",
            f"https://x.example/{number}",
        )
        for number in range(2)
    ]
    made = create(tmp_path / "corpus", [(page, {}) for page in pages])
    blocks = [segment(page) for page in pages]
    save_gold(
        made.folder, [detach(blocks[0], LABELS, "gold", scheme="web-page@1", created_at="2026-01-31T12:00:00+00:00")]
    )
    ada = [
        detach(page, LABELS[::-1], "ada", scheme="web-page@1", created_at="2026-01-30T12:00:00+00:00")
        for page in blocks
    ]
    ada[1].state, ada[1].labels = "skipped", []
    write_annotations(made.folder / "annotations/ada.jsonl", ada)
    return made


def test_gold_and_people_s_annotations_come_back_under_their_names(corpus: Corpus, tmp_path: Path) -> None:
    export(corpus, tmp_path / "tasks.json", "label-studio", all_pages=True)
    _, odd = import_corpus(tmp_path / "tasks.json", tmp_path / "back", "label-studio", pages=corpus)
    back = Corpus.open(tmp_path / "back")
    assert odd == []
    assert back.gold()["p0"].labels == corpus.gold()["p0"].labels
    assert back.annotations() == corpus.annotations()


def test_suggestions_of_a_model_with_other_labels_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    other: Any = SimpleNamespace(classes_=["story", "article"], version="blocks-1")
    with pytest.raises(BadScheme, match="the model blocks-1 has the labels story, the scheme web-page@1 has article"):
        export(corpus, tmp_path / "tasks.json", "label-studio", model=other)
    assert not (tmp_path / "tasks.json").exists()


def test_annotations_name_the_pages_of_the_new_corpus(corpus: Corpus, tmp_path: Path) -> None:
    export(corpus, tmp_path / "tasks.json", "label-studio", all_pages=True)
    text = (tmp_path / "tasks.json").read_text().replace('"p1"', '"news/p1"')
    (tmp_path / "tasks.json").write_text(text)
    import_corpus(tmp_path / "tasks.json", tmp_path / "back", "label-studio")
    back = Corpus.open(tmp_path / "back")
    assert {annotation.page for annotation in back.annotations()["ada"]} == set(back.rows)


def test_an_annotator_s_name_cannot_leave_the_folder(corpus: Corpus, tmp_path: Path) -> None:
    export(corpus, tmp_path / "tasks.json", "label-studio")
    text = (tmp_path / "tasks.json").read_text().replace('"ada"', '"../../evil"')
    (tmp_path / "tasks.json").write_text(text)
    import_corpus(tmp_path / "tasks.json", tmp_path / "deep/back", "label-studio")
    assert len(list((tmp_path / "deep/back/annotations").iterdir())) == 1
    assert not list(tmp_path.glob("**/evil*"))


@pytest.mark.studio
def test_a_server_takes_the_file_and_its_export_comes_back(
    corpus: Corpus, project: Any, client: Any, tmp_path: Path
) -> None:
    export(corpus, tmp_path / "tasks.json", "label-studio", all_pages=True)
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    done = client.request("POST", f"api/projects/{project.id}/import", what="import", body=tasks)
    assert (done["task_count"], done["annotation_count"]) == (2, 3)
    exported = client.raw(
        "GET",
        f"api/projects/{project.id}/export",
        what="export",
        params={"exportType": "JSON", "download_all_tasks": "true"},
    )
    (tmp_path / "exported.json").write_bytes(exported)
    import_corpus(tmp_path / "exported.json", tmp_path / "back", "label-studio", pages=corpus)
    back = Corpus.open(tmp_path / "back")
    assert set(back.rows) == {"p0", "p1"}
    assert attach(segment(back.page("p0")), back.gold()["p0"]) == LABELS
    # The server does not know ada: her answers are the importing user's now.
    ((_, answers),) = back.annotations().items()
    by_page = {answer.page: answer for answer in answers}
    assert by_page["p1"].state == "skipped"
    assert attach(segment(back.page("p0")), by_page["p0"]) == LABELS[::-1]

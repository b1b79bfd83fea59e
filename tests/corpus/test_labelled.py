"""Files of labelled pages with the pages in them: what people said becomes their annotations."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from toolkit.corpus.importing import import_gold
from toolkit.errors import PageblocksError
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import attach

HTML = "<h1>Færge</h1><p>It left on Monday.<p>Home".encode("cp1252")
SCHEME = {
    "name": "mine", "version": "2",
    "labels": [{"name": name, "definition": name, "color": "#2EA86E"} for name in ("story", "rest")],
}  # fmt: skip


def row(annotator: str = "ada", labels: tuple[str | None, ...] = ("story", None, "rest"), **more: Any) -> str:
    texts = ("Færge", "It left on Monday.", "Home")
    how = ("set", None, "accepted")
    blocks = [
        {"text": text, "label": label, "suggested": "rest"} | ({"how": by} if label and by else {})
        for text, label, by in zip(texts, labels, how, strict=True)
    ]
    made = {
        "id": "ferry", "url": "https://ferry.example/", "annotator": annotator, "blocks": blocks, "scheme": SCHEME,
        "content": base64.b64encode(gzip.compress(HTML)).decode(), "content_type": "text/html; charset=windows-1252",
        "sha256": Page("", "", HTML).sha256, "created_at": "2026-01-31T12:00:00+00:00", "suggested_by": "blocks-1",
    }  # fmt: skip
    return json.dumps(made | more) + "\n"


def write(path: Path, *rows: str) -> Path:
    path.write_text("".join(rows), "utf-8")
    return path


def test_two_people_make_one_corpus(tmp_path: Path) -> None:
    files = [
        write(tmp_path / "ada.jsonl", row()),
        write(tmp_path / "b.jsonl", row("../ben", ("rest", "rest", None), suggested_by="")),
    ]
    done = import_gold(files, tmp_path / "mine")
    assert (done.pages, done.blocks, done.unmatched) == (1, 3, 0)
    assert done.annotators["ada"] == {"pages": 1, "set": 1, "corrected": 1, "accepted": 1}
    corpus = done.corpus
    assert corpus.scheme().id == "mine@2"
    page = corpus.page("ferry")
    assert (page.content, page.url, page.encoding) == (HTML, "https://ferry.example/", "windows-1252")
    said = corpus.annotations()
    assert sorted(said) == ["__ben", "ada"]
    (ada,), (ben,) = said["ada"], said["__ben"]
    assert attach(segment(page), ada) == ["story", None, "rest"]
    assert attach(segment(page), ben) == ["rest", "rest", None]
    assert (ada.created_at, ada.suggested_by, ben.suggested_by, ben.annotator, ada.scheme) == (
        "2026-01-31T12:00:00+00:00", "blocks-1", "", "../ben", "mine@2",
    )  # fmt: skip
    assert not (corpus.folder / "gold.jsonl").exists()


WRONG = [
    ([row(content="§")], "no labelled page"),
    ([row(sha256="0" * 64)], "its hash differs"),
    ([row(), row()], "the page occurs twice"),
    ([row(), row("ben", content=base64.b64encode(b"<p>x").decode(), sha256="")], "another page has this id"),
    ([row(labels=("advert", None, None))], "unknown label 'advert'"),
    ([row(), row("ben", scheme=SCHEME | {"version": "3"})], "mine@3, not of mine@2"),
    ([row(scheme={"name": "x"})], "not a scheme"),
    ([row(id="../up")], "cannot be the id"),
]


@pytest.mark.parametrize(("rows", "why"), WRONG, ids=[why for _, why in WRONG])
def test_what_is_wrong_is_told_and_nothing_is_left(rows: list[str], why: str, tmp_path: Path) -> None:
    with pytest.raises(PageblocksError, match=why):
        import_gold(write(tmp_path / "rows.jsonl", *rows), tmp_path / "mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.jsonl"]

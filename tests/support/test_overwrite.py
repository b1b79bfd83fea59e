"""--force replaces what the same command made before, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from toolkit.cli.demonstration import demo
from toolkit.cli.output import writer
from toolkit.corpus.folder import Corpus, save_gold
from toolkit.corpus.importing import import_gold, import_pages
from toolkit.corpus.public import fetch_corpus
from toolkit.crawl import classify_crawl
from toolkit.errors import AlreadyExists, BadInput, PageblocksError, UsageError
from toolkit.exchange import export, import_corpus
from toolkit.model.store import refuse_foreign_model
from toolkit.segment import segment
from toolkit.standoff import detach
from toolkit.support.endings import refuse_ending
from toolkit.support.overwrite import RECORD, making

Make = Callable[[Path, bool], object]
_ENTRY = """
name = "coast"
title = "Pages of the coast"
license = "cc0-1.0"
credit = "nobody"
homepage = "https://coast.example"
commit = "0123abc"
archive = "https://coast.example/{commit}.tar.gz"
reader = "wcxb"
use = "train"
"""


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    for name in ("tide", "moon"):
        (tmp_path / f"{name}.html").write_text(f"<h1>The {name}</h1><p>It turns at six, and nobody waits for it.</p>")
    made = import_pages([tmp_path / "tide.html", tmp_path / "moon.html"], tmp_path / "corpus")
    save_gold(
        made.folder,
        [detach(segment(page), ["article", "article"], "gold", scheme="web-page@1") for page in made.pages()],
    )
    return made


def _imports(tmp_path: Path, corpus: Corpus) -> Make:
    return lambda out, force: import_pages([tmp_path / "tide.html"], out, force=force)


def _imports_gold(tmp_path: Path, corpus: Corpus) -> Make:
    row = {"id": "tide", "html": "tide.html", "blocks": [{"text": "The tide", "label": "article"}]}
    (tmp_path / "labelled.jsonl").write_text(json.dumps(row) + "\n")
    return lambda out, force: import_gold(tmp_path / "labelled.jsonl", out, force=force)


def _brings(tmp_path: Path, corpus: Corpus) -> Make:
    export(corpus, tmp_path / "rows.csv", "csv")
    return lambda out, force: import_corpus(tmp_path / "rows.csv", out, "csv", force=force)


def _exports(tmp_path: Path, corpus: Corpus) -> Make:
    return lambda out, force: export(corpus, out, "datasets", force=force)


def _fetches(tmp_path: Path, corpus: Corpus) -> Make:
    (tmp_path / "coast.toml").write_text(_ENTRY)
    (tmp_path / "mirror/coast").mkdir(parents=True)
    for name, raw in everything(corpus.folder).items():
        if name.startswith("pages"):
            (tmp_path / "mirror/coast" / name).parent.mkdir(exist_ok=True)
            (tmp_path / "mirror/coast" / name).write_bytes(raw)
    return lambda out, force: fetch_corpus(tmp_path / "coast.toml", out, tmp_path / "mirror", force=force)


MAKERS = [_imports, _imports_gold, _brings, _exports, _fetches]


@pytest.mark.parametrize("prepare", MAKERS)
def test_a_folder_is_made_once_and_replaced_by_force(
    prepare: Callable[[Path, Corpus], Make], tmp_path: Path, corpus: Corpus
) -> None:
    make, out = prepare(tmp_path, corpus), tmp_path / "out"
    out.mkdir()  # an empty folder is nothing
    make(out, False)
    before = everything(out)
    assert RECORD in before
    with pytest.raises(AlreadyExists, match=r"already exists; --force replaces what `pageblocks"):
        make(out, False)
    make(out, True)
    assert everything(out).keys() == before.keys()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("prepare", MAKERS)
def test_what_somebody_put_there_or_changed_is_refused(
    prepare: Callable[[Path, Corpus], Make], tmp_path: Path, corpus: Corpus
) -> None:
    make, out = prepare(tmp_path, corpus), tmp_path / "out"
    for name in ("note.txt", "annotations/ada.jsonl", "pages/drawing.svg"):
        make(out, (out / RECORD).exists())
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("a year of work")
        before = everything(out)
        with pytest.raises(AlreadyExists, match="did not make, or that were changed since"):
            make(out, True)
        assert everything(out) == before
        (out / name).unlink()
        if not any((out / name).parent.iterdir()):
            (out / name).parent.rmdir()
    made = next(path for path in sorted(out.rglob("*")) if path.suffix in (".gz", ".parquet"))
    made.write_bytes(made.read_bytes() + b"\0")
    with pytest.raises(AlreadyExists, match=made.name):
        make(out, True)


def test_another_command_and_a_folder_without_a_record_are_refused(tmp_path: Path, corpus: Corpus) -> None:
    with pytest.raises(AlreadyExists, match="`pageblocks export` did not make"):
        export(corpus, corpus.folder, "datasets", force=True)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "pages.jsonl").write_text("")
    with pytest.raises(AlreadyExists, match=r"did not make, .*pages\.jsonl"):
        import_pages([tmp_path / "tide.html"], mine, force=True)
    (tmp_path / "link").symlink_to(mine)
    with pytest.raises(PageblocksError, match="did not make"):
        import_pages([tmp_path / "tide.html"], tmp_path / "link", force=True)


def test_a_failure_leaves_the_folder_as_it_was(tmp_path: Path, corpus: Corpus) -> None:
    before = everything(corpus.folder)
    for stop in (KeyboardInterrupt, PageblocksError):
        with pytest.raises(stop), making(tmp_path / "new", "import"):
            raise stop
    assert not (tmp_path / "new").exists()
    (tmp_path / "noise.html").write_bytes(bytes(range(256)) * 40)
    for sources in (["noise.html"], ["tide.html", "tide.html"], ["missing.html"]):
        with pytest.raises(PageblocksError):
            import_pages([tmp_path / name for name in sources], tmp_path / "new", on_error=lambda _: None)
        assert not (tmp_path / "new").exists()
    assert everything(corpus.folder) == before


def test_no_file_of_a_corpus_is_overwritten_by_its_export(corpus: Corpus) -> None:
    for name in ("pages.jsonl", "gold.jsonl"):
        with pytest.raises(UsageError, match="would be overwritten"):
            export(corpus, corpus.folder / name, "spacy", force=True)
    export(corpus, corpus.folder / "spans.ndjson", "spacy")


def test_a_model_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    refuse_foreign_model(folder, False)
    (folder / "model.json").write_text('{"format": 2, "sha256": "0"}')
    (folder / "README.md").write_text("the card")
    refuse_foreign_model(folder, True)
    with pytest.raises(AlreadyExists, match="--force replaces the model"):
        refuse_foreign_model(folder, False)
    (folder / "thesis.tex").write_text("years")
    with pytest.raises(AlreadyExists, match=r"thesis\.tex"):
        refuse_foreign_model(folder, True)
    (folder / "thesis.tex").unlink()
    (folder / "model.json").write_text('{"layers": []}')
    with pytest.raises(AlreadyExists, match="other files than a model"):
        refuse_foreign_model(folder, True)


def test_shards_of_others_stay(tmp_path: Path, corpus: Corpus) -> None:
    page = str(tmp_path / "tide.html")
    mine = tmp_path / "mine/sea"
    mine.mkdir(parents=True)
    (mine / "measured.parquet").write_text("years of work")
    for force in (False, True):
        with pytest.raises(AlreadyExists, match="contains other files"):
            classify_crawl([page], mine.parent, force=force, jobs=1)
    assert everything(mine.parent) == {"sea/measured.parquet": b"years of work"}
    out = tmp_path / "labelled"
    classify_crawl([page], out, jobs=1)
    (out / "notes.txt").write_text("what I saw")
    classify_crawl([page], out, jobs=1)  # nothing is left to do, and nothing is removed
    assert (out / "notes.txt").exists()
    with pytest.raises(AlreadyExists, match=r"other files \(notes\.txt\)"):
        classify_crawl([page], out, force=True, jobs=1)
    (out / "notes.txt").unlink()
    assert classify_crawl([page], out, force=True, jobs=1).new_pages == 1


@pytest.mark.parametrize(
    ("name", "format", "good"),
    [
        ("e.parquet", "folder", False), ("e", "folder", True), ("corpus-2.1", "folder", True), ("one.csv", "jsonl",
        False),
        ("one.jsonl.gz", "jsonl", False), ("one.json", "jsonl", True), ("one", "jsonl", True), ("one.out", "text",
        True),
        ("one.JSONL", "csv", False), ("one.tsv", "csv", False), ("report.htm", "html", True), ("report.pdf", "html",
        False),
    ],
)  # fmt: skip
def test_a_name_does_not_contradict_what_is_written(name: str, format: str, good: bool) -> None:
    if good:
        refuse_ending(name, format)
    else:
        with pytest.raises(UsageError, match="the output is"):
            refuse_ending(name, format)


def test_a_text_of_the_folder_that_is_read_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/tide.txt").write_text("The tide turns.")
    out = tmp_path / "pages/tide.txt"
    with pytest.raises(UsageError, match="would be overwritten"), writer(out, True, "text", sources=[str(tmp_path)]):
        raise AssertionError("never reached")
    with writer(tmp_path / "new.txt", True, "text", sources=[str(tmp_path / "pages")]) as write:
        write("ahoy")
    assert (tmp_path / "pages/tide.txt").read_text() == "The tide turns."


def test_the_demo_makes_no_demo_of_somebody_s_corpus(tmp_path: Path, corpus: Corpus) -> None:
    before = everything(corpus.folder)
    with pytest.raises(BadInput, match="use another --folder"):
        demo(tmp_path, studio=tmp_path / "studio")
    assert everything(corpus.folder) == before

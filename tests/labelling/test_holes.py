"""A block without a label in the gold is learned from by nobody, counts in no figure, and is counted alike by every
command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.exchange.export import export
from toolkit.exchange.importing import import_corpus
from toolkit.exchange.rows import labelled_pages
from toolkit.labelling.doubts import broken, contradictions
from toolkit.model import BlockClassifier, fit_family
from toolkit.model.arrays import Targets
from toolkit.page import Blocks, Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import Annotation, Run, attach, detach, read_annotations, write_annotations
from toolkit.support.files import read_jsonl
from toolkit.train.curve import learning_curve
from toolkit.train.fit import cross_validate, evaluate_predictions, predict

BODY = (
    "<nav><a href=/>Home</a> <a href=/tides>Tides {i}</a></nav><h1>Ferry {i} sails again</h1>"
    "<p>The night ferry number {i} left the harbour on Monday, said the captain.</p><p>It was late, and islander {i} "
    "slept.</p>"
    "<div class=donate><p>Give money, reader {i}</p></div><p>Share</p>"
    "<form><input placeholder='Your mail {i}'></form><p>Share</p>"
)
LABELS = ["sidebar", "article", "article", "article", "appeal", "sidebar", "form", "sidebar"]
RUNNER = CliRunner()


def page(i: int) -> Page:
    return Page(f"p{i}", "", BODY.format(i=i).encode(), url=f"https://site{i}.example/a")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Two people, who part on the first "Share" of each page and on the third paragraph of every second one."""
    made = create(tmp_path / "c", ((page(i), {}) for i in range(6)))
    blocks = [segment(page(i)) for i in range(6)]
    assert {len(b) for b in blocks} == {len(LABELS)}
    for name in ("ada", "ben"):
        answers = []
        for i, b in enumerate(blocks):
            labels = list(LABELS)
            if name == "ben":
                labels[5] = "appeal"
                labels[3] = "caption" if i % 2 else "article"
            answers.append(detach(b, labels, name, scheme=Scheme.default().id, created_at="2026-01-01T00:00:00+00:00"))
        write_annotations(made.folder / f"annotations/{name}.jsonl", answers)
    return made


def said(*words: str) -> str:
    done = RUNNER.invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_all_commands_count_the_same_blocks(corpus: Corpus, tmp_path: Path) -> None:
    folder, blocks, labelled = str(corpus.folder), 48, 39
    out = said("agree", folder, "--gold")
    assert "39 agreed, 9 disputed and left out" in out
    assert f"{labelled} of {blocks} blocks" in out
    rows = list(read_jsonl(corpus.folder / "gold.jsonl"))
    assert sum(len(row["labels"]) for row in rows) == labelled
    labels = corpus.read_labelled()[1]
    assert sum(label is not None for answers in labels for label in answers) == labelled
    out = said("export", folder, "--out", str(tmp_path / "x.csv"), "--format", "csv")
    assert f"48 blocks, {labelled} of them labelled" in out
    out = said("train", folder, "--out", str(tmp_path / "m"))
    assert f"{labelled} labelled blocks" in out
    assert "9 of 48 blocks have no label" in out
    assert json.loads((tmp_path / "m/model.json").read_text())["blocks"] == labelled
    out = said("evaluate", folder, "--model", str(tmp_path / "m"), "--json")
    assert json.loads(out[out.index("{") :])["blocks"] == labelled
    assert "labelled blocks: 39" in said("card", folder)
    assert "of 39 labelled blocks" in said("doubts", folder, "--kind", "guideline")


def test_training_does_not_see_the_labels_of_holes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What each stage is fitted on: rows of labelled blocks alone; their neighbours stay in what the blocks look
    like.
    """
    pages = [segment(page(i)) for i in range(6)]
    whole = [list(LABELS) for _ in pages]
    masked: list[list[str | None]] = [[None if k in (3, 5) else label for k, label in enumerate(LABELS)] for _ in pages]
    rows: dict[str, list[int]] = {"fit_linear": [], "fit_network": []}

    def spy(name: str) -> Callable[..., object]:
        real = getattr(fit_family, name)

        def counted(*given: object, **more: object) -> object:
            learned = given[2]  # label numbers, or what is known of all blocks
            rows[name].append(int((learned.weights > 0).sum()) if isinstance(learned, Targets) else len(learned))  # type: ignore[arg-type]
            return real(*given, **more)

        return counted

    for name in ("fit_linear", "fit_network"):
        monkeypatch.setattr(fit_family, name, spy(name))
    settings = BlockClassifier(folds=2, members=1, epochs=2, dumps=0)
    model = settings.fit(pages, masked)
    assert max(rows["fit_linear"]) == 6 * 6
    assert rows["fit_network"] == [6 * 6]
    assert model.facts_["blocks"] == 36
    assert {len(p) for p in model.predict(pages)} == {8}  # holes are answered as any block
    assert set(model.classes_) == {"article", "appeal", "form", "sidebar"}
    # Whatever word stands in a hole changes nothing: not the weights, not the score.
    other = BlockClassifier(folds=2, members=1, epochs=2, dumps=0).fit(pages, masked)
    assert other.version == model.version
    assert model.score(pages, masked) == np.mean(
        [
            a == b
            for x, y in zip(model.predict(pages), masked, strict=True)
            for a, b in zip(x, y, strict=True)
            if b is not None
        ]
    )
    assert BlockClassifier(folds=2, members=1, epochs=2, dumps=0).fit(pages, whole).version != model.version
    with_text = BlockClassifier(folds=2, members=1, epochs=2, dumps=2).fit(pages, masked)
    assert set(with_text.families_) == {"html", "text"}
    assert with_text.fit(pages, masked, init=model).facts_["blocks"] == 36


def test_scores_and_folds_leave_holes_out() -> None:
    pages = [segment(page(i)) for i in range(6)]
    masked: list[list[str | None]] = [[None if k in (3, 5) else label for k, label in enumerate(LABELS)] for _ in pages]
    model = BlockClassifier(folds=2, members=1, epochs=2, dumps=0)
    found = cross_validate(pages, [*masked[:5], [None] * 8], folds=3, model=model)
    assert [len(p) for p in found.predicted] == [8] * 6  # also of a page without any label
    scores, floor = evaluate_predictions(found)
    assert (scores.blocks, floor.blocks, sum(map(sum, scores.confusion))) == (30, 30, 30)
    assert scores.pages == 5
    model.fit(pages, masked)
    wrong = [["form" if label is None else label for label in answers] for answers in model.predict(pages)]
    right = predict(model, pages, [[a if m is not None else None for a, m in zip(x, y, strict=True)] for x, y in zip(wrong, masked, strict=True)])  # fmt: skip  # noqa: E501
    assert evaluate_predictions(right)[0].figures["accuracy"].value == 1
    curve = learning_curve(pages, [*masked[:5], [None] * 8], folds=2, model=model)
    assert curve.pages == 5


def test_doubts_say_nothing_of_holes() -> None:
    blocks = segment(
        Page("p", "p", b"<p>Share<p>A story of the sea<p>Share<p>*<p>The end of it", url="https://a.example")
    )
    assert contradictions([blocks], [["sidebar", "article", None, None, "article"]]) == []
    assert broken([blocks], [[None, "article", None, None, "article"]], Scheme.default().names) == []
    assert (
        broken([blocks], [[None, "article", None, "form", None]], Scheme.default().names) == []
    )  # its neighbour may be form
    assert [
        d.block for d in broken([blocks], [["article", "article", None, None, "article"]], Scheme.default().names)
    ] == [0]


@pytest.mark.parametrize("format", ["label-studio", "spacy", "textcat", "csv", "parquet", "datasets"])
@pytest.mark.parametrize("originals", [True, False])
def test_holes_stay_in_every_format(corpus: Corpus, tmp_path: Path, format: str, originals: bool) -> None:
    said("agree", str(corpus.folder), "--gold")
    out = tmp_path / "exported"
    done = export(corpus, out, format)
    assert (done.blocks, done.labelled) == (48, 39)
    back, _ = import_corpus(out, tmp_path / "back", format, pages=corpus if originals else None)
    found = {p.blocks.page.id: list(zip(p.blocks.text, p.labels, strict=True)) for p in labelled_pages(back.corpus)}
    for p in labelled_pages(corpus):
        wanted = list(zip(p.blocks.text, p.labels, strict=True))
        if format == "textcat" and not originals:  # it has labelled blocks alone
            wanted = [pair for pair in wanted if pair[1] is not None]
        assert found[p.blocks.page.id] == wanted


def test_a_hole_between_equal_texts_stays_one() -> None:
    """ "Share" twice: the label of one is not that of the other, whose label nobody agreed on."""
    blocks = segment(page(1))
    labels: list[str | None] = [None if i == 5 else label for i, label in enumerate(LABELS)]
    assert blocks.text[5] == blocks.text[7]
    assert attach(blocks, detach(blocks, labels, "gold")) == labels
    moved = detach(blocks, labels, "gold")  # the same text from an attribute that moved by a node
    moved.labels = [Run(r.start + 90, r.end + 90, *r[2:]) if r.start == r.end else r for r in moved.labels]
    assert attach(blocks, moved) == labels


@pytest.mark.parametrize("hole", [0, 1, 2])
def test_a_hole_among_equal_fields_keeps_its_place(tmp_path: Path, hole: int) -> None:
    """Fields side by side share run and text: which of them has no label is kept in the file."""
    fields = b"<input placeholder=Name>" * 3
    blocks = segment(Page("p", "p", b"<p>Write to us</p><form>" + fields + b"</form>"))
    assert len(set(zip(blocks.start, blocks.end, blocks.hashes, strict=True))) == 2
    names: list[str | None] = ["article", "form", "sidebar", "appeal"]
    names[hole + 1] = None
    write_annotations(tmp_path / "a.jsonl", [detach(blocks, names, "ada")])
    assert attach(blocks, read_annotations(tmp_path / "a.jsonl")[0]) == names
    full = detach(blocks, ["article", "form", "sidebar", "appeal"], "ada")
    write_annotations(tmp_path / "b.jsonl", [full])
    assert all(
        len(run) == 4 for row in read_jsonl(tmp_path / "b.jsonl") for run in row["labels"]
    )  # the form of old files
    assert read_annotations(tmp_path / "b.jsonl") == [full]


def test_a_page_without_any_label_is_no_labelled_page(corpus: Corpus) -> None:
    gold = [detach(segment(page(i)), [None] * 8 if i else LABELS, "gold") for i in range(3)]
    save_gold(corpus.folder, gold)
    assert (
        [b.page.id for b in corpus.read_labelled()[0]] == [p.blocks.page.id for p in labelled_pages(corpus)] == ["p0"]
    )


def test_files_with_runs_that_no_page_has(tmp_path: Path) -> None:
    blocks: Blocks = segment(page(0))
    far = Annotation("p0", "", "ada", [Run(0, 10**18, "article", "x"), Run(10**17, 10**18, "form", "y")])
    write_annotations(tmp_path / "a.jsonl", [far])
    assert set(attach(blocks, replace(read_annotations(tmp_path / "a.jsonl")[0]))) <= {"article", None}
    for bad in ('[5, 2, "a", "x"]', '[-1, 2, "a", "x"]', '[0, 1e999, "a", "x"]', '[0, 1, null, "x"]', "7", "[1]"):
        (tmp_path / "bad.jsonl").write_text(f'{{"page": "p0", "sha256": "", "annotator": "ada", "labels": [{bad}]}}\n')
        with pytest.raises(Exception, match=re.escape("not an annotation of page 'p0'")):
            read_annotations(tmp_path / "bad.jsonl")

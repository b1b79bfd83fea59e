"""Export -> import gives the same labels, block by block, whatever stands in the pages."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import PageblocksError
from toolkit.exchange import FORMATS, export, import_corpus
from toolkit.exchange.lines import labels_by_span
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import attach, detach, read_annotations

ROOT = Path(__file__).parents[2]
TEXTS = [
    "=HYPERLINK(\"http://evil.example\",\"x\")", "+1", "-1", "@SUM(A1)", "'quoted", "a,b;\"c\"\td",
    "<script>alert(1)</script>",
    "\u202eturned", "🙂 astral", "x" * 140_000, "same", "same", "  spaces  ", "0", "None", "-", "* bullet", "1. first",
    "é" * 60,
]  # fmt: skip
LABELS = ["article", "caption", "appeal", "form", "sidebar", None]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Every fourth page of the sample, HTML and text, in several languages."""
    whole = Corpus.open(ROOT / "corpora/sample")
    ids = list(whole.rows)[::4]
    facts = [{key: whole.rows[id][key] for key in ("type", "language")} for id in ids]
    some = create(tmp_path_factory.mktemp("sample") / "sample", zip(map(whole.page, ids), facts, strict=True))
    gold = whole.gold()
    save_gold(some.folder, [gold[id] for id in ids])
    return some


@pytest.fixture
def hostile(tmp_path: Path) -> Corpus:
    """Two pages on one site and one without an address; some blocks have no gold, one page has none."""
    html = "".join(f"<p>{text.replace('<', '&lt;')}</p>" for text in TEXTS)
    pages = [
        Page("one", "", f"<title>T</title>{html}".encode(), "html", "https://a.example/=1"),
        Page("two", "", b"<p>half a pair &#xd800;</p><p>Second line</p>" + b"<input placeholder=here>" * 3, "html", ""),
        Page("bare", "", b"<p>Nobody labelled this page.</p>", "html", "https://b.example/"),
    ]
    corpus = create(tmp_path / "hostile", [(page, {"type": "=cmd"}) for page in pages])
    blocks = [segment(page) for page in pages[:2]]
    save_gold(
        corpus.folder,
        [detach(page, [LABELS[i % 6] for i in range(len(page))], "gold", scheme="web-page@1") for page in blocks],
    )
    return corpus


def labels(corpus: Corpus) -> dict[str, list[tuple[str, str | None]]]:
    """Page -> (text, label) of its blocks."""
    found = {}
    for id, gold in corpus.gold().items():
        blocks = segment(corpus.page(id))
        found[id] = list(zip((" ".join(text.split()) for text in blocks.text), attach(blocks, gold), strict=True))
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_the_sample_comes_back_with_the_same_gold(format: str, sample: Corpus, tmp_path: Path) -> None:
    export(sample, tmp_path / "out", format)
    as_text, _ = import_corpus(tmp_path / "out", tmp_path / "text", format)
    assert labels(as_text.corpus) == labels(sample)
    assert {row["format"] for row in as_text.corpus.rows.values()} == {"text"}
    if format != "label-studio":  # its tasks know no languages
        assert {id: row["language"] for id, row in as_text.corpus.rows.items()} == {
            id: row["language"] for id, row in sample.rows.items()
        }
    done, _ = import_corpus(tmp_path / "out", tmp_path / "html", format, pages=sample)
    assert (done.unmatched, done.unlabelled) == (0, 0)
    theirs = {id: (gold.sha256, gold.labels) for id, gold in sample.gold().items()}
    assert {id: (gold.sha256, gold.labels) for id, gold in done.corpus.gold().items()} == theirs


@pytest.mark.parametrize(("format", "spreadsheet"), [*((format, False) for format in FORMATS), ("csv", True)])
def test_hostile_pages_come_back_with_the_same_gold(
    format: str, spreadsheet: bool, hostile: Corpus, tmp_path: Path
) -> None:
    done = export(hostile, tmp_path / "out", format, spreadsheet=spreadsheet)
    expected = labels(hostile)
    assert (done.pages, done.labelled) == (2, sum(label is not None for page in expected.values() for _, label in page))
    back, _ = import_corpus(tmp_path / "out", tmp_path / "html", format, pages=hostile)
    assert labels(back.corpus) == expected
    assert {id: gold.sha256 for id, gold in back.corpus.gold().items()} == {
        id: gold.sha256 for id, gold in hostile.gold().items()
    }
    if format in ("label-studio", "textcat"):
        return  # shown texts are cut and cleaned; blocks without a label are left out
    back, _ = import_corpus(tmp_path / "out", tmp_path / "text", format)
    assert labels(back.corpus) == expected


def test_csv_for_spreadsheets_holds_no_formula(hostile: Corpus, tmp_path: Path) -> None:
    export(hostile, tmp_path / "plain.csv", "csv")
    export(hostile, tmp_path / "safe.csv", "csv", spreadsheet=True)
    found = {}
    csv.field_size_limit(1 << 20)
    for name in ("plain", "safe"):
        with open(tmp_path / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            found[name] = [cell for row in csv.reader(file) for cell in row]
    assert TEXTS[0] in found["plain"]
    assert f"'{TEXTS[0]}" in found["safe"]
    assert not [cell for cell in found["safe"] if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=cmd" in found["safe"]


def test_pages_without_gold_are_left_out_unless_wanted(hostile: Corpus, tmp_path: Path) -> None:
    assert export(hostile, tmp_path / "some.csv", "csv").pages == 2
    assert export(hostile, tmp_path / "all.csv", "csv", all_pages=True).pages == 3
    back, _ = import_corpus(tmp_path / "all.csv", tmp_path / "back", "csv")
    assert list(back.corpus.rows) == ["one", "two", "bare"]
    assert list(back.corpus.gold()) == ["one", "two"]
    (hostile.folder / "gold.jsonl").unlink()
    with pytest.raises(PageblocksError, match="no gold"):
        export(hostile, tmp_path / "none.csv", "csv")
    assert export(hostile, tmp_path / "none.csv", "csv", all_pages=True).labelled == 0


def test_nothing_is_overwritten_without_force(hostile: Corpus, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(PageblocksError, match="--force"):
        export(hostile, tmp_path / "out.csv", "csv")
    assert (tmp_path / "out.csv").read_text() == "mine"
    (tmp_path / "out").write_text("mine")
    with pytest.raises(PageblocksError, match="is a file; give a folder"):
        export(hostile, tmp_path / "out", "datasets", force=True)


def test_spans_of_others_become_labels(tmp_path: Path) -> None:
    text = "The night ferry\nsails again\n\nSubscribe now"
    spans = [{"start": 0, "end": 20, "label": "article"}, {"start": 20, "end": 27, "label": "caption"},
             {"start": 29, "end": 38, "label": "appeal"}]  # fmt: skip
    (tmp_path / "theirs.jsonl").write_text(json.dumps({"text": text, "spans": spans}) + "\n")
    done, _ = import_corpus(tmp_path / "theirs.jsonl", tmp_path / "out", "spacy")
    expected = [("The night ferry", "article"), ("sails again", "caption"), ("Subscribe now", "appeal")]
    assert labels(done.corpus) == {"theirs-1": expected}


def test_offsets_count_characters_over_any_newline() -> None:
    text = "🙂 one\r\ntwo\rthree\n\nfour"
    spans = [(text.index(word), text.index(word) + len(word), word) for word in ("one", "two", "three", "four")]
    assert labels_by_span(text, [(0, 1), (1, 2), (2, 3), (4, 5)], spans) == ["one", "two", "three", "four"]


BAD = [
    ("csv", "page,text\na,b\n", "no column label"),
    ("csv", "page,text,label\na,b\n", ":2: more or fewer cells"),
    ("csv", 'page,text,label\na,"b,article\n', "not CSV"),
    ("csv", "page,text,label\na,b,opinion\n", "unknown label 'opinion'"),
    ("csv", "page,text,label,position\na,b,article,x\n", "position 'x'"),
    ("csv", "page,text,label\n", "no pages"),
    ("textcat", '{"text": "a"}\n', ":1: a line needs"),
    ("spacy", '{"text": "a", "spans": [{"start": 0}]}\n', ":1: not a text with spans"),
    ("spacy", '{"text": 1, "spans": []}\n', ":1: not a text with spans"),
    ("label-studio", "{}", "not a list of tasks"),
    ("label-studio", '[{"data": {}}]', "no pages in it that pageblocks"),
    ("parquet", "PAR1", "cannot be read as Parquet"),
]


@pytest.mark.parametrize(("format", "content", "message"), BAD, ids=[message for _, _, message in BAD])
def test_what_is_not_of_the_format_is_said_in_one_line(format: str, content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(content)
    with pytest.raises(PageblocksError, match=message) as raised:
        import_corpus(tmp_path / "x", tmp_path / "out", format)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "out/gold.jsonl").exists()


def test_a_page_s_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("page,text,label\n../../evil,Some text,article\n")
    done, _ = import_corpus(tmp_path / "x.csv", tmp_path / "deep/out", "csv")
    (id,) = done.corpus.rows
    assert "/" not in id
    assert not list(tmp_path.glob("evil*"))
    assert read_annotations(tmp_path / "deep/out/gold.jsonl")[0].page == id

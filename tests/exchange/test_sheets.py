"""Tables as spreadsheets and data frames write them; exports in which a page comes twice."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from toolkit.errors import PageblocksError
from toolkit.exchange import import_corpus
from toolkit.exchange.tasks import task_of
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.standoff import attach

ROWS = [
    ("dunes", "0", "sidebar", "Start"),
    ("dunes", "1", "article", "The sand, as always, moved"),
    ("dunes", "2", "caption", "Sand"),
]


def labels_of(out: Path, page: str = "dunes") -> list[str | None]:
    from toolkit.corpus.folder import Corpus

    corpus = Corpus.open(out)
    return attach(segment(corpus.page(page)), corpus.gold()[page])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("separator", "before"), [(",", ""), (";", ""), ("\t", ""), (";", "sep=;\r\n"), ("\t", "sep=\t\n")]
)
def test_separators_and_encodings_of_spreadsheets(separator: str, before: str, encoding: str, tmp_path: Path) -> None:
    lines = [separator.join(f'"{cell}"' for cell in row) for row in (("page", "position", "label", "text"), *ROWS)]
    (tmp_path / "t.csv").write_bytes((before + "\r\n".join(lines)).encode(encoding))
    done, odd = import_corpus(tmp_path / "t.csv", tmp_path / "out", "csv")
    assert (done.blocks, odd) == (3, [])
    assert labels_of(tmp_path / "out") == ["sidebar", "article", "caption"]


def test_a_header_without_the_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("page|label|text\ndunes|article|Sand\n")
    with pytest.raises(PageblocksError, match="with a comma, a semicolon or a tab between them"):
        import_corpus(tmp_path / "t.csv", tmp_path / "out", "csv")


@pytest.mark.parametrize("form", ["{}", "{}.0", "{},0", " {}.00 "])
def test_positions_of_data_frames_are_whole_numbers(form: str, tmp_path: Path) -> None:
    rows = [f'{page};"{form.format(position)}";{label};{text}' for page, position, label, text in reversed(ROWS)]
    (tmp_path / "t.csv").write_text("\n".join(["page;position;label;text", *rows]))
    import_corpus(tmp_path / "t.csv", tmp_path / "out", "csv")
    assert labels_of(tmp_path / "out") == ["sidebar", "article", "caption"]


@pytest.mark.parametrize("position", ["1.5", "first", "inf"])
def test_other_positions_are_refused(position: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"page,position,label,text\ndunes,{position},article,Sand\n")
    with pytest.raises(PageblocksError, match="row 1 has the position .* not a whole number"):
        import_corpus(tmp_path / "t.csv", tmp_path / "out", "csv")


def test_nan_is_nothing_and_numbers_are_ids(tmp_path: Path) -> None:
    nan = float("nan")
    table = {"page": [7.0, 7.0, 7.0], "position": [0.0, nan, 2.0], "text": ["Sand", "Wind", None], "url": [nan] * 3}
    table |= {"label": ["article", None, "caption"]}
    parquet.write_table(pa.table(table), tmp_path / "t.parquet")
    done, odd = import_corpus(tmp_path / "t.parquet", tmp_path / "out", "parquet")
    assert list(done.corpus.rows) == ["7"]
    assert done.corpus.rows["7"]["url"] == ""
    assert labels_of(tmp_path / "out", "7") == ["article", None]
    assert len(odd) == 1
    assert "1 labelled row has no text" in odd[0]


def test_labelled_rows_without_text_are_told(tmp_path: Path) -> None:
    more = ["dunes,3,article,", "dunes,4,form,   ", "dunes,5,,", "shore,0,appeal,", "shore,1,article,Shells"]
    (tmp_path / "t.csv").write_text(
        "\n".join(["page,position,label,text", *(f'{a},{b},{c},"{d}"' for a, b, c, d in ROWS), *more])
    )
    done, odd = import_corpus(tmp_path / "t.csv", tmp_path / "out", "csv")
    assert done.blocks == 4
    assert len(odd) == 1
    assert "3 labelled rows have no text" in odd[0]


def _task(
    number: int, who: str, labels: list[str], hour: int, body: str = "<p>Sand</p><p>Wind</p>"
) -> dict[str, object]:
    """A task as a server exports it, with one person's answer."""
    blocks = segment(Page("dunes", "", body.encode(), "html", "https://dunes.example/"))
    from toolkit.exchange.rows import LabelledPage
    from toolkit.standoff import detach

    when = f"2026-05-0{number}T1{hour}:00:00.000000Z"
    made = task_of(
        LabelledPage(blocks, [None] * 2, {}, None), [detach(blocks, labels, who, scheme="web-page@1", created_at=when)]
    )
    answer = made["annotations"][0] | {
        "id": number,
        "completed_by": {"id": ord(who[0]), "email": f"{who}@desk.example"},
    }
    del made["meta"]
    return made | {"id": number, "annotations": [answer]}


def test_a_page_in_several_tasks_is_one_page(tmp_path: Path) -> None:
    tasks = [
        _task(1, "ada", ["article", "article"], 1),
        _task(2, "ben", ["sidebar", "article"], 2),
        _task(3, "ada", ["caption", "article"], 3),
        _task(4, "cleo", ["form", "form"], 4, "<p>Sand</p><p>Other words</p>"),
    ]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    done, odd = import_corpus(tmp_path / "tasks.json", tmp_path / "out", "label-studio")
    people = done.corpus.annotations()
    assert {name: [run.label for run in found[0].labels] for name, found in people.items()} == {
        "ada": ["caption", "article"],
        "ben": ["sidebar", "article"],
    }
    assert list(done.corpus.rows) == ["dunes"]
    assert "page 'dunes' has 3 tasks; they are read as one" in odd[0]
    assert "1 task has other blocks than the first one, left out with 1 annotation" in odd[1]

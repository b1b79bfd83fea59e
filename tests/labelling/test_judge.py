"""A judge whose agreement with people is known, on blocks that they saw with and without its suggestions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.corpus.folder import create, save_gold
from toolkit.errors import PageblocksError
from toolkit.evaluate.bootstrap import Figure
from toolkit.labelling.judge import blocks_to_narrow, compare_with_people
from toolkit.labelling.readings import measure_readings
from toolkit.page import Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import Annotation, Run, Shown, detach, write_annotations

NAMES = Scheme.default().names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The judge is right in nine of ten articles and six of ten forms, and knows it; a person accepts what is shown.

    Of the judge's labels nine of ten are articles, but of the blind blocks only half.
    """
    rng = np.random.default_rng(0)
    judge, ada = [], []
    for page in range(40):
        said, own = [], []
        for i in range(50):
            blind = i < 10
            form = i % 2 == 0 if blind else i % 50 == 49
            label, sure = ("form", 0.6) if form else ("article", 0.9)
            other = label if not blind or rng.random() < sure else "sidebar"
            said.append((Run(i, i + 1, label, f"{i:010x}"), Shown(label, sure)))
            own.append((Run(i, i + 1, other, f"{i:010x}"), Shown(label, sure, "blind" if blind else "")))
        for name, rows, people in (("llm", said, judge), ("ada", own, ada)):
            runs, shown = zip(*rows, strict=True)
            by = "llm" if name == "ada" else ""
            people.append(Annotation(f"p{page}", "", name, [*runs], suggested_by=by, shown=[*shown]))
    write_annotations(tmp_path / "llm.jsonl", judge)
    write_annotations(tmp_path / "ada.jsonl", ada)
    return tmp_path


def test_only_blind_blocks_count_and_each_label_as_often_as_it_is_given(folder: Path) -> None:
    found = compare_with_people(folder, "llm", NAMES)
    assert (found.blind, found.pages, found.blocks, found.people) == (True, 40, 400, ["ada"])
    articles, forms = (NAMES.index(name) for name in ("article", "form"))
    table = np.array(found.confusion)
    right = [table[k, k] / table[:, k].sum() for k in (articles, forms)]
    share = (40 * 50 - 40 * 6) / (40 * 50)
    assert found.agreement.value == pytest.approx(share * right[0] + (1 - share) * right[1])
    assert found.agreement.value > table.trace() / 400 + 0.05  # what it would be without the weights
    assert found.agreement.low is not None
    assert found.agreement.low < share * 0.9 + (1 - share) * 0.6 < (found.agreement.high or 0)
    assert [(one.blocks, round(one.expected, 2)) for one in found.bins] == [(200, 0.6), (200, 0.9)]
    assert found.error is not None
    assert found.error.value < 0.1
    assert found.more == blocks_to_narrow(found.agreement, 400) > 0
    assert blocks_to_narrow(Figure(0.9, 0.86, 0.94), 100) == 300  # four times as many for half the width
    assert [one.annotator for one in measure_readings(folder).readers] == ["ada"]  # nobody suggested to the judge
    done = CliRunner().invoke(app, ["agree", str(folder), "--judge", "llm", "--json"])
    assert json.loads(done.stdout) == json.loads(json.dumps(found.to_dict()))
    with pytest.raises(PageblocksError, match="no annotator is called 'x'; choose one of ada, llm"):
        compare_with_people(folder, "x", NAMES)


def test_a_rule_that_good_annotators_break_is_flagged(tmp_path: Path) -> None:
    """The gold follows the two who label calls to action otherwise than the guideline says; the better two do not."""
    rng = np.random.default_rng(1)
    words = ["".join(rng.choice(list("abcdefgh"), 9)) for _ in range(20)]
    body = "".join(f"<p>{word} {word}</p>" for word in words) + "<p>Subscribe</p>"
    made = create(
        tmp_path / "c",
        [(Page(f"p{k}", f"p{k}", f"{body}<p>{k}".encode(), url=f"http://s{k}.example/"), {}) for k in range(12)],
    )
    pages = [segment(page) for page in made.pages()]
    truth = ["article"] * 20 + ["sidebar", "article"]
    save_gold(made.folder, [detach(page, truth, "gold", scheme=Scheme.default().id) for page in pages])
    for name, error, call in (
        ("ada", 0.02, "appeal"),
        ("ben", 0.03, "appeal"),
        *((f"{k}", 0.2, "sidebar") for k in "xyz"),
    ):
        said = []
        for page in pages:
            own = [label if rng.random() >= error else "form" for label in truth]
            own[20] = call
            said.append(detach(page, own, name, scheme=Scheme.default().id))
        write_annotations(made.folder / f"annotations/{name}.jsonl", said)
    found = compare_with_people(made.folder, "ada", NAMES)
    first = found.rules[0]
    assert (first.name, first.blocks) == ("lone-call", 12)
    assert first.discrimination.value < -0.2
    assert found.abilities["ada"].value > found.abilities["x"].value
    assert found.abilities["x"].low is not None
    done = CliRunner().invoke(app, ["agree", str(made.folder), "--judge", "ada"], env={"COLUMNS": "160"})
    assert "Rule lone-call" in done.stdout
    assert "ada agrees with 4 people on" in done.stdout

"""A model remembers the scheme of its labels: their colours, definitions and order."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from toolkit import load
from toolkit.classify.result import Classified
from toolkit.cli import app
from toolkit.cli.output import coloured
from toolkit.model.scheme import scheme_facts, scheme_of_model
from toolkit.page import Page
from toolkit.scheme import Label, Scheme
from toolkit.segment import segment

OWN = Scheme(
    name="recipes", version="2",
    labels=[
        Label(name="step", definition="Something to do.", color="#2EA86E"),
        Label(name="other", definition="Everything else.", color="#62666D"),
    ],
)  # fmt: skip


def model(*labels: str, **facts: str) -> Any:
    return SimpleNamespace(classes_=labels, facts_=facts)


def test_a_model_has_the_scheme_that_it_was_trained_with() -> None:
    assert scheme_of_model(model("other", "step", **scheme_facts(OWN))) == OWN
    assert scheme_of_model(model("article", "form")) == Scheme.default()


@pytest.mark.parametrize("text", ["not toml", "name = 1", OWN.to_toml().replace("step", "other thing")])
def test_a_model_without_a_usable_scheme_has_names_and_colours(text: str) -> None:
    found = scheme_of_model(model("other", "step", scheme="recipes@2", scheme_toml=text))
    assert (found.id, found.names, found.default_label) == ("recipes@2", ["other", "step"], "step")
    assert len({found.color(name) for name in found.names}) == 2


def test_text_without_keep_says_which_label_it_is_of(tmp_path: Path) -> None:
    own = load()
    own.classes_ = np.array(["advert", "body", "caption", "form", "side"])
    own.story_, own.facts_ = "body", {}
    own.save(tmp_path / "own")
    (tmp_path / "soup.html").write_text("<title>Soup</title><h1>Soup</h1><p>Stir the soup until it thickens.")
    words = ["classify", str(tmp_path / "soup.html"), "--format", "text", "--model", str(tmp_path / "own")]
    assert "which this model takes from 'body'" in CliRunner().invoke(app, words).stderr
    assert CliRunner().invoke(app, [*words, "--keep", "body"]).stderr == ""


def test_the_terminal_shows_these_colours(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    blocks = segment(Page("soup", "soup.html", b"<p>Stir until it thickens.<p>Home"))
    page = Classified(blocks, ["step", "other"], np.array([[0.27, 0.73], [0.9, 0.1]]), ["other", "step"])
    coloured(page, range(len(page.labels)), OWN)
    printed = capsys.readouterr().out
    for label in OWN.labels:
        assert "48;2;{};{};{}m".format(*bytes.fromhex(label.color[1:])) in printed
    assert "73%?" in printed
    assert "where it is under 80%" in printed

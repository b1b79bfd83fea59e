"""A model remembers the scheme of its labels: their colours, definitions and order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from toolkit.classify.result import Classified
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


def test_the_terminal_shows_these_colours(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    blocks = segment(Page("soup", "soup.html", b"<p>Stir until it thickens.<p>Home"))
    page = Classified(blocks, ["step", "other"], np.array([[0.27, 0.73], [0.9, 0.1]]), ["other", "step"])
    coloured(page, {"step", "other"}, OWN)
    printed = capsys.readouterr().out
    for label in OWN.labels:
        assert "48;2;{};{};{}m".format(*bytes.fromhex(label.color[1:])) in printed
    assert "73%?" in printed
    assert "where it is under 80%" in printed

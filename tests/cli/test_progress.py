"""Signs of life of a long wait where nobody sees a bar."""

from __future__ import annotations

import re
import threading

import pytest

from toolkit.cli import output


def test_a_pipe_gets_a_line_of_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()

    def say(text: str) -> None:
        if re.fullmatch(r"Training: \d+ seconds, 1 of 5 done", text):
            told.set()

    monkeypatch.setattr(output, "say", say)
    monkeypatch.setattr(output, "FIRST", 0.001)
    monkeypatch.setattr(output, "EVERY", 0.001)
    with output.progress("Training", total=5) as tick:
        tick()
        assert told.wait(60)


def test_a_short_wait_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress("Training", total=5) as tick:
        tick()
    assert capsys.readouterr() == ("", "")

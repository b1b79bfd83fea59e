"""Colours are for a terminal: a pipe and NO_COLOR get none."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from toolkit.scheme import Scheme

ROOT = Path(__file__).parents[2]


def shown(tty: bool, **env: str) -> str:
    """What `pageblocks scheme show` writes to a terminal or a pipe."""
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE")}
    clean |= {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "200"} | env
    command = [sys.executable, "-m", "toolkit.cli", "scheme", "show"]
    if not tty:
        return subprocess.run(command, env=clean, capture_output=True, text=True, check=True).stdout
    master, slave = pty.openpty()
    with subprocess.Popen(command, env=clean, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        found = b""
        try:
            while some := os.read(master, 65536):
                found += some
        except OSError:  # Linux ends a terminal so
            pass
        os.close(master)
    assert process.returncode == 0
    return found.decode()


def test_a_terminal_shows_the_colours_of_the_scheme() -> None:
    text = shown(tty=True)
    for label in Scheme.default().labels:
        red, green, blue = bytes.fromhex(label.color[1:])
        assert f"48;2;{red};{green};{blue}m" in text, label.name


def test_no_colour_in_a_pipe_or_with_no_color() -> None:
    assert "\x1b[" not in shown(tty=False)
    text = shown(tty=True, NO_COLOR="1")
    assert "article" in text
    assert "8;2;" not in text

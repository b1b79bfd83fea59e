"""Progress bars on stderr, where it is a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress


def progress_bar(quiet: bool = False) -> Progress:
    """A progress bar on stderr; nothing where `quiet` or stderr is no terminal."""
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=quiet or not console.is_terminal)

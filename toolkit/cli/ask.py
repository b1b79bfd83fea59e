"""Work through doubtful labels on the terminal: one block with its neighbours, one key."""

from __future__ import annotations

import string
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from ..errors import UsageError
from ..support.text import counted
from .output import console, harmless, say

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..labelling.doubts import Doubt
    from ..labelling.reviewer import Reviewer
    from ..page import Blocks
    from ..scheme import Scheme

AROUND = 3  # blocks before and after
_LONGEST = 600  # characters of the block in question
KEEP, SKIP, QUIT = "Enter", "space", "Esc"


def refuse_without_terminal() -> None:
    """Raise UsageError where nobody can press keys."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise UsageError("--ask needs a terminal; use --push to ask people in Label Studio")


def ask_about(
    found: Sequence[Doubt], pages: Mapping[str, Blocks], labels: Mapping[str, Sequence[str | None]],
    *, reviewer: Reviewer,
) -> None:  # fmt: skip
    """Show each doubtful block and write what the reviewer says of it. Blocks that were answered before are left
    out.
    """
    by_block: dict[tuple[str, int], list[Doubt]] = {}
    for doubt in found:
        by_block.setdefault((doubt.page, doubt.block), []).append(doubt)
    open_ = [key for key in by_block if reviewer.answered(pages[key[0]])[key[1]] is None]
    if before := len(by_block) - len(open_):
        say(f"{counted(before, 'block', 'was')} answered by {reviewer.name} before.")
    keys = keys_of(reviewer.scheme)
    changed = kept = 0
    for number, (page, block) in enumerate(open_, 1):
        console().print(_view(f"{number} of {len(open_)}", pages[page], labels[page], by_block[page, block]))
        console().print(_legend(keys))
        key = _read_key(keys)
        if key == QUIT:
            break
        old = labels[page][block]
        if key != SKIP and (label := old if key == KEEP else keys[key]) is not None:
            reviewer.answer(pages[page], block, label)
            changed, kept = changed + (label != old), kept + (label == old)
    left = len(open_) - changed - kept
    say(f"{counted(changed, 'label')} changed, {kept} kept, {left} left. The answers are in {reviewer.path}.")


def _read_key(keys: Mapping[str, str]) -> str:
    """The next key that means something: one of `keys`, KEEP, SKIP or QUIT."""
    others = {"\r": KEEP, "\n": KEEP, " ": SKIP, "\x1b": QUIT, "\x03": QUIT, "\x04": QUIT}
    while True:
        try:
            key = typer.getchar()
        except (KeyboardInterrupt, EOFError):
            return QUIT
        if key in keys or key in others:
            return others.get(key, key)


def keys_of(scheme: Scheme) -> dict[str, str]:
    """Key -> label: those of the scheme, and the next free digit for labels without one."""
    keys = {label.hotkey: label.name for label in scheme.labels if label.hotkey}
    free = iter([digit for digit in string.digits[1:] if digit not in keys])
    return keys | {key: label.name for label in scheme.labels if not label.hotkey and (key := next(free, ""))}


def _view(place: str, page: Blocks, labels: Sequence[str | None], doubts: Sequence[Doubt]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    at = doubts[0].block
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(width=1)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for i in range(max(0, at - AROUND), min(len(page), at + AROUND + 1)):
        text = harmless(" ".join(page.text[i].split()))
        most = _LONGEST if i == at else 100
        text = text if len(text) <= most else text[:most] + "…"
        style = "bold" if i == at else "dim"
        table.add_row(
            Text(">" if i == at else "", style="bold"),
            str(i),
            Text(labels[i] or "", style=style),
            Text(text, style=style),
        )
    title = harmless(" ".join((page.title or page.page.id).split()))
    head = Text.assemble((f"\n{place}  ", "dim"), (title, "bold underline"), (f"  {harmless(page.page.url)}", "dim"))
    return Group(head, table, *(Text(f"{doubt.kind}: {doubt.why}", style="yellow") for doubt in doubts))


def _legend(keys: Mapping[str, str]) -> RenderableType:
    from rich.text import Text

    all_keys = {**keys, KEEP: "keep", SKIP: "skip", QUIT: "quit"}
    return Text("  ").join(Text.assemble((f" {key} ", "reverse"), f" {what}") for key, what in all_keys.items())

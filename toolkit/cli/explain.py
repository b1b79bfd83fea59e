"""explain: say why the blocks of a page have their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ..support.text import counted
from .bad_pages import BadPages
from .options import Column, Json, Private, Sources, read_columns
from .output import badge, console, examples, harmless, harmless_lines, head, json_line, say_noted

if TYPE_CHECKING:
    from ..explain import Explanation, Reason
    from ..page import Blocks
    from ..scheme import Scheme

_SHORT = 50  # characters of a text in a list
_SHOWN = 3  # reasons of a block in a list
_WHERE = {
    "text": "word", "text above": "word of the block above", "text below": "word of the block below",
    "heading": "word of the heading above", "names": "class or id", "names above": "class or id of the block above",
    "names below": "class or id of the block below", "tags": "tag", "tags above": "tag of the block above",
    "tags below": "tag of the block below", "link": "link target", "numbers": "number",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks explain page.html",
            "pageblocks explain page.html --block 3",
            "pageblocks explain page.html --block 3 --label sidebar --top 20",
            "pageblocks explain page.html --json > why.jsonl",
        )
    )(explain)


def explain(
    sources: Sources,
    block: Annotated[
        int | None, typer.Option("--block", "-b", metavar="N", min=0, help="Explain this block in full.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", "-l", help="Label to explain (default: the most probable of each block).")
    ] = None,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="Number of reasons with --block.")] = 12,
    model: Annotated[str, typer.Option("--model", "-m", help="Name or folder of the model.")] = "default",
    json: Json = False,
    column: Column = None,
    private: Private = False,
) -> None:
    """Say why the blocks of a page have their labels.

    Without --block: each block with its label, its probability, and the words, classes or ids (.name) and tags (<tag>)
    that spoke most for it in the first stage; ↑ and ↓ mark those of the blocks above and below. A label in brackets is
    what the first stage alone would say.

    --block: the probabilities of one block in both stages, that of its label if the page did not have the blocks above,
    below or beside it, and the reasons with their weights, which add up to the score of the label in the first stage.

    --json: one object per block with all reasons; with --block also what the neighbours change.
    """
    from .. import load
    from ..classify.run import known_labels, segment_pages
    from ..explain import explain as explain_page
    from ..model.scheme import scheme_of_model

    classifier = load(model)
    scheme = scheme_of_model(classifier)
    known_labels({label} if label else (), classifier)
    bad = BadPages()
    for page in segment_pages(bad.pages(sources, read_columns(column), private), bad):
        say_noted(page)
        found = explain_page(classifier, page, label)
        if block is not None and block >= len(found):
            raise UsageError(f"{page.page.source}: no block {block}; it has {counted(len(found), 'block')}, from 0")
        if json:
            for one in found if block is None else [found[block]]:
                print(json_line({"page": page.page.id, **one.to_dict(neighbours=block is not None)}), end="")
        elif block is None:
            _list(page, found, scheme)
        else:
            head(page)
            _in_full(found[block], page, top, scheme=scheme)
    bad.end()


def _list(page: Blocks, found: list[Explanation], scheme: Scheme) -> None:
    """A line per block."""
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0))
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", style="dim")
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold", ratio=3)
    table.add_column(overflow="fold", style="dim", ratio=2)
    for one in found:
        spoke = [reason for reason in one.reasons if reason.weight > 0 and reason.part != "numbers"][:_SHOWN]
        table.add_row(
            str(one.position),
            badge(one.label, scheme),
            f"{one.final[one.label]:.0%}",
            f"({_best(one.first)})" if one.changed else "",
            Text(_short(one.block.text)),
            Text(", ".join(_named(reason) for reason in spoke)),
        )
    out = console()
    head(page)
    out.print(table)
    out.print(Text(f"{counted(len(found), 'block')}; --block N explains one in full\n", style="dim"))


def _in_full(one: Explanation, page: Blocks, top: int, *, scheme: Scheme) -> None:
    """One block: its probabilities in both stages, what the neighbours change, and the heaviest reasons."""
    from rich.text import Text

    out, around, label = console(), one.neighbours, one.label
    out.print(Text.assemble(f"block {one.position}  ", badge(label, scheme), f" {one.final[label]:.0%}  "))
    out.print(Text(harmless_lines(one.block.text)))
    out.print()
    out.print(f"first stage   {_shares(one.first)}")
    out.print(f"second stage  {_shares(one.final)}")
    if one.changed:
        out.print(
            f"  The second stage changes the label from {_best(one.first)} to {_best(one.final)}; without the other\n"
            f"  blocks of the page the label would be {_best(around.alone)}."
        )
    out.print(f"\n{harmless(label)} would have")
    for what, chances in (
        ("without the blocks above", around.without_above),
        ("without the blocks below", around.without_below),
        ("without both", around.alone),
    ):
        out.print(f"  {chances[label]:4.0%}  {what}")
    for position, chances in around.without.items():
        out.print(f"  {chances[label]:4.0%}  without block {position}: {_short(page.text[position])}")
    others = len(one.reasons) - top
    out.print(f"\nscore of {harmless(one.first_label)} in the first stage: {one.score:+.2f}")
    for reason in one.reasons[:top]:
        value = "" if reason.value is None else f" = {reason.value:.2g}"
        out.print(f"  {reason.weight:+.2f}  {_quoted(reason)}{value}  ({_WHERE[reason.part]})")
    if others > 0:
        rest = sum(reason.weight for reason in one.reasons[top:])
        out.print(f"  {rest:+.2f}  {counted(others, 'other reason')}; --top shows more")
    out.print(f"  {one.bias:+.2f}  without any reason\n")


def _best(chances: dict[str, float]) -> str:
    return harmless(max(chances, key=chances.__getitem__))


def _shares(chances: dict[str, float]) -> str:
    some = sorted(chances.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{harmless(name)} {chance:.0%}" for name, chance in some if chance >= 0.005)


def _quoted(reason: Reason) -> str:
    return harmless(reason.text) if reason.part == "numbers" else f'"{_short(reason.text)}"'


def _named(reason: Reason) -> str:
    part, _, where = reason.part.partition(" ")
    form = {"tags": "<{}>", "names": ".{}"}.get(part, "{}")
    return {"above": "↑", "below": "↓"}.get(where, "") + form.format(_short(reason.text))


def _short(text: str) -> str:
    line = harmless(" ".join(text.split()))
    return line if len(line) <= _SHORT else line[: _SHORT - 1] + "…"

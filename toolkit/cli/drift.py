"""drift: in what a crawl differs from the pages that a model learned from."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ..support.text import counted
from .options import Json, Seed
from .output import console, examples, harmless, progress, say

if TYPE_CHECKING:
    from ..crawl.drift import Aspect, Drift
    from ..crawl.labelled import LabelledPage


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks drift labelled-may/ corpora/sample",
            "pageblocks drift labelled-may/ labelled-april/ --pages 500 --json",
        )
    )(drift)


def drift(
    crawl: Annotated[
        Path, typer.Argument(metavar="CRAWL", help="Folder that classify --out wrote.", show_default=False)
    ],
    corpus: Annotated[
        Path,
        typer.Argument(metavar="CORPUS", help="Corpus, or the folder of an earlier crawl.", show_default=False),
    ],
    model: Annotated[
        str, typer.Option("--model", "-m", help="Name or folder of the model that labelled the crawl.")
    ] = "default",
    pages: Annotated[
        int, typer.Option("--pages", metavar="N", min=1, help="Compare at most N pages of each side, drawn at random.")
    ] = 2000,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Compare a crawl with the pages that a model learned from, or with an earlier crawl.

    Compares languages, labels, the model's confidence, tags, the length of pages, and words that the model does not
    know. Each is measured in bits of Jensen-Shannon divergence, 0 for equal and 1 for nothing in common, beside what
    chance would give. A change counts if it is no chance and at least 0.02 bits.
    """
    from ..crawl.drift import compare
    from ..crawl.labelled import draw, is_crawl, pages_in_crawl

    if not is_crawl(crawl):
        raise UsageError(
            f"{crawl} is not a labelled crawl; give a folder that `pageblocks classify --out FOLDER/` wrote"
        )
    now = draw(crawl, pages, seed=seed)
    total = pages_in_crawl(crawl)
    if is_crawl(corpus):
        _same_model(crawl, corpus)
        before, known = draw(corpus, pages, seed=seed), 0
    else:
        before, known = _of_corpus(corpus, model, crawl, pages, seed)
    found = compare(before, now, known=known, seed=seed)
    if json:
        typer.echo(json_.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    _show(found, crawl, corpus)
    if total is not None and total > len(now):
        say(f"note: {len(now):,} of {counted(total, 'page')} of the crawl were compared; --pages takes more")
    for note in found.notes:
        say(f"note: {harmless(note)}")


def _same_model(crawl: Path, other: Path) -> None:
    from ..crawl.labelled import model_of

    if model_of(crawl) != model_of(other):
        raise UsageError(f"{crawl} and {other} were labelled by two models; label both with one to compare them")


def _of_corpus(folder: Path, model: str, crawl: Path, most: int, seed: int) -> tuple[list[LabelledPage], int]:
    """Pages of a corpus, labelled by the model, and how many of them it learned from."""
    from .. import load
    from ..classify.run import classify
    from ..corpus.folder import Corpus
    from ..crawl.labelled import model_of, of_classified
    from ..crawl.run import fingerprint
    from ..model.seen import seen
    from ..readers.base import shown_path
    from ..support.hashing import shuffled

    opened = Corpus.open(folder)
    if model_of(crawl) not in ("", fingerprint(model, ())):
        raise UsageError(
            f"the crawl in {crawl} was labelled by another model than {shown_path(model)}; name that one with --model"
        )
    classifier = load(model)
    ids = list(opened.rows)
    chosen = sorted(shuffled(ids, seed)[:most])
    labelled = []
    with progress(f"Labelling {counted(len(chosen), 'page')} of the corpus", total=len(chosen)) as tick:
        for page in classify((opened.page(ids[i]) for i in chosen), classifier):
            labelled.append(page)
            tick()
    return of_classified(labelled), seen(classifier, [page.blocks for page in labelled]).pages or 0


def _show(found: Drift, crawl: Path, corpus: Path) -> None:
    from rich.table import Table
    from rich.text import Text

    sizes = [f"{counted(p, 'page')}, {counted(s, 'site')}" for p, s in zip(found.pages, found.sites, strict=True)]
    out = console()
    out.print(Text(f"{crawl}: {sizes[1]}; {corpus}: {sizes[0]}\n"))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("drift", no_wrap=True)
    table.add_column("bits", justify="right", no_wrap=True)
    table.add_column("chance", justify="right", no_wrap=True)
    table.add_column("before → now")
    for aspect in found.aspects:
        size = Text(aspect.size, style={"large": "bold red", "moderate": "yellow"}.get(aspect.size, "dim"))
        table.add_row(aspect.name, size, f"{aspect.divergence:.3f}", f"{aspect.by_chance:.3f}", _changed(aspect))
    out.print(table)
    out.print()
    if not found.found:
        out.print(Text("No drift: chance explains the differences, or they are slight."))
        return
    out.print(Text(f"Drift in {', '.join(aspect.name for aspect in found.found)}.", style="bold"))
    for aspect in found.found:
        out.print(Text(f"- {aspect.name}: {harmless(aspect.advice)}"))
    out.print(
        Text(
            "Scores measured on the corpus may not hold for this crawl. Import some of its pages "
            "(`pageblocks import`), let `pageblocks push --order uncertain` choose which to label, and train again."
        )
    )


def _changed(aspect: Aspect) -> str:
    return ", ".join(f"{harmless(c.category)} {_percent(c.before)} → {_percent(c.now)}" for c in aspect.changes) or "-"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.095 or share == 0 else f"{share:.1%}"

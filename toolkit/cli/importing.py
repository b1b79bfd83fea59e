"""import: make a corpus from pages, or from labelled pages of other tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..support.text import counted
from .bad_pages import BadPages
from .options import Force, SchemeFile
from .output import examples, harmless, progress, say, say_skipped

if TYPE_CHECKING:
    from ..corpus.folder import Corpus


class ImportFormat(StrEnum):
    """What `import` reads."""

    auto = "auto"
    label_studio = "label-studio"
    spacy = "spacy"
    textcat = "textcat"
    csv = "csv"
    parquet = "parquet"
    datasets = "datasets"


def register(app: typer.Typer) -> None:
    app.command(
        "import",
        epilog=examples(
            "pageblocks import pages/ --out corpora/new",
            "pageblocks import gold/open.jsonl --out corpora/open",
            "pageblocks import pageblocks-ada.jsonl pageblocks-ben.jsonl --out corpora/two",
            "pageblocks import gold/tasks.json --format label-studio --out corpora/theirs",
            "pageblocks import gold/tasks.json --format label-studio --pages corpora/sample --out corpora/theirs",
        ),
    )(import_)


def import_(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...", help="Files and folders of pages, or files of labelled pages.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the corpus.", show_default=False)],
    format: Annotated[
        ImportFormat,
        typer.Option("--format", "-f", help="Input format; auto reads pages, and labelled pages as JSON lines."),
    ] = ImportFormat.auto,
    pages: Annotated[
        Path | None, typer.Option("--pages", help="With --format: corpus with the pages of these labels.")
    ] = None,
    scheme: SchemeFile = None,
    force: Force = False,
) -> None:
    """Make a corpus from pages, with or without labels.

    A file of labelled pages has one page per line, with its blocks in reading order:
    {"id", "url", "sha256", "html": FILE, "blocks": [{"text", "label"}, ...]}. The blocks may differ from those of
    pageblocks. The file that the page of `pageblocks serve` downloads has the pages in it, and an annotator: its labels
    become annotations. Several such files make one corpus.

    --format reads files of other tools and of `pageblocks export`. They contain no HTML, so each page becomes a text
    page unless --pages is given.
    """
    from ..corpus.importing import IMPORT, import_gold, import_pages
    from ..corpus.labelled import is_labelled
    from ..errors import NothingRead
    from ..scheme import Scheme
    from ..support.overwrite import refuse_foreign

    refuse_foreign(out, IMPORT, force)
    if format is not ImportFormat.auto:
        if len(sources) != 1:
            raise typer.BadParameter("--format needs exactly one file or folder")
        _bring(sources[0], out, format, pages=pages, scheme=scheme, force=force)
        return
    if pages is not None:
        raise typer.BadParameter("--pages needs --format")
    if not all(map(is_labelled, sources)):
        bad = BadPages()
        try:
            corpus = import_pages(
                sources, out, bad, force=force, on_skip=say_skipped, scheme=Scheme.load(scheme) if scheme else None
            )
        except NothingRead:
            bad.end()  # the errors say more than that there is no page
            raise
        say(f"{counted(len(corpus.rows), 'page')}.")
        _say_addresses(corpus)
        typer.echo(out)
        bad.end()
        return
    with progress("Importing pages") as tick:
        done = import_gold(sources, out, Scheme.load(scheme) if scheme else None, on_page=tick, force=force)
    say(
        f"{counted(done.pages, 'page')}, {counted(done.blocks, 'block')}; {counted(done.texts, 'labelled text')}, "
        f"{done.unmatched} of them match no block"
        + ("." if done.annotators else f"; {counted(done.unlabelled, 'block')} without a label.")
    )
    for name, found in done.annotators.items():
        say(
            harmless(
                f"{name}: {counted(found['pages'], 'page')}; {counted(found['set'], 'block')} labelled by hand, "
                f"{found['corrected']} of them not as suggested; {found['accepted']} suggestions accepted."
            )
        )
    _say_addresses(done.corpus)
    typer.echo(out)


def _bring(
    source: str, out: Path, format: ImportFormat, *, pages: Path | None, scheme: Path | None, force: bool
) -> None:
    from ..corpus.folder import Corpus
    from ..exchange import import_corpus
    from ..scheme import Scheme

    with progress("Importing pages") as tick:
        chosen, originals = Scheme.load(scheme) if scheme else None, Corpus.open(pages) if pages else None
        done, odd = import_corpus(source, out, format.value, scheme=chosen, pages=originals, on_page=tick, force=force)
    for line in odd:
        say(f"note: {harmless(line)}")
    say(
        f"{counted(done.pages, 'page')}, {counted(done.blocks, 'block')} from {counted(done.texts, 'text')}, "
        f"{done.unmatched} of them match no block; {counted(done.unlabelled, 'block')} without gold."
    )
    _say_addresses(done.corpus)
    typer.echo(out)


def _say_addresses(corpus: Corpus) -> None:
    """Report how many pages have no address, and what this means for splits and folds."""
    from ..corpus.addresses import Addresses

    found = Addresses.of(corpus.rows.values())
    if claimed := sum(found.claimed.values()):
        kinds = ", ".join(f"{origin} {count:,}" for origin, count in sorted(found.claimed.items()))
        say(harmless(f"{counted(claimed, 'page', 'has')} an address taken from the page itself ({kinds})."))
    if found.shared:
        url, count = max(found.shared.items(), key=lambda pair: (pair[1], pair[0]))
        say(
            harmless(
                f"note: {counted(sum(found.shared.values()), 'page')} claim the same address as other pages "
                f"(most often {url:.120}, {counted(count, 'time')}): it identifies their site, but not the page."
            )
        )
    if found.without:
        of = f"{found.without:,} of {counted(found.pages, 'page')}"
        they = "has no address: it counts" if found.without == 1 else "have no address: each counts"
        say(
            f"note: {of} {they} as a site of its own in splits and folds, and nobody can check whether a model was "
            f"trained on its site. Add addresses as `url` to {corpus.folder / 'pages.jsonl'}, or import JSON lines, "
            "Parquet or WARC, which contain them."
        )

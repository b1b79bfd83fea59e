"""import: pages, or labelled pages of others -> a corpus of ours."""

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
            "pageblocks import gold/tasks.json --format label-studio --out corpora/theirs",
            "pageblocks import gold/tasks.json --format label-studio --pages corpora/sample --out corpora/theirs",
        ),
    )(import_)


def import_(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...", help="Pages: files and folders; or one file of labelled pages.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for the corpus.", show_default=False)],
    format: Annotated[
        ImportFormat, typer.Option("--format", "-f", help="What the file is; auto takes pages and labelled pages.")
    ] = ImportFormat.auto,
    pages: Annotated[
        Path | None, typer.Option("--pages", help="With --format: a corpus that has the pages of these labels.")
    ] = None,
    scheme: SchemeFile = None,
    force: Force = False,
) -> None:
    """Make a corpus: from pages that nobody has labelled, or that others did, whatever blocks they cut them into.

    A file of labelled pages has one a line, its blocks in reading order:
    {"id", "url", "sha256", "html": FILE, "blocks": [{"text", "label"}, ...]}.

    With --format it reads what other tools and `pageblocks export` write. These formats hold no HTML: without --pages
    each page becomes a text page.
    """
    from ..corpus.importing import IMPORT, import_gold, import_pages, is_labelled
    from ..errors import NothingRead
    from ..scheme import Scheme
    from ..support.overwrite import refuse_foreign

    refuse_foreign(out, IMPORT, force)
    if format is not ImportFormat.auto:
        if len(sources) != 1:
            raise typer.BadParameter("--format takes one file or folder")
        _bring(sources[0], out, format, pages, scheme, force)
        return
    if pages is not None:
        raise typer.BadParameter("--pages goes with --format")
    if not (len(sources) == 1 and is_labelled(sources[0])):
        bad = BadPages()
        try:
            corpus = import_pages(sources, out, bad, force, say_skipped, Scheme.load(scheme) if scheme else None)
        except NothingRead:
            bad.end()  # each error says more than that there is no page
            raise
        say(f"{counted(len(corpus.rows), 'page')}.")
        _say_addresses(corpus)
        typer.echo(out)
        bad.end()
        return
    with progress("Importing pages") as tick:
        done = import_gold(sources[0], out, Scheme.load(scheme) if scheme else None, tick, force)
    say(
        f"{counted(done.pages, 'page')}, {counted(done.blocks, 'block')}; {counted(done.texts, 'labelled text')}, "
        f"{done.unmatched} of them found no place; {counted(done.unlabelled, 'block')} got no label."
    )
    _say_addresses(done.corpus)
    typer.echo(out)


def _bring(source: str, out: Path, format: ImportFormat, pages: Path | None, scheme: Path | None, force: bool) -> None:
    from ..corpus.folder import Corpus
    from ..exchange import import_corpus
    from ..scheme import Scheme

    with progress("Importing pages") as tick:
        chosen, originals = Scheme.load(scheme) if scheme else None, Corpus.open(pages) if pages else None
        done, odd = import_corpus(source, out, format.value, chosen, originals, tick, force)
    for line in odd:
        say(f"note: {harmless(line)}")
    say(
        f"{counted(done.pages, 'page')}, {counted(done.blocks, 'block')} from {counted(done.texts, 'text')}, "
        f"{done.unmatched} of which found no place; {counted(done.unlabelled, 'block')} without gold."
    )
    _say_addresses(done.corpus)
    typer.echo(out)


def _say_addresses(corpus: Corpus) -> None:
    """What is known of the addresses of the pages, and what follows for splits and folds."""
    from ..corpus.addresses import Addresses

    found = Addresses.of(corpus.rows.values())
    if claimed := sum(found.claimed.values()):
        kinds = ", ".join(f"{origin} {count:,}" for origin, count in sorted(found.claimed.items()))
        say(harmless(f"{counted(claimed, 'page', 'has')} an address that is the page's own claim ({kinds})."))
    if found.shared:
        url, count = max(found.shared.items(), key=lambda pair: (pair[1], pair[0]))
        say(
            harmless(
                f"note: {counted(sum(found.shared.values()), 'page')} claim an address that other pages claim, too "
                f"(the most, {count:,}, {url:.120}): it tells their site, and no page from another."
            )
        )
    if found.without:
        of = f"{found.without:,} of {counted(found.pages, 'page')}"
        they = "has no address: it counts" if found.without == 1 else "have no address: each counts"
        say(
            f"note: {of} {they} as a site of its own in splits and folds, and whether a model learned from "
            "its site cannot be checked. To give addresses, write them as `url` into "
            f"{corpus.folder / 'pages.jsonl'}, or "
            "import JSON lines, Parquet or WARC, which have them."
        )

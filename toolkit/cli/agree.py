"""agree: the agreement of annotators, and gold labels from their annotations."""

from __future__ import annotations

import json as json_
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from ..support.text import counted
from .options import HOME, Folder, Force, Json, SchemeFile, Seed, Url
from .output import console, examples, say
from .review import send_review


class By(StrEnum):
    """How the gold is made from several annotators' labels."""

    majority = "majority"
    quality = "quality"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks agree corpora/sample",
            "pageblocks agree corpora/sample/annotations --json",
            "pageblocks agree corpora/mine --gold --adjudicator ben",
            "pageblocks agree corpora/mine --gold --by quality",
            "pageblocks agree corpora/sample --judge ben",
            'pageblocks agree corpora/mine --push-disputed "Third word"',
        )
    )(agree)


def agree(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="CORPUS", help="Corpus, folder of annotation files, or one such file.", show_default=False
        ),
    ],
    scheme: SchemeFile = None,
    gold: Annotated[
        bool, typer.Option("--gold", help="Also write gold.jsonl with the labels of the majority.")
    ] = False,
    adjudicator: Annotated[
        str | None, typer.Option("--adjudicator", help="Annotator who decides if there is no majority.")
    ] = None,
    by: Annotated[
        By,
        typer.Option("--by", help="How --gold decides: by majority, or by votes weighted by each annotator's quality."),
    ] = By.majority,
    judge: Annotated[
        str | None,
        typer.Option("--judge", metavar="NAME", help="Compare this annotator, such as a language model, with people."),
    ] = None,
    push_disputed: Annotated[
        str | None,
        typer.Option(
            "--push-disputed",
            help="Send pages with disputed blocks to this Label Studio project, for a third annotator.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --push-disputed: show what would be sent, and send nothing.")
    ] = False,
    url: Url = None,
    folder: Folder = HOME,
    seed: Seed = 0,
    json: Json = False,
    force: Force = False,
) -> None:
    """Measure the agreement of annotators, and write gold labels.

    Blocks that people saw with a suggestion and without one are measured apart, and for each annotator: suggestions
    that were kept, by the probability that the model gave them; wrong ones that were found; and speed.

    --judge shows how far an annotator can be trusted, on blocks that people labelled without a suggestion (of all where
    there are none), and which rules of the guideline good annotators apply differently.

    --gold writes the gold labels. A block without a majority has no gold label until a third annotator has labelled it;
    --push-disputed sends its page to one. Pages in an existing gold.jsonl that nobody annotated keep their labels.
    """
    from ..corpus.folder import Corpus, save_gold
    from ..corpus.scheme import scheme_of
    from ..exchange.rows import labelled_pages
    from ..labelling.annotations import aligned, load_annotations, make_gold
    from ..labelling.annotations import measure_agreement as measure
    from ..labelling.dawid_skene import Judge
    from ..labelling.judge import compare_with_people
    from ..labelling.readings import measure_readings
    from ..report import print_agreement
    from ..report.judge import judge_view
    from ..report.readings import readings_view
    from ..support.overwrite import refuse_to_overwrite
    from ..train.fit import count_labels

    if judge is not None and (gold or push_disputed is not None):
        raise UsageError("--judge measures only; leave out --gold and --push-disputed")
    if gold:
        refuse_to_overwrite(source / "gold.jsonl", force)
    chosen = scheme_of(source, scheme)
    chosen.refuse_unknown(([run.label for run in a.labels] for a in load_annotations(source)[0]), source)
    if judge is not None:
        compared = compare_with_people(source, judge, chosen.names, seed=seed)
        if json:
            typer.echo(json_.dumps(compared.to_dict(), ensure_ascii=False, indent=2))
        else:
            console().print(judge_view(compared, chosen))
        return
    readings = measure_readings(source, seed=seed)
    # One annotator is enough for gold and for the figures on suggestions, although there is no agreement to measure.
    both = any(len(by) > 1 for by in aligned(source).values())
    found = measure(source, chosen.names, seed) if both or not (gold or readings) else None
    if json and (found or readings):
        figures = {**(found.to_dict() if found else {}), **({"suggestions": readings.to_dict()} if readings else {})}
        typer.echo(json_.dumps(figures, ensure_ascii=False, indent=2))
    elif not json:
        if found:
            print_agreement(found, chosen)
        if readings:
            console().print(readings_view(readings))
    if not gold and push_disputed is None:
        return
    corpus = Corpus.open(source)
    votes = Judge.of(aligned(source, reviews=True), chosen.names, seed) if by is By.quality else None
    made = make_gold(corpus, adjudicator, judge=votes)
    if gold:
        if votes is not None:
            shares = ", ".join(f"{name} {share:.1%}" for name, share in votes.accuracy.items())
            say(f"Share of correct labels, estimated from the agreement: {shares}.")
        save_gold(source, made.annotations, chosen)
        counts = ", ".join(f"{count} {how}" for how, count in made.decided.items() if count)
        new = counted(len(made.annotations) - len(made.kept), "page")
        say(f"Gold of {new}: {counts or 'no block'}, {len(made.disputed)} disputed and left out.")
        if made.kept:
            say(f"Kept {counted(len(made.kept), 'page')} of the existing gold that nobody annotated.")
        if made.absent:
            say(f"Skipped {counted(len(made.absent), 'annotated page')} that the corpus does not have.")
        labels = [page.labels for page in labelled_pages(corpus)]
        blocks = counted(sum(map(len, labels)), "block")
        say(f"Labelled in total: {count_labels(labels):,} of {blocks} on {counted(len(labels), 'page')}.")
        if not json:
            typer.echo(source / "gold.jsonl")
    if push_disputed is not None:
        send_review(
            corpus,
            push_disputed,
            chosen if scheme else None,
            rows=[d.to_dict() for d in made.disputed],
            url=url,
            folder=folder,
            dry_run=dry_run,
        )

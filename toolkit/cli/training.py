"""train, evaluate and agree: labels in, a model and figures out."""

from __future__ import annotations

import json as json_
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..support.text import counted
from .labelled import labelled, tell_of_holes, tell_of_new_sites, warn_of_seen
from .options import HOME, Folder, Force, Json, Mirror, SchemeFile, Seed, Url
from .talk import examples, progress, say, warn

_CORPUS_HELP = "A corpus: a folder with pages.jsonl and gold.jsonl."


class By(StrEnum):
    """How the gold is made from several annotators' labels."""

    majority = "majority"
    quality = "quality"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks train corpora/sample --out models/mine",
            "pageblocks train corpora/sample --out models/mine --init default --force",
            "pageblocks train --recipe experiments/default.toml --mirror corpora/mirror --out models/default",
        )
    )(train)
    app.command(
        epilog=examples(
            "pageblocks evaluate corpora/sample --folds 5 --out report.html",
            "pageblocks evaluate corpora/sample --model models/mine --json",
        )
    )(evaluate)
    app.command(
        epilog=examples(
            "pageblocks agree corpora/sample",
            "pageblocks agree corpora/sample/annotations --json",
            "pageblocks agree corpora/mine --gold --adjudicator ben",
            "pageblocks agree corpora/mine --gold --by quality",
            'pageblocks agree corpora/mine --push-disputed "Third word"',
        )
    )(agree)


def train(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for the model.", show_default=False)],
    corpus: Annotated[Path | None, typer.Argument(metavar="CORPUS", help=_CORPUS_HELP, show_default=False)] = None,
    recipe: Annotated[
        Path | None, typer.Option("--recipe", help="Train as this file says, instead of on one corpus.")
    ] = None,
    mirror: Mirror = Path("corpora/mirror"),
    scheme: SchemeFile = None,
    init: Annotated[
        str | None,
        typer.Option(
            "--init", help="Start from this model (`default`, or a folder): a few pages are enough, in seconds."
        ),
    ] = None,
    seed: Seed = 0,
    force: Force = False,
) -> None:
    """Train a classifier on a corpus with gold labels, or by a recipe, and save it to a folder."""
    from ..corpus.folder import Corpus
    from ..corpus.public.mirror import refuse_test
    from ..model import load
    from ..model.store import refuse_foreign
    from ..train.fit import count_labels
    from ..train.fit import train as train_model

    refuse_foreign(out, force)
    if (corpus is None) == (recipe is None):
        raise typer.BadParameter("give a corpus or a --recipe, one of them")
    if recipe is not None or corpus is None:
        if scheme is not None:
            raise typer.BadParameter("--scheme goes with a corpus; a recipe's labels are those of its files")
        from ..experiment.recipe import train_recipe

        made = train_recipe(recipe or "", mirror, say)
        made.save(out)
        typer.echo(out)
        return
    refuse_test([corpus.resolve().name], corpus.resolve().parent)
    opened = Corpus.open(corpus)
    chosen = opened.scheme(scheme, gold_only=True)
    pages, labels = labelled(opened)
    chosen.refuse_unknown(labels, corpus)
    start = load(init) if init else None
    with progress(f"Training on {counted(len(pages), 'page')}"):
        made = train_model(pages, labels, seed=seed, init=start)
    source = {"started_from": Path(init).name} if init else {}
    made.save(out, {"corpus": corpus.resolve().name, "scheme": chosen.id} | source)
    say(f"Trained on {counted(len(pages), 'page')}, {counted(count_labels(labels), 'labelled block')}.")
    typer.echo(out)


def evaluate(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=_CORPUS_HELP, show_default=False)],
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="Score this model (name or folder) on all pages, instead of folds."),
    ] = None,
    folds: Annotated[
        int, typer.Option("--folds", help="Cross-validate: train on all sites but one fold's, score that fold.", min=2)
    ] = 5,
    test: Annotated[
        bool, typer.Option("--test", help="Open the test part of the corpus' split. Each opening goes on record.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write a report (one HTML file) here.")] = None,
    scheme: SchemeFile = None,
    seed: Seed = 0,
    json: Json = False,
    force: Force = False,
) -> None:
    """Say how good a classifier is on pages of sites that it has not seen.

    Without --model it cross-validates by site. With --model a warning says how many of the pages, and of their sites,
    the model learned from, what could not be checked, and whether the labels were made by correcting its suggestions:
    such figures flatter. Where the corpus has a split, its test pages are left out, or with --test are all that counts.
    """
    from .. import load
    from ..corpus.folder import Corpus
    from ..labelling.task_links import task_urls
    from ..readers.base import shown_path
    from ..report import print_evaluation
    from ..report.html import write_evaluation
    from ..support.endings import refuse_ending
    from ..support.overwrite import files_of_corpus, refuse_to_overwrite
    from ..train.fit import cross_validate, evaluate_predictions, predict

    if out is not None:
        refuse_ending(out, "html")
        refuse_to_overwrite(out, force, files_of_corpus(corpus))
    opened = Corpus.open(corpus)
    labels_of = opened.scheme(scheme, gold_only=True)
    pages, labels = opened.labelled(test=True) if test else labelled(opened)
    labels_of.refuse_unknown(labels, corpus)
    fitted = load(model) if model is not None else None
    if fitted is not None:
        labels_of.refuse_model(map(str, fitted.classes_), f"the model {shown_path(model or '')}")
        if (learned := fitted.facts_.get("scheme", labels_of.id)) != labels_of.id:
            warn(
                f"the model learned labels of {learned}, the corpus is of {labels_of.id}: where meanings changed, it "
                "is wrong"
            )
    if test:
        from ..train.final_test import final_test

        predictions = final_test(corpus, fitted, seed)
        tell_of_new_sites(opened)
        tell_of_holes(predictions.gold)
    elif fitted is not None:
        predictions = predict(fitted, pages, labels)
    else:
        with progress(f"Cross-validating {counted(len(pages), 'page')}", total=folds) as tick:
            predictions = cross_validate(pages, labels, folds, seed, tick)
    scores, floor = evaluate_predictions(predictions, labels_of, seed, opened.types())
    seen = warn_of_seen(fitted, predictions.pages, opened.suggested_by())
    if json:
        checked = {"seen_pages": seen.either, "seen": seen.to_dict()}
        typer.echo(json_.dumps(scores.to_dict() | checked, ensure_ascii=False, indent=2))
    else:
        print_evaluation(scores, floor, labels_of, seen=seen)
    if out is not None:
        how = {"model": shown_path(model)} if model else {"model": f"trained on the other folds of {folds}, by site"}
        what = {"corpus": shown_path(str(corpus)), "scheme": labels_of.id}
        facts: dict[str, object] = {**what, **how, "seed": seed, "seen": seen, "task_urls": task_urls(corpus)}
        write_evaluation(scores, floor, predictions, out, labels_of, facts)
        say(f"The report: {out.resolve().as_uri()}")


def agree(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="CORPUS", help="A corpus, a folder of annotation files, or one file.", show_default=False
        ),
    ],
    scheme: SchemeFile = None,
    gold: Annotated[bool, typer.Option("--gold", help="Also write gold.jsonl: the majority's labels.")] = False,
    adjudicator: Annotated[
        str | None, typer.Option("--adjudicator", help="Whose label counts where there is no majority.")
    ] = None,
    by: Annotated[
        By, typer.Option("--by", help="How --gold decides: the majority, or votes weighed by each annotator's quality.")
    ] = By.majority,
    push_disputed: Annotated[
        str | None,
        typer.Option(
            "--push-disputed",
            help="Send the pages with disputed blocks to this Label Studio project, for a third person.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --push-disputed: say what would be sent, send nothing.")
    ] = False,
    url: Url = None,
    folder: Folder = HOME,
    seed: Seed = 0,
    json: Json = False,
    force: Force = False,
) -> None:
    """Say how far annotators agree, by label; with --gold make the gold labels from their annotations.

    A block without a majority stays without gold until a third person has labelled it: --push-disputed sends its page
    to one. Pages of an older gold.jsonl that nobody annotated keep their labels.
    """
    from ..corpus.folder import Corpus, save_gold
    from ..corpus.scheme import scheme_of
    from ..exchange.rows import labelled_pages
    from ..labelling.annotations import agree as measure
    from ..labelling.annotations import aligned, load_annotations, make_gold
    from ..labelling.dawid_skene import Judge
    from ..report import print_agreement
    from ..support.overwrite import refuse_to_overwrite
    from ..train.fit import count_labels

    if gold:
        refuse_to_overwrite(source / "gold.jsonl", force)
    chosen = scheme_of(source, scheme)
    chosen.refuse_unknown(([run.label for run in a.labels] for a in load_annotations(source)[0]), source)
    # One annotator is enough for gold, though there is nothing to compare.
    if not gold or any(len(by) > 1 for by in aligned(source).values()):
        found = measure(source, chosen.names, seed)
        if json:
            typer.echo(json_.dumps(found.to_dict(), ensure_ascii=False, indent=2))
        else:
            print_agreement(found, chosen)
    if not gold and push_disputed is None:
        return
    corpus = Corpus.open(source)
    judge = Judge.of(aligned(source, reviews=True), chosen.names) if by is By.quality else None
    made = make_gold(corpus, adjudicator, judge=judge)
    if gold:
        if judge is not None:
            shares = ", ".join(f"{name} {share:.1%}" for name, share in judge.to_dict().items())
            say(f"Blocks labelled right, as far as their agreement tells: {shares}.")
        save_gold(source, made.annotations, chosen)
        counts = ", ".join(f"{count} {how}" for how, count in made.decided.items() if count)
        new = counted(len(made.annotations) - len(made.kept), "page")
        say(f"Gold of {new}: {counts or 'no block'}, {len(made.disputed)} disputed and left out.")
        if made.kept:
            say(f"Kept as they are: {counted(len(made.kept), 'page')} of the older gold that nobody annotated.")
        if made.absent:
            say(f"No gold of {counted(len(made.absent), 'annotated page')} that the corpus does not have.")
        labels = [page.labels for page in labelled_pages(corpus)]
        blocks = counted(sum(map(len, labels)), "block")
        say(f"Labelled in all: {count_labels(labels):,} of {blocks} on {counted(len(labels), 'page')}.")
        if not json:
            typer.echo(source / "gold.jsonl")
    if push_disputed is not None:
        from .reviews import send_review

        send_review(
            corpus,
            push_disputed,
            chosen if scheme else None,
            [d.to_dict() for d in made.disputed],
            url,
            folder,
            dry_run,
        )

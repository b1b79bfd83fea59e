"""evaluate: how good a classifier is on pages of sites that it has not seen."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..support.text import counted
from .labelled import read_labelled_pages, tell_of_holes, tell_of_new_sites
from .options import CorpusFolder, Force, Json, SchemeFile, Seed
from .output import examples, progress, say, warn

if TYPE_CHECKING:
    from ..model import BlockClassifier


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "pageblocks evaluate corpora/sample --folds 5 --out report.html",
            "pageblocks evaluate corpora/sample --model models/mine --json",
            "pageblocks evaluate corpora/sample --folds 5 --save run.jsonl",
        )
    )(evaluate)


def evaluate(
    corpus: CorpusFolder,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", "-m", help="Score this model (name or folder) on all pages instead of cross-validating."
        ),
    ] = None,
    folds: Annotated[int, typer.Option("--folds", help="Number of folds for cross-validation by site.", min=2)] = 5,
    test: Annotated[
        bool, typer.Option("--test", help="Score the test part of the corpus' split; every use is recorded.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write a report to this HTML file.")] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", help="Write the predicted labels to this JSON-lines file, for `pageblocks compare`."),
    ] = None,
    scheme: SchemeFile = None,
    seed: Seed = 0,
    json: Json = False,
    force: Force = False,
) -> None:
    """Measure a classifier on pages of sites that it has not seen.

    By default the corpus is cross-validated by site. Coded checks (PB001 and so on, see docs/checks.md) say what makes
    the scores too high or too vague, such as pages that the model was trained on, and what could not be checked. If the
    corpus has a split, its test pages are left out; with --test only they are scored.
    """
    from .. import load
    from ..checks import check_evaluation
    from ..corpus.folder import Corpus
    from ..labelling.as_seen import score_as_seen
    from ..labelling.doubtful import disputed_blocks, doubtful_labels
    from ..labelling.readings import measure_readings
    from ..labelling.task_links import task_urls
    from ..model.seen import seen
    from ..readers.base import shown_path
    from ..report import print_evaluation
    from ..report.html import write_evaluation
    from ..standoff import detach, write_annotations
    from ..support.endings import refuse_ending
    from ..support.overwrite import files_of_corpus, refuse_to_overwrite
    from ..train.fit import cross_validate, evaluate_predictions, predict

    if out is not None:
        refuse_ending(out, "html")
        refuse_to_overwrite(out, force, files_of_corpus(corpus))
    if save is not None:
        refuse_ending(save, "jsonl")
        refuse_to_overwrite(save, force, files_of_corpus(corpus))
    opened = Corpus.open(corpus)
    labels_of = opened.scheme(scheme, gold_only=True)
    pages, labels = opened.read_labelled(test=True) if test else read_labelled_pages(opened)
    labels_of.refuse_unknown(labels, corpus)
    fitted = load(model) if model is not None else None
    if fitted is not None:
        labels_of.refuse_model(map(str, fitted.classes_), f"the model {shown_path(model or '')}")
        if (learned := fitted.facts_.get("scheme", labels_of.id)) != labels_of.id:
            warn(
                f"the model was trained on labels of {learned}, the corpus has labels of {labels_of.id}: labels whose "
                "meaning changed count as mistakes"
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
            predictions = cross_validate(pages, labels, folds, seed=seed, on_fold=tick)
    as_seen = score_as_seen(opened, predictions, seed=seed)
    readings = None if as_seen is None else measure_readings(corpus, seed=seed)
    if as_seen is not None:
        say(f"note: {as_seen}")
    scores, floor = evaluate_predictions(predictions, labels_of, seed, types=opened.types())
    if save is not None:
        who = shown_path(model) if model else f"{folds} folds"
        write_annotations(
            save,
            [
                detach(page, found, who, scheme=labels_of.id)
                for page, found in zip(predictions.pages, predictions.predicted, strict=True)
            ],
        )
    known = seen(fitted, predictions.pages, opened.suggested_by())
    with progress("Checking"):
        checks = check_evaluation(
            scores, floor, predictions, model=fitted, corpus=opened, default=_default(), known=known, split=test
        )
    doubts = doubtful_labels(predictions, disputed_blocks(corpus))
    if json:
        for check in checks:
            if check.state == "problem":
                warn(f"{check.code}: {check.found} {check.do}")
        more = {"seen_pages": known.either, "seen": known.to_dict(), "checks": [check.to_dict() for check in checks]}
        more["doubtful_labels"] = len(doubts)
        if as_seen is not None and readings is not None:
            more["suggestions"] = as_seen.to_dict() | readings.to_dict()
        typer.echo(json_.dumps(scores.to_dict() | more, ensure_ascii=False, indent=2))
    else:
        print_evaluation(scores, floor, labels_of, checks=checks, doubtful=len(doubts))
    if out is not None:
        how = {"model": shown_path(model)} if model else {"model": f"trained on the other folds of {folds}, by site"}
        what = {"corpus": shown_path(str(corpus)), "scheme": labels_of.id}
        facts: dict[str, object] = {**what, **how, "seed": seed, "task_urls": task_urls(corpus)}
        facts |= {"as_seen": as_seen, "readings": readings}
        write_evaluation(
            scores, floor, predictions, path=out, scheme=labels_of, meta=facts, checks=checks, doubts=doubts
        )
        say(f"Report: {out.resolve().as_uri()}")


def _default() -> BlockClassifier | None:
    """The model that comes with pageblocks, if it is there."""
    from .. import load
    from ..errors import BadModel

    try:
        return load()
    except BadModel:
        return None

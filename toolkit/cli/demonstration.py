"""The whole workflow on the sample corpus, with a real Label Studio. A second run reuses existing results."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..classify.run import classify, segment_pages
from ..corpus.folder import Corpus, save_gold
from ..errors import BadInput, BadModel, NotInStudio
from ..labelling.annotations import load_annotations, make_gold, measure_agreement
from ..labelling.task_links import task_urls
from ..model.scheme import scheme_of_model
from ..page import Blocks
from ..report import print_agreement, print_evaluation
from ..report.html import write_evaluation
from ..scheme import Scheme
from ..standoff import read_annotations
from ..studio import server
from ..support.files import data_path, read_jsonl, write_jsonl
from ..support.text import counted
from ..train.fit import evaluate_predictions, predict, train
from ..train.folds import hold_out
from .output import coloured, console, harmless, progress

if TYPE_CHECKING:
    from ..model import BlockClassifier
    from ..studio import Client, Project
    from ..train.fit import Predictions

TITLE = "pageblocks demo"
SAMPLE = "corpora/sample"
_SHOWN = 40  # blocks that fit on one or two screens


@dataclass(frozen=True)
class Demo:
    """The results of the demo. `url` is the project's address; it does not answer if the server was stopped."""

    report: Path
    model: Path
    corpus: Path
    url: str
    user: str
    password: str
    running: bool


def demo(folder: Path | str = "runs/demo", keep: bool = False, studio: Path | str = server.FOLDER) -> Demo:
    """Sample corpus -> Label Studio -> agreement and gold -> classifier -> report -> a page that it has not seen.

    `folder` gets the corpus as pulled, the model and the report; `studio` is the server's. The server is stopped at the
    end unless `keep` is given or it ran before. Raises PageblocksError at the first step that fails; run it again to go
    on.
    """
    folder, scheme, began = Path(folder), Scheme.default(), time.monotonic()
    corpus = _own_copy(data_path(SAMPLE), folder / "corpus")
    _segment(corpus)
    ran_before = server.status(studio) is not None
    with _step(2, "Start Label Studio, on this machine only"):
        running = server.start(studio)
        _say(f"running at {running.url}")
    try:
        url = _label(corpus, scheme, studio)
        _gold(corpus, scheme)
        model, found = _train(corpus, folder / "model")
        _evaluate(found, corpus, scheme, path=folder / "report.html")
        _classify(model, found)
    finally:
        if not keep and not ran_before:
            server.stop(studio)
    done = Demo(
        folder / "report.html", folder / "model", corpus.folder, url, running.user, running.password, keep or ran_before
    )
    _farewell(done, time.monotonic() - began)
    return done


def _own_copy(sample: Path, folder: Path) -> Corpus:
    """A copy of the sample for the demo, so that pulled annotations do not change the sample."""
    rows = list(read_jsonl(sample / "pages.jsonl"))
    if (folder / "pages.jsonl").exists() and Corpus.open(folder).rows.keys() != {row["id"] for row in rows}:
        raise BadInput(f"{folder} is another corpus than the sample; use another --folder for the demo")
    for row in rows:
        target = folder / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample / row["file"], target)
    write_jsonl(folder / "pages.jsonl", rows)
    return Corpus.open(folder)


def _segment(corpus: Corpus) -> None:
    with _step(1, "Split the sample corpus into blocks"), progress("Segmenting", total=len(corpus.rows)) as tick:
        pages: list[Blocks] = []
        for blocks in segment_pages(corpus.pages()):
            pages.append(blocks)
            tick()
        formats = Counter(blocks.page.format for blocks in pages)
        sites = len({blocks.page.site for blocks in pages})
        kinds = ", ".join(f"{count} {name}" for name, count in formats.most_common())
        _say(
            f"{counted(len(pages), 'page')} ({kinds}) of {counted(sites, 'site')}, "
            f"{counted(sum(map(len, pages)), 'block')}"
        )


def _label(corpus: Corpus, scheme: Scheme, studio: Path | str) -> str:
    from ..studio import connect

    with connect(folder=studio) as client:
        return _answers(client, corpus, scheme)


def _answers(client: Client, corpus: Corpus, scheme: Scheme) -> str:
    from ..labelling.sync import pull_corpus, push_corpus
    from ..studio import annotate, find_project

    with _step(3, "Push the pages to a project, each block with a suggestion of the model"):
        pushed = push_corpus(client, corpus, TITLE, scheme=scheme, model=_default_model(), overlap=2)
        _say(f"{counted(pushed.report.sent, 'page')} sent, {pushed.report.present} already there")
    project: Project | None = find_project(client, TITLE)
    if project is None:
        raise NotInStudio(f"the project {TITLE!r} was deleted from {client.url}; run the demo again")
    with _step(4, "Send the answers of two annotators"):
        answers, _ = load_annotations(data_path(SAMPLE))
        sent = annotate(project, answers)
        for problem in sent.problems:
            _say(problem)
        _say(f"{counted(sent.sent, 'annotation')} sent, {sent.present} already there")
    with _step(5, "Pull the annotations from Label Studio"):
        report = pull_corpus(client, TITLE, corpus.folder)
        people = ", ".join(
            f"{harmless(name)} {counted(len(found), 'page')}" for name, found in sorted(report.by_annotator.items())
        )
        _say(f"{people}; {report.fetched} of {counted(report.tasks, 'page')} had new answers")
    return pushed.url


def _gold(corpus: Corpus, scheme: Scheme) -> None:
    with _step(6, "Measure agreement and write one gold label per block"):
        print_agreement(measure_agreement(corpus.folder), scheme)
        # The sample contains a third annotator's labels of the disputed blocks.
        third = [replace(a, annotator="adjudicator") for a in read_annotations(data_path(SAMPLE) / "gold.jsonl")]
        gold = make_gold(corpus, adjudicator="adjudicator", more=third)
        save_gold(corpus.folder, gold.annotations, scheme)
        counts = ", ".join(f"{count} {how}" for how, count in gold.decided.items() if count)
        _say(
            f"gold of {counted(len(gold.annotations), 'page')}: {counts}"
            + (f", {len(gold.disputed)} disputed" if gold.disputed else "")
        )


def _train(corpus: Corpus, folder: Path) -> tuple[BlockClassifier, Predictions]:
    with _step(7, "Train a classifier on three quarters of the sites"):
        pages, labels = corpus.read_labelled()
        ours, theirs = hold_out(pages, labels)
        with progress("Training"):
            model = train([pages[i] for i in ours], [labels[i] for i in ours])
        model.save(folder)
        found = predict(model, [pages[i] for i in theirs], [labels[i] for i in theirs])
        sites = len({pages[i].page.site for i in ours})
        _say(f"trained on {counted(len(ours), 'page')} of {counted(sites, 'site')}; saved to {folder}")
    return model, found


def _evaluate(found: Predictions, corpus: Corpus, scheme: Scheme, *, path: Path) -> None:
    with _step(8, "Evaluate the classifier on the other sites"):
        scores, floor = evaluate_predictions(found, scheme, types=corpus.types())
        print_evaluation(scores, floor, scheme)
        facts = {
            "title": "pageblocks demo",
            "corpus": "the sample corpus",
            "model": "trained on three quarters of its sites",
        }
        write_evaluation(
            scores, floor, found, path=path, scheme=scheme, meta=facts | {"task_urls": task_urls(corpus.folder)}
        )
        _say(f"report with every wrong block in its page: {path}")


def _classify(model: BlockClassifier, found: Predictions) -> None:
    with _step(9, "Classify a page of one of these sites"):
        # The page with the most labels among those that fit on one or two screens.
        page = max(
            found.pages, key=lambda blocks: (len(blocks) <= _SHOWN, len(set(found.gold[found.pages.index(blocks)])))
        )
        for classified in classify([page.page], model, batch=1):
            coloured(classified, range(len(classified.labels)), scheme_of_model(model))


def _default_model() -> BlockClassifier | None:
    from ..model import load

    try:
        return load()
    except BadModel as error:
        _say(f"no suggestions: {error}")
        return None


def _farewell(done: Demo, seconds: float) -> None:
    out = console(err=True)
    out.soft_wrap = True  # keep addresses and paths in one line, for copying
    out.print(f"\nDone in {counted(round(seconds), 'second')}.", style="bold")
    out.print(f"  report        {done.report.resolve().as_uri()}")
    out.print(f"  corpus        {done.corpus}")
    out.print(f"  model         {done.model}  (pageblocks classify PAGE --model {done.model})")
    out.print(f"  Label Studio  {done.url}" + ("" if done.running else "  (stopped; `make studio` starts it again)"))
    out.print(f"                user {done.user}, password {done.password}")


@contextmanager
def _step(number: int, title: str) -> Iterator[None]:
    console(err=True).print(f"\n{number}. {title}", style="bold")
    yield


def _say(text: str) -> None:
    console(err=True).print(f"   {text}")

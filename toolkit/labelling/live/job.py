"""A refit, in a process of its own: pull, train, check, save. Reads its task as JSON from stdin, writes its result as
JSON to stdout.

`python -m toolkit.labelling.live.job` is started by `refit`; nothing here knows of the server beside it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...corpus.folder import Corpus
from ...errors import AlreadyExists, BadModel, PageblocksError, TooFewLabels
from ...model import BlockClassifier
from ...page import Blocks, group_of
from ...segment import segment
from ...standoff import Annotation, attach
from ...studio.client import connect
from ...studio.projects import find_project
from ...support.text import counted
from ...train.fit import check_known, check_labels, cross_validate
from ..annotations import load_annotations, make_gold
from ..sync import pull_corpus

LIVE = "live"  # in the folder of models: leads to the one that is used
EPOCHS = 8  # of a refit's training
KEPT = 2  # models of refits that stay on the disk
_OURS = re.compile(r"blocks-[0-9a-f]{8}")


@dataclass(frozen=True)
class Task:
    """The task of a refit. `running`: the folder of the model in use; `until`: the time of the newest label that it
    learned from.
    """

    corpus: str
    project: int
    running: str
    out: str
    until: str = ""
    url: str | None = None
    folder: str = ".studio"
    seed: int = 0


@dataclass(frozen=True)
class RefitResult:
    """What came of it. `path` is the new model's folder, "" where the running one stays; `pages` are those that it
    learned from, `fresh` of them were labelled since.

    Of the fresh pages' blocks, `told` are those that people labelled against a suggestion or without one; `old` and
    `new` are the shares of these that either model gets right (-1: not known). `lost` counts other blocks whose
    suggestion people kept, and that only the new model gets wrong.
    """

    path: str
    version: str
    pages: int
    fresh: int
    told: int = 0
    old: float = -1
    new: float = -1
    lost: int = 0

    def __str__(self) -> str:
        if not self.fresh:
            return "no newly labelled pages; the model stays"
        shares = ""
        if self.new >= 0:
            blocks = f"{counted(self.told, 'block')} that people corrected or labelled without a suggestion"
            shares = f", {self.new:.1%} of the {blocks} right (before: {self.old:.1%}), {self.lost} kept ones wrong"
        if self.path:
            return f"{self.version}: trained on {counted(self.pages, 'page')}{shares}"
        return f"the model stays: a model trained on {counted(self.pages, 'page')} is not better{shares}"


def refit(task: Task) -> RefitResult:
    """Pull the project's annotations into the corpus, train on all labels, and save the model if it is no worse.

    A page's labels are its gold; where it was annotated after that, they are its annotators' present labels.
    """
    with connect(task.url, folder=task.folder) as client:
        pull_corpus(client, task.project, task.corpus, quiet=True)
        project = find_project(client, task.project)
    pages, labels, fresh, until = collect_refit_pages(Corpus.open(task.corpus), task.until)
    check_labels(labels)
    check_known(labels, project.names if project else (), "the project")
    if not fresh:
        return RefitResult("", "", len(pages), 0)
    running = BlockClassifier.load(task.running)
    said = [one for one in load_annotations(task.corpus)[0] if one.models]
    shown = {i: _shown(pages[i], said, running) for i in fresh if any(one.page == pages[i].page.id for one in said)}
    model, result = improve(pages, labels, fresh, shown=shown, running=running, seed=task.seed)
    if model is None:
        return result
    path = save_live_model(model, Path(task.out), {"until": until})
    return replace(result, path=str(path), version=model.version)


def _shown(page: Blocks, said: Sequence[Annotation], running: BlockClassifier) -> list[str | None]:
    """The suggestions that people had on a page: those of the running model, but on blocks that had none."""
    blind = {
        (run.start, run.end, run.hash)
        for one in said
        if one.page == page.page.id
        for run, hint in zip(one.labels, one.shown, strict=False)
        if hint is None or hint.how in ("blind", "unsure")
    }
    places = zip(page.start, page.end, page.hashes, strict=True)
    return [None if at in blind else label for at, label in zip(places, running.predict([page])[0], strict=True)]


def improve(
    pages: list[Blocks],
    labels: list[list[str | None]],
    fresh: Sequence[int],
    *,
    shown: Mapping[int, Sequence[str | None]],
    running: BlockClassifier,
    seed: int = 0,
) -> tuple[BlockClassifier | None, RefitResult]:
    """A model that goes on from the running one with all labels; None where it is not better.

    `fresh` are the pages to compare on, by models that did not learn from their sites since; `shown` are the
    suggestions that people had there. What people keep of suggestions says little, so the new model must get more
    blocks right among those that they corrected or labelled without a suggestion, and more than it gets wrong among
    those that they kept. Where nothing can be compared, it is taken.
    """
    settings = BlockClassifier(random_state=seed, epochs=EPOCHS)
    found = _without_sites(pages, labels, fresh, settings=settings, running=running)
    told, old, new, lost = 0, 0, 0, 0
    for i, later in found.items():
        before = running.predict([pages[i]])[0]
        for label, hint, a, b in zip(labels[i], shown.get(i) or [None] * len(before), before, later, strict=True):
            if label is None:
                continue
            if hint == label:
                lost += a == label != b
            else:
                told, old, new = told + 1, old + (a == label), new + (b == label)
    result = RefitResult("", "", len(pages), len(fresh), told, lost=lost)
    if told:
        result = replace(result, old=old / told, new=new / told)
    if found and new - old <= lost:
        return None, result
    return settings.fit(pages, labels, init=running), result


def _without_sites(
    pages: list[Blocks],
    labels: list[list[str | None]],
    fresh: Sequence[int],
    *,
    settings: BlockClassifier,
    running: BlockClassifier,
) -> dict[int, list[str]]:
    """What new models that did not see their sites say of the fresh pages; empty for too few sites or labels."""
    if all(pages[i].page.format == "html" for i in fresh):  # then the half that reads text pages need not be trained
        kept = [i for i, page in enumerate(pages) if page.page.format == "html"]
    else:
        kept = list(range(len(pages)))
    some = [pages[i] for i in kept]
    sites = len({group_of(page) for page in some})
    try:
        running.predict([pages[i] for i in fresh[:1]])
        made = cross_validate(
            some,
            [labels[i] for i in kept],
            max(2, min(3, sites)),
            seed=settings.random_state,
            model=settings,
            init=running,
        )
    except (TooFewLabels, BadModel):  # one site, one label in a fold, a model that reads no text pages
        return {}
    return {i: made.predicted[kept.index(i)] for i in fresh}


def collect_refit_pages(corpus: Corpus, since: str = "") -> tuple[list[Blocks], list[list[str | None]], list[int], str]:
    """Pages, labels, which of them carry annotations newer than gold and `since`, and the time of the newest.

    Test pages of the corpus' split are left out.
    """
    gold = corpus.gold() if (corpus.folder / "gold.jsonl").exists() else {}
    found = dict(gold)
    for made in make_gold(corpus).annotations:
        # The gold's time is that of the newest annotation that it was made from.
        if made.page not in gold or made.created_at > gold[made.page].created_at:
            found[made.page] = made
    chosen = corpus.split()
    pages: list[Blocks] = []
    labels: list[list[str | None]] = []
    fresh: list[int] = []
    for id, annotation in found.items():
        if id not in corpus.rows or annotation.state != "done":
            continue
        blocks = segment(corpus.page(id))
        if chosen is not None and chosen.part(group_of(blocks)) == "test":
            continue
        answers = attach(blocks, annotation)
        if any(label is not None for label in answers):
            if annotation is not gold.get(id) and annotation.created_at > since:
                fresh.append(len(pages))
            pages.append(blocks)
            labels.append(answers)
    return pages, labels, fresh, max((a.created_at for a in found.values()), default="")


def save_live_model(model: BlockClassifier, out: Path, facts: dict[str, Any]) -> Path:
    """Save to a folder of the version's name in `out`, whole or not at all, and have `out`/live lead to it."""
    path, link = out / model.version, out / LIVE
    making = out / f".{model.version}.{os.getpid()}"
    pointer = out / f".{LIVE}.{os.getpid()}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        if link.exists() and not link.is_symlink():
            raise AlreadyExists(
                f"{link} is not a link that `pageblocks studio backend` made; move it away, or give another "
                "folder with --out",
                path=link,
            )
        model.save(making, facts)
        if path.exists():
            shutil.rmtree(path)  # the same weights, perhaps damaged
        making.rename(path)
        pointer.symlink_to(path.name)
        pointer.replace(link)
        older = sorted(
            (p for p in out.iterdir() if _OURS.fullmatch(p.name)), key=lambda p: p.stat().st_mtime_ns, reverse=True
        )
        for old in older[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise PageblocksError(
            f"cannot save the model in {out}: {error.strerror or error}; the old one stays"
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
        pointer.unlink(missing_ok=True)
    return path


def main() -> int:
    """Run the refit that stdin describes, at low priority; the exit status."""
    with suppress(AttributeError, OSError):
        os.nice(10)  # suggestions and the annotator's own programs go first
    try:
        result = refit(Task(**json.load(sys.stdin)))
    except PageblocksError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 1
    print(json.dumps(asdict(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

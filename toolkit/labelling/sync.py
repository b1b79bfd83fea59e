"""A corpus and a Label Studio project: pages out with suggestions, annotations back into the corpus's folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ..classify.run import segment_pages
from ..corpus.folder import Corpus
from ..corpus.scheme import keep_scheme, read_scheme, refuse_other_labels, scheme_of, scheme_path
from ..errors import BadInput, BadScheme, NotInStudio, PageblocksError, UsageError
from ..page import Blocks, Page
from ..scheme import Scheme
from ..standoff import Annotation, attach, read_annotations, write_annotations
from ..studio import (
    PullReport,
    PushReport,
    ensure_overlap,
    ensure_project,
    find_project,
    refuse_other_scheme,
    work_on,
)
from ..studio import pull as pull_answers
from ..studio import push as push_pages
from ..studio.models import AWAY, live
from ..studio.projects import refuse_moving
from ..studio.sync import suggest
from ..studio.withheld import NOTHING, Share
from . import next_pages as choose
from .migrate.corpus import MigrationPlan, migrate_annotations
from .migrate.record import recorded_plan
from .migrate.undecided import read_undecided, write_undecided

if TYPE_CHECKING:
    from ..model import BlockClassifier
    from ..studio import Client, Project

OnError = Callable[[PageblocksError], object]


@dataclass(frozen=True)
class Pushed:
    """What a push did; `url` is where annotators work ("" in a dry run that found no project), `bad` counts pages that
    could not be read.
    """

    url: str
    report: PushReport
    bad: int


def push_corpus(
    client: Client,
    corpus: Corpus,
    title: str,
    *,
    scheme: Scheme | None = None,
    model: BlockClassifier | None = None,
    limit: int | None = None,
    order: str = "given",
    overlap: float = 1,
    share: Share = NOTHING,
    seed: int = 0,
    dry_run: bool = False,
    on_error: OnError | None = None,
    quiet: bool = False,
) -> Pushed:
    """Send pages of a corpus to the project `title`, which is made when there is none.

    `order` "given" sends the first `limit` pages (all by default). "uncertain", "diverse" and "random" rank the
    unlabelled pages and send as many as are needed for `limit` of them to wait in the project, most useful first; pages
    that wait already count, so that the same push again sends nothing.

    The corpus remembers a `scheme` that is given; the default is the corpus' own. Raises BadScheme
    where the corpus, the project or the model is of another one.

    `model` suggests a label for each block; without it the scheme's default label is shown. `overlap` below 1 is the
    share of the pages that a second person labels too; 1, 2, 3 are how many people label each page of a new project.
    `share` is what is shown without a suggestion, or with a wrong one. Pages that cannot be read go to `on_error`;
    without it the error is raised.
    """
    bad = 0

    def fail(error: PageblocksError) -> None:
        nonlocal bad
        if on_error is None:
            raise error
        bad += 1
        on_error(error)

    if overlap <= 0 or (overlap > 1 and overlap != int(overlap)):
        raise UsageError(
            f"an overlap of {overlap:g}; give a share of the pages (0.2), or how many people label each (2)"
        )
    if order == "uncertain" and model is None:
        raise UsageError("the order `uncertain` needs a model; give --model, or --order diverse or random")

    if (share.probe or share.above) and model is None:
        raise UsageError("probes and a threshold need the suggestions of a model; give --model")

    def read(ids: Iterable[str]) -> list[Blocks]:
        return list(segment_pages(_readable(corpus, ids, fail), fail))

    people = max(1, int(overlap))
    chosen = corpus.scheme(scheme)
    refuse_model(model, chosen)
    project = project_of(client, title, chosen, overlap=people, dry_run=dry_run)
    if scheme is not None and not dry_run:
        keep_scheme(corpus.folder, chosen)
    if order == "given":
        pages = read(islice(corpus.rows, limit))
    else:
        waiting, answered = work_on(project) if project else (set[str](), set[str]())
        pages = choose.choose(
            corpus, read, order, limit=limit, model=model, waiting=waiting, answered=answered, seed=seed
        )
    if project is None:
        return Pushed("", PushReport(sent=len(pages)), bad)
    labels, scores, version = suggest(model, pages)
    report = push_pages(
        project,
        pages,
        labels,
        scores=scores,
        model_version=version,
        default=chosen.default_label,
        share=share,
        truth=_gold(corpus, pages) if share.probe else None,
        dry_run=dry_run,
        quiet=quiet,
    )
    if overlap < 1 and not dry_run:
        ensure_overlap(project, report.task_ids, overlap)
    return Pushed(project.stream, report, bad)


def _gold(corpus: Corpus, pages: Iterable[Blocks]) -> list[list[str | None] | None]:
    gold = corpus.gold() if (corpus.folder / "gold.jsonl").exists() else {}
    return [attach(page, gold[page.page.id]) if page.page.id in gold else None for page in pages]


def refuse_model(model: BlockClassifier | None, scheme: Scheme) -> None:
    """Raise BadScheme for a model that would suggest labels which the scheme does not have."""
    if model is not None:
        scheme.refuse_model(
            map(str, model.classes_), f"the model {model.version}", "without suggestions with --model none"
        )


def project_of(
    client: Client, title: str, scheme: Scheme, *, overlap: int = 1, dry_run: bool = False
) -> Project | None:
    """The project of this title and scheme, made where there is none but in a dry run. Raises as `ensure_project`
    does.
    """
    if not dry_run:
        return ensure_project(client, title, scheme, overlap=overlap)
    found = find_project(client, title)
    if found is not None:
        refuse_other_scheme(found, scheme)
    return found


def pull_corpus(
    client: Client, title: str | int, folder: Path | str, *, scheme: Scheme | None = None, full: bool = False,
    quiet: bool = False,
) -> PullReport:  # fmt: skip
    """The annotations of a project, one file an annotator in `folder`/annotations, raw exports in `folder`/studio.

    `title` is the project's title, or its number. Annotations in those files of other pages stay, and so do newer ones,
    of a project of reviews for example. Answers under a scheme from which the folder was migrated are translated. The
    folder remembers the project's scheme: that of `scheme`, or the one that
    comes with pageblocks; another scheme is recorded where it is known. Raises NotInStudio without such a
    project, BadScheme where project, folder and `scheme` are of different schemes.
    """
    project = find_project(client, title)
    if project is None:
        raise NotInStudio(f"{client.url} has no project {title!r}; `pageblocks push` makes one")
    folder = Path(folder)
    home = folder / "studio"
    refuse_moving(project)
    past = recorded_plan(folder, project.scheme)
    known = scheme_of(folder, scheme) if past else scheme_of_project(project, folder, scheme)
    report = pull_answers(project, _raw_folder(home, project.id), full=full, quiet=quiet, people=home)
    for old, name in report.aliases.items():
        before = folder / "annotations" / f"{old}.jsonl"
        if before.exists():
            theirs = [replace(annotation, annotator=name) for annotation in read_annotations(before)]
            keep_annotations(folder / "annotations" / f"{name}.jsonl", theirs)
            before.unlink()
            report.problems.append(f"{old} and {name} are the same person; all annotations are now in {name}.jsonl")
    if known is not None:
        keep_scheme(folder, known)
    elif project.scheme:
        report.problems.append(
            f"{folder} does not have the scheme {project.scheme} of these labels; pass it with --scheme FILE, "
            f"or save it as {scheme_path(folder)}"
        )
    backend = live(project)
    if backend is not None and not backend[1]:
        report.problems.append(AWAY.format(backend[0]))
    if past is not None:
        _translate(report, past, folder, project=project)
    for name, answers in report.by_annotator.items():
        keep_annotations(folder / "annotations" / f"{name}.jsonl", answers)
    return report


def _translate(report: PullReport, plan: MigrationPlan, folder: Path, *, project: Project) -> None:
    """Give the answers of a project that was not migrated the labels that a migration of the corpus gave them."""
    moved = migrate_annotations(plan, report.annotations, f"the project {project.title!r}")
    report.annotations = moved.annotations
    if moved.undecided:
        write_undecided(folder, [*read_undecided(folder), *moved.undecided])
    report.problems.append(
        f"the project {project.title!r} is of {project.scheme}, {folder} of {plan.scheme.id}: its answers are"
        " translated as that migration says; move the project, too, with `pageblocks scheme migrate` and --project"
    )


def scheme_of_project(project: Project, folder: Path, given: Scheme | None = None) -> Scheme | None:
    """The scheme of what is pulled; None where its file is unknown. Raises BadScheme where `folder` is of
    another.
    """
    refuse_moving(project)
    default = Scheme.default()
    known = given or read_scheme(folder) or (default if project.scheme == default.id else None)
    if known is None:
        refuse_other_labels(folder, project.scheme)
        return None
    chosen = scheme_of(folder, known)
    other = project.scheme and project.scheme != chosen.id
    if other or (not project.scheme and set(project.names) - set(chosen.names)):
        raise BadScheme(
            f"the project {project.title!r} is of {project.scheme or 'a scheme'} ({', '.join(project.names)}), "
            f"{folder} of"
            f" {chosen.id}; give another --out, or the scheme of the project with --scheme FILE where {folder} has no "
            "labels, or"
            f" move both with `pageblocks scheme migrate FILE --corpus {folder} --project {project.title!r}`"
        )
    return chosen


def keep_annotations(path: Path, annotations: Iterable[Annotation]) -> None:
    """Write one annotator's annotations; those that the file has of other pages, or newer ones, stay.

    Of a page there may be two: what the annotator said of it, and of some of its blocks in a review.
    """
    found = {(one.page, one.review): one for one in (read_annotations(path) if path.exists() else [])}
    for annotation in annotations:
        key = annotation.page, annotation.review
        before = found.get(key)
        if before is None or before.created_at <= annotation.created_at:
            found[key] = annotation
        whole = found.get((annotation.page, False))
        same = annotation.review and whole is not None and whole.created_at == annotation.created_at
        if same and whole is not None and set(annotation.labels) <= set(whole.labels):
            del found[annotation.page, False]  # the same answer, kept by a version that did not tell reviews apart
    write_annotations(path, [found[key] for key in sorted(found)])


def _raw_folder(folder: Path, project: int) -> Path:
    """Where the exports of a project lie: in `folder`, or beside those of the project that was pulled there first."""
    try:
        first = str(json.loads((folder / "state.json").read_text(encoding="utf-8"))["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder
    return folder if first.endswith(f"#{project}") else folder / f"project-{project}"


def _readable(corpus: Corpus, ids: Iterable[str], fail: OnError) -> Iterator[Page]:
    for id in ids:
        try:
            yield corpus.page(id)
        except BadInput as error:
            fail(error)

"""Annotations on disk -> aligned label lists -> agreement and gold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ..corpus.folder import Corpus
from ..corpus.scheme import scheme_of
from ..errors import BadInput, TooFewLabels, UsageError
from ..page import Blocks
from ..segment import segment
from ..standoff import GOLD, Annotation, attach, numbered, read_annotations
from ..studio.annotators import Annotators
from .agreement import Agreement, agreement
from .gold import Gold, Judged, adjudicate, last_words
from .migrate.undecided import chosen, read_undecided, settled

Aligned = dict[str, dict[str, list[str | None]]]


def measure_agreement(source: Path | str, labels: Sequence[str] | None = None, seed: int = 0) -> Agreement:
    """How far the annotators of a corpus agree; `source` may also be a folder of annotation files, or one such file.

    Only independent readings count: reviews, in which annotators saw the labels of others, and annotations that another
    person changed are left out and counted. Blocks that people saw with a suggestion and without one are also measured
    apart. `labels` are those of the corpus' scheme where they are not given. Raises TooFewLabels when no page was
    labelled by two people, BadScheme when a label is not one of them.
    """
    found = aligned(source)
    names = labels or scheme_of(source).names
    given = [a for a in load_annotations(source)[0] if a.state == "done"]
    reviews = [a for a in given if a.review]
    if reviews and not any(len(by) > 1 for by in found.values()):
        raise TooFewLabels(
            f"no page has labels of two annotators but in reviews ({len(reviews)}), which do not count: "
            "let a second person label some pages, then pull again"
        )
    seen = aligned(source, of=Annotation.seen)
    blind, suggested = (_seen_so(found, seen, how) for how in ("blind", "suggested"))
    return replace(
        agreement(found, names, seed=seed),
        reviews=len(reviews),
        reviewers=sorted({a.annotator for a in reviews}),
        changed=sum(bool(a.changed_by) for a in given if not a.review),
        blind=agreement(blind, names, seed=seed) if blind and suggested else None,
        suggested=agreement(suggested, names, seed=seed) if suggested else None,
    )


def _seen_so(found: Aligned, seen: Aligned, how: str) -> Aligned:
    """The labels of blocks that their annotators saw so; pages on which two gave a block such labels."""
    made = {
        page: {
            name: [label if how == one else None for label, one in zip(said, seen[page][name], strict=True)]
            for name, said in by.items()
        }
        for page, by in found.items()
    }
    return {
        page: by
        for page, by in made.items()
        if any(len(column) - column.count(None) > 1 for column in zip(*by.values(), strict=True))
    }


def aligned(
    source: Path | str, reviews: bool = False, *, of: Callable[[Annotation], Annotation] | None = None
) -> Aligned:
    """Page -> annotator -> one label a block; the blocks are those of today where the pages are there, else the
    labelled runs.

    Only what people said by themselves: without `reviews` and annotations that others changed, and without votes for a
    label that was split since. `of` puts something else in the place of the labels that count, as `Annotation.seen`.
    """
    annotations, corpus = _read(source)
    if not reviews:
        annotations = [one for one in annotations if not one.changed_by]
    if corpus is not None:
        rows = read_undecided(corpus.folder)
        annotations = settled(annotations, rows) if reviews else chosen(annotations, rows)
    if of is not None:
        annotations = [of(one) for one in annotations]
    return on_blocks(annotations, corpus, reviews) if corpus else on_runs(annotations, reviews)


def make_gold(
    corpus: Corpus, adjudicator: str | None = None, more: Iterable[Annotation] = (), *, judge: Judged | None = None
) -> Gold:
    """The gold of a corpus from its annotations (and `more` of them), on today's blocks; see `gold.adjudicate`.

    Pages of the older gold without annotations are kept as they are. Annotated pages that the corpus does not have are
    left out.
    """
    annotations = [*load_annotations(corpus.folder)[0], *more]
    people = sorted({annotation.annotator for annotation in annotations} - {GOLD})
    if adjudicator is not None and adjudicator not in people:
        raise UsageError(f"{corpus.folder}: no annotator is called {adjudicator!r}; choose one of {', '.join(people)}")
    there = [annotation for annotation in annotations if annotation.page in corpus.rows]
    older = corpus.gold() if (corpus.folder / "gold.jsonl").exists() else {}
    made = adjudicate(there, adjudicator, _blocks(corpus, there), judge=judge, older=older)
    new = {annotation.page for annotation in made.annotations}
    rest = [annotation for page, annotation in older.items() if page not in new]
    return replace(
        made,
        annotations=[*made.annotations, *rest],
        kept=[annotation.page for annotation in rest],
        absent=sorted({annotation.page for annotation in annotations} - corpus.rows.keys()),
    )


def load_annotations(source: Path | str) -> tuple[list[Annotation], Corpus | None]:
    """All annotations of a corpus (returned too), of a folder of annotation files, or of one file."""
    found, corpus = _read(source)
    # Labels that were split and are shown for now are no full votes.
    return (settled(found, read_undecided(source)) if corpus else found), corpus


def _read(source: Path | str) -> tuple[list[Annotation], Corpus | None]:
    source = Path(source)
    if not source.exists():
        raise BadInput(f"{source}: no such file or folder")
    if source.is_file():
        return read_annotations(source), None
    corpus = Corpus.open(source) if (source / "pages.jsonl").exists() else None
    folder = source / "annotations" if (source / "annotations").is_dir() else source
    others = ("pages.jsonl", "gold.jsonl") if folder == source else ()
    files = [path for path in sorted(folder.glob("*.jsonl")) if path.name not in others]
    if not files:
        looked = " and ".join(f"{place}/*.jsonl" for place in dict.fromkeys((source / "annotations", folder)))
        raise BadInput(f"{source}: no annotations (looked for {looked}); `pageblocks pull` brings them")
    found = [annotation for path in files for annotation in read_annotations(path)]
    aliases = Annotators.read(source / "studio").aliases if (source / "studio").is_dir() else {}
    return [
        replace(one, annotator=aliases.get(one.annotator, one.annotator)) for one in found
    ] if aliases else found, corpus


def on_blocks(annotations: list[Annotation], corpus: Corpus, reviews: bool = False) -> Aligned:
    """Page -> annotator -> a label for each of the page's blocks. Pages that the corpus does not have are left out."""
    blocks = _blocks(corpus, annotations)
    there = [annotation for annotation in annotations if annotation.page in blocks]
    return {
        page: {name: attach(blocks[page], said) for name, said in people.items()}
        for page, people in last_words(there, blocks, reviews).items()
    }


def on_runs(annotations: list[Annotation], reviews: bool = False) -> Aligned:
    """The same without the pages: runs with equal ends and text are one block."""
    aligned: Aligned = {}
    for page, people in last_words(annotations, {}, reviews).items():
        said = {
            name: {(r.start, r.end, r.hash, r.nth): r.label for r in numbered(one.labels)}
            for name, one in people.items()
        }
        runs = sorted({run for labels in said.values() for run in labels})
        aligned[page] = {name: [labels.get(run) for run in runs] for name, labels in said.items()}
    return aligned


def _blocks(corpus: Corpus, annotations: list[Annotation]) -> dict[str, Blocks]:
    wanted = {annotation.page for annotation in annotations}
    return {id: segment(corpus.page(id)) for id in corpus.rows if id in wanted}

"""Blocks whose label was split and not chosen yet: listed beside the corpus; what they show is no full vote.

undecided.jsonl has a line per block: its place, the label that it shows, the labels to choose from, and the annotators
and times of the annotations that show it. `pageblocks push --review` reads the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ...errors import BadInput
from ...standoff import Annotation, Run
from ...support.files import read_jsonl, write_jsonl

FILE = "undecided.jsonl"
_Place = tuple[str, int, int, str]


@dataclass(frozen=True)
class Undecided:
    """One block. `label` is shown for now, `was` the old label, `by`: annotator -> times of the annotations that show
    it.
    """

    page: str
    url: str
    start: int
    end: int
    hash: str
    label: str
    choices: list[str]
    was: str
    scheme: str  # of `label` and `choices`
    by: dict[str, list[str]] = field(default_factory=dict)
    kind: str = "split"

    @classmethod
    def of(cls, annotation: Annotation, run: Run, choices: Iterable[str], *, scheme: str) -> Undecided:
        """The block of an annotation's `run`, whose old label is now one of `choices`."""
        offered = list(choices)
        by = {annotation.annotator: [annotation.created_at]}
        return cls(
            annotation.page, annotation.url, run.start, run.end, run.hash, offered[0], offered, run.label, scheme, by
        )

    @property
    def place(self) -> _Place:
        """What identifies the block: page, start, end, hash."""
        return self.page, self.start, self.end, self.hash


def read_undecided(folder: Path | str) -> list[Undecided]:
    """The list of a corpus, empty when there is none. Raises BadInput for a line of another form."""
    path = Path(folder) / FILE
    if not path.exists():
        return []
    try:
        return [Undecided(**row) for row in read_jsonl(path)]
    except TypeError as error:
        raise BadInput(f"{path}: a line is not an undecided block ({error}); correct or remove it") from error


def write_undecided(folder: Path | str, rows: Iterable[Undecided]) -> list[Undecided]:
    """Make these rows the list of a corpus, one a block, and return it. The same rows again change nothing."""
    found: dict[tuple[_Place, tuple[str, ...]], Undecided] = {}
    for row in rows:
        key = (row.place, tuple(row.choices))
        known = found.get(key, row)
        names = dict.fromkeys((*known.by, *row.by))
        found[key] = replace(known, by={n: sorted({*known.by.get(n, []), *row.by.get(n, [])}) for n in names})
    made = list(found.values())
    if made or (Path(folder) / FILE).exists():
        write_jsonl(Path(folder) / FILE, (asdict(row) for row in made))
    return made


def settled(annotations: Iterable[Annotation], rows: Iterable[Undecided]) -> list[Annotation]:
    """Annotations in which votes on split labels follow the choices between the parts.

    "News or essay" is a vote for essay once someone has chosen essay. Where choices differ it is no vote; without a
    choice it stays what it shows. An annotation made after the migration is a choice like any other.
    """
    given = list(annotations)
    listed: dict[_Place, list[Undecided]] = {}
    for row in rows:
        listed.setdefault(row.place, []).append(row)
    if not listed:
        return given
    chosen: dict[_Place, Counter[str]] = {}
    for annotation, run in _votes(given):
        place = (annotation.page, run.start, run.end, run.hash)
        if place in listed and _shown(annotation, run, listed[place]) is None:
            chosen.setdefault(place, Counter())[run.label] += 1
    return [_with(annotation, list(_followed(annotation, listed, chosen))) for annotation in given]


def chosen(annotations: Iterable[Annotation], rows: Iterable[Undecided]) -> list[Annotation]:
    """Annotations without the labels that they only show for now, which no one gave."""
    listed: dict[_Place, list[Undecided]] = {}
    for row in rows:
        listed.setdefault(row.place, []).append(row)

    def said(one: Annotation, run: Run) -> bool:
        return _shown(one, run, listed.get((one.page, run.start, run.end, run.hash), ())) is None

    return [_with(one, [run for run in one.labels if said(one, run)]) for one in annotations]


def _with(annotation: Annotation, labels: list[Run]) -> Annotation:
    """The annotation with other labels; what was suggested for them stays where none is left out."""
    same = len(labels) == len(annotation.labels)
    return replace(annotation, labels=labels, shown=annotation.shown if same else [])


def _votes(annotations: Iterable[Annotation]) -> Iterator[tuple[Annotation, Run]]:
    return ((a, run) for a in annotations if a.state == "done" for run in a.labels)


def _shown(annotation: Annotation, run: Run, rows: Iterable[Undecided]) -> Undecided | None:
    """The row that this run only shows a label for, None for a label that was chosen."""
    times = (
        row for row in rows if run.label == row.label and annotation.created_at in row.by.get(annotation.annotator, ())
    )
    return next(times, None)


def _followed(
    annotation: Annotation, listed: dict[_Place, list[Undecided]], chosen: dict[_Place, Counter[str]]
) -> Iterator[Run]:
    for run in annotation.labels:
        place = (annotation.page, run.start, run.end, run.hash)
        row = _shown(annotation, run, listed.get(place, ()))
        votes = [
            (n, label) for label, n in chosen.get(place, Counter()).items() if row is not None and label in row.choices
        ]
        if not votes:
            yield run
            continue
        most = max(n for n, _ in votes)
        best = [label for n, label in votes if n == most]
        if len(best) == 1:
            yield run._replace(label=best[0])

"""From one scheme of labels to the next: what becomes of each label, and the label files of a corpus moved over.

Pure but for `migrate_corpus`. Blocks whose label was split show the first of the new labels until someone chooses; they
are listed in `undecided.jsonl` (see `undecided`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...corpus.scheme import keep_scheme, read_scheme, scheme_path
from ...errors import BadInput, BadScheme, UsageError
from ...scheme import Scheme
from ...standoff import Annotation, read_annotations, write_annotations
from ...support.files import write_atomic
from ...support.text import counted
from .undecided import FILE, Undecided, read_undecided, write_undecided

BACKUP = "before-migration"


@dataclass(frozen=True)
class MigrationPlan:
    """The new scheme, and for each old label that does not stay what it was: its new name, or the several it was split
    into.
    """

    scheme: Scheme
    moves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, scheme: Scheme, rename: Iterable[str] = (), merge: Iterable[str] = (), *, split: Iterable[str] = ()
    ) -> MigrationPlan:
        """A plan as it is written: rename "old=new", merge "a,b=new", split "old=a,b". Labels that stay need no word.

        Raises UsageError for what is written otherwise, a label moved twice, or a new name that the scheme does
        not have.
        """
        moves: dict[str, tuple[str, ...]] = {}
        for kind, shape, rules in (
            ("rename", "old=new", rename),
            ("merge", "a,b=new", merge),
            ("split", "old=a,b", split),
        ):
            for rule in rules:
                left, equals, right = rule.partition("=")
                old, new = ([name.strip() for name in side.split(",")] for side in (left, right))
                fits = (len(old) > 1) == (kind == "merge") and (len(new) > 1) == (kind == "split")
                if not (equals and fits and all(old + new)):
                    raise UsageError(f"{rule!r} is not a {kind}; write it as {shape}")
                unknown = [name for name in new if name not in scheme.names]
                if unknown:
                    known = ", ".join(scheme.names)
                    raise UsageError(f"{rule!r}: no label {', '.join(unknown)} in {scheme.id}; it has {known}")
                for name in old:
                    if name in moves:
                        raise UsageError(f"{rule!r}: {name} is moved twice; give one rule for it")
                    moves[name] = tuple(dict.fromkeys(new))
        return cls(scheme, moves)

    def choices(self, label: str) -> tuple[str, ...]:
        """What a block with the old `label` may be now: one label, several after a split, none where nothing was said
        of it.
        """
        return self.moves.get(label) or ((label,) if label in self.scheme.names else ())

    def refuse_unknown(self, labels: Mapping[str, int], where: str) -> None:
        """Raise UsageError when a label (with how many blocks have it) has no place in the new scheme."""
        lost = {label: n for label, n in labels.items() if not self.choices(label)}
        if lost:
            found = ", ".join(f"{label} ({counted(n, 'block')})" for label, n in sorted(lost.items()))
            one = next(iter(sorted(lost)))
            raise UsageError(
                f"{where}: {self.scheme.id} has no label {found}; say what becomes of it, as in --rename {one}=NEW"
                f" or --split {one}=A,B. Nothing was changed"
            )


@dataclass(frozen=True)
class Moved:
    """Annotations under the new scheme. `blocks`: how many had each old label; `changed`: annotations that were
    moved.
    """

    annotations: list[Annotation]
    undecided: list[Undecided]
    blocks: Counter[str]
    changed: int


@dataclass(frozen=True)
class Migration:
    """What a migration of a corpus did, or would do. `files`: what was moved in each, by its stem ("gold", "ada")."""

    files: dict[str, Moved]
    backup: Path | None
    schemes: frozenset[str]  # that the annotations were of, and the one that the corpus remembered

    @property
    def undecided(self) -> list[Undecided]:
        """The blocks of all files whose label was split."""
        return [row for moved in self.files.values() for row in moved.undecided]


def migrate_annotations(plan: MigrationPlan, annotations: Iterable[Annotation], where: str = "annotations") -> Moved:
    """Old annotations -> the same ones with the labels of the new scheme; those of the new scheme stay as they are.

    Raises UsageError when a label has no place in the new scheme.
    """
    given = list(annotations)
    old = [a for a in given if a.scheme != plan.scheme.id]
    blocks = Counter(run.label for a in old for run in a.labels)
    plan.refuse_unknown(blocks, where)
    rows: list[Undecided] = []
    made = []
    for annotation in given:
        if annotation.scheme == plan.scheme.id:
            made.append(annotation)
            continue
        labels = []
        for run in annotation.labels:
            choices = plan.choices(run.label)
            labels.append(run._replace(label=choices[0]))
            if len(choices) > 1:
                rows.append(Undecided.of(annotation, run, choices, scheme=plan.scheme.id))
        shown = [one and one._replace(label=(*plan.choices(one.label), one.label)[0]) for one in annotation.shown]
        made.append(replace(annotation, labels=labels, shown=shown, scheme=plan.scheme.id))
    return Moved(made, rows, blocks, len(old))


def migrate_corpus(plan: MigrationPlan, folder: Path | str, dry_run: bool = False) -> Migration:
    """Move gold.jsonl and annotations/*.jsonl of a corpus to the new scheme, and then its scheme.toml.

    Nothing is written before all of it is known to fit, and where a file cannot be written, all are as they were. The
    old files are kept in `folder`/before-migration. A migration that was killed is finished by the same call: each
    annotation says which scheme it is of. Raises UsageError when a label has no place in the new scheme, BadScheme when
    the files are of several old schemes, or the new scheme has the name and version of the old one and other labels.
    """
    folder = Path(folder)
    paths = [
        path for path in (folder / "gold.jsonl", *sorted((folder / "annotations").glob("*.jsonl"))) if path.exists()
    ]
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder")
    files = {path: read_annotations(path) for path in paths}
    own = read_scheme(folder)
    if own is not None and own.id == plan.scheme.id and set(own.names) != set(plan.scheme.names):
        raise BadScheme(
            f"{scheme_path(folder)}: {own.id} has the labels {', '.join(own.names)}, the new scheme has"
            f" {', '.join(plan.scheme.names)}; give the new one another version. Nothing was changed"
        )
    remembered = {scheme_path(folder).name: {own.id}} if own is not None else {}
    named = {str(path.relative_to(folder)): {a.scheme for a in found} for path, found in files.items()}
    refuse_mixed(plan.scheme, named | remembered)
    waiting = migrate_undecided(plan, read_undecided(folder))
    moved = {path: migrate_annotations(plan, found, str(path)) for path, found in files.items()}
    stale = [path for path in paths if moved[path].changed]
    schemes = frozenset(id for ids in (named | remembered).values() for id in ids)
    result = Migration({path.stem: found for path, found in moved.items()}, None, schemes)
    if dry_run or not (stale or own != plan.scheme):
        return result
    with _all_or_nothing([*stale, folder / FILE, scheme_path(folder)]):
        backup = _back_up(folder, [*stale, *([scheme_path(folder)] if own is not None else [])], plan.scheme.id)
        if stale:
            write_undecided(folder, [*waiting, *result.undecided])  # before the labels: none goes unlisted
        for path in stale:
            write_annotations(path, moved[path].annotations)
        keep_scheme(folder, plan.scheme)  # last: until then the corpus is of the old scheme, and the same call goes on
    return replace(result, backup=backup)


@contextmanager
def _all_or_nothing(paths: Iterable[Path]) -> Iterator[None]:
    """After an error the files are as they were."""
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != content:
                write_atomic(path, content)
        raise


def migrate_undecided(plan: MigrationPlan, rows: Iterable[Undecided]) -> list[Undecided]:
    """What an earlier split left open, in the words of the new scheme; a block with one choice left is decided."""
    made = []
    for row in rows:
        if row.scheme != plan.scheme.id:
            plan.refuse_unknown(dict.fromkeys(row.choices, 1), FILE)
            choices = list(dict.fromkeys(new for old in row.choices for new in plan.choices(old)))
            row = replace(row, label=plan.choices(row.label)[0], choices=choices, scheme=plan.scheme.id)
        if len(row.choices) > 1:
            made.append(row)
    return made


def refuse_mixed(scheme: Scheme, found: Mapping[str, Iterable[str]]) -> None:
    """Raise BadScheme when annotations are of more than one scheme beside `scheme`: one plan cannot fit them
    all.
    """
    old = {id: place for place, ids in found.items() for id in ids if id and id != scheme.id}
    if len(old) > 1:
        places = ", ".join(f"{id} in {place}" for id, place in sorted(old.items()))
        raise BadScheme(
            f"labels of several schemes ({places}); migrate one at a time, with the files of the others moved away"
        )


def _back_up(folder: Path, paths: Sequence[Path], scheme: str) -> Path | None:
    """Copies of the old files; named after what is in them, so that a second try never overwrites the first one's."""
    kept = [path for path in (*paths, folder / FILE) if path.exists()]
    if not paths:
        return None
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in kept)).hexdigest()[:8]
    target = folder / BACKUP / f"{scheme}-{digest}"
    for path in kept:
        write_atomic(target / path.relative_to(folder), path.read_bytes())
    return target

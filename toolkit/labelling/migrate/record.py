"""What became of the labels of earlier schemes, kept beside the corpus: answers under old labels can still come in.

migrations.jsonl has a line per earlier scheme: its id, the id of the present one, and the rules between them. It is
written before anything is moved, so that a migration that broke off goes on with the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ...corpus.scheme import read_scheme
from ...errors import BadInput, UsageError
from ...support.files import read_jsonl, write_jsonl
from .corpus import MigrationPlan

FILE = "migrations.jsonl"
_Moves = Mapping[str, tuple[str, ...]]


def recorded_plan(folder: Path | str, old: str) -> MigrationPlan | None:
    """What moves labels of the scheme `old` to the present one of a corpus; None where no migration is recorded."""
    own = read_scheme(folder)
    if own is None:
        return None
    return next((MigrationPlan(own, moves) for id, to, moves in _read(folder) if (id, to) == (old, own.id)), None)


def with_recorded(plan: MigrationPlan, folder: Path | str, schemes: Iterable[str]) -> MigrationPlan:
    """The plan with the rules that are recorded from these `schemes` to its own.

    Raises UsageError where a rule is another one than before: some labels were moved by that one already.
    """
    moves = dict(plan.moves)
    for id, to, recorded in _read(folder):
        if id not in schemes or to != plan.scheme.id:
            continue
        before = MigrationPlan(plan.scheme, recorded)
        for label, new in plan.moves.items():
            if before.choices(label) not in ((), new):
                raise UsageError(
                    f"{Path(folder) / FILE}: {label} of {id} became {' or '.join(before.choices(label))} in {to}, not"
                    f" {' or '.join(new)}; repeat that, or give the new scheme another version. Nothing was changed"
                )
        moves = {**moves, **recorded}
    return replace(plan, moves=moves)


def record(plan: MigrationPlan, folder: Path | str, schemes: Iterable[str]) -> None:
    """Record the plan for these `schemes`; what is recorded up to one of them leads to the plan's scheme then."""
    old = {id for id in schemes if id and id != plan.scheme.id}
    if not old:
        return
    rows = {}
    for id, to, moves in _read(folder):
        if to in old:
            moves = {**plan.moves, **{label: _all(plan, new) for label, new in moves.items()}}
            to = plan.scheme.id
        rows[id] = (to, moves)
    rows |= dict.fromkeys(sorted(old), (plan.scheme.id, plan.moves))
    write_jsonl(
        Path(folder) / FILE,
        (
            {"from": id, "to": to, "moves": {label: list(new) for label, new in moves.items()}}
            for id, (to, moves) in rows.items()
        ),
    )


def _all(plan: MigrationPlan, labels: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(new for label in labels for new in plan.choices(label)))


def _read(folder: Path | str) -> list[tuple[str, str, _Moves]]:
    path = Path(folder) / FILE
    if not path.exists():
        return []
    try:
        return [
            (str(row["from"]), str(row["to"]), {str(old): tuple(map(str, new)) for old, new in row["moves"].items()})
            for row in read_jsonl(path)
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path}: a line is not a migration ({error}); correct or remove it") from error

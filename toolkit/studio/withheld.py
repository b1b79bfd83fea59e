"""Blocks that people see without a suggestion, or with one that is known to be wrong.

People accept most of what they are shown, right or wrong. Blocks without a suggestion (blind ones) show how good the
model and the people are by themselves, and wrong suggestions (probes) whether anybody looks. A task's `meta` remembers
which blocks these are, so that suggestions that come later, from a push or from a live backend, keep to them; what the
model says of such a block stands in its region, under `withheld`. No label is in `meta`, so it outlives a change of
labels.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..standoff import Shown
from ..support.hashing import seeded_hash
from . import tasks
from .history import NO_MODEL, own_part, recall, remember

SURE = 0.98  # a suggestion at least this likely is taken to be right, so that another one is known to be wrong


@dataclass(frozen=True)
class Share:
    """What a push withholds: shares of the blocks (0 to 1), and the probability below which nothing is suggested."""

    blind: float = 0
    probe: float = 0
    above: float = 0

    def __post_init__(self) -> None:
        for name, value in (("blind", self.blind), ("probe", self.probe), ("suggest-above", self.above)):
            if not 0 <= value <= 1:
                raise UsageError(f"--{name} {value:g} is not a share; give a number from 0 to 1")


NOTHING = Share()


@dataclass(frozen=True)
class Withheld:
    """The blocks of one page that are treated so, by index."""

    blind: frozenset[int] = frozenset()
    probes: frozenset[int] = frozenset()
    above: float = 0

    @classmethod
    def choose(
        cls, page: str, labels: Sequence[str], scores: Sequence[float], *, share: Share,
        truth: Sequence[str | None] | None = None,
    ) -> Withheld:  # fmt: skip
        """Choose blocks of a page from its suggestions. The same page with the same suggestions gives the same choice.

        Blind blocks are whole runs of equal suggestions, as a block between two others of a label is no secret. Runs
        in the order of label and probability are taken at equal distances from a start that the page's hash gives:
        each has the same chance, and all labels and probabilities get their share. Probes are blocks whose suggestion
        is that of `truth` (the gold, where there is any) or at least `SURE`.
        """
        runs = _runs(labels, scores)
        taken = _every(len(runs), share.blind, _fraction(f"blind:{page}"))
        blind = frozenset(i for k in taken for i in range(*runs[k]))
        sure = [i for i in range(len(labels)) if i not in blind and _sure(i, labels, scores, truth=truth)]
        wanted = int(share.probe * len(labels) + _fraction(f"probes:{page}")) if share.probe else 0
        sure.sort(key=lambda i: seeded_hash(f"{page}:{i}", 0))
        return cls(blind, frozenset(sure[:wanted]), share.above)

    @classmethod
    def of(cls, task: Mapping[str, Any]) -> Withheld | None:
        """What the `meta` of a task says; None where nothing was chosen for the page."""
        said = own_part(task).get("withheld")
        if not isinstance(said, dict):
            return None
        blind, probes = (
            frozenset(i for i in said.get(name) or () if isinstance(i, int)) for name in ("blind", "probes")
        )
        return cls(blind, probes, float(said.get("suggest_above") or 0))

    def into(self, meta: Any) -> dict[str, Any]:
        """A task's `meta` that also remembers this."""
        said = {"blind": sorted(self.blind), "probes": sorted(self.probes), "suggest_above": self.above}
        return remember(meta, {"withheld": {name: value for name, value in said.items() if value}})

    def apply(
        self, page: str, labels: Sequence[str], scores: Sequence[float], *, names: Collection[str],
        truth: Sequence[str | None] | None = None,
    ) -> tuple[list[str | None], dict[int, Shown]]:  # fmt: skip
        """The label that each block is shown with, and what the model says of those that are shown otherwise.

        A probe has one of the other `names`; none where this model is not sure of the block.
        """
        shown: list[str | None] = list(labels)
        hidden = {}
        for i, (label, score) in enumerate(zip(labels, scores, strict=True)):
            if i in self.probes and _sure(i, labels, scores, truth=truth):
                others = sorted(set(names) - {label})
                shown[i] = others[int.from_bytes(seeded_hash(f"{page}:{i}", 1)) % len(others)] if others else None
            elif i in self.blind or i in self.probes or score < self.above:
                shown[i] = None
            if shown[i] != label:
                hidden[i] = Shown(label, round(score, 4))
        return shown, hidden


def shown_to(
    task: Mapping[str, Any], answer: Mapping[str, Any], labels: Sequence[str | None], *, lengths: Sequence[int]
) -> tuple[list[Shown | None], list[str | None], int]:
    """What was suggested for each block of a task to the author of an answer with these `labels`; the labels without
    those of probes that were kept, which nobody gave; and how many these are.
    """
    shown = recalled(task, answer)
    if shown is None:
        shown = _shown_in(task, answer, len(labels), lengths)
    if len(shown) != len(labels):
        shown = [None] * len(labels)
    missed = {i for i, one in enumerate(shown) if one and one.how == "probe" and labels[i] == one.label}
    return shown, [None if i in missed else label for i, label in enumerate(labels)], len(missed)


def recalled(task: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Shown | None] | None:
    """What the task's `meta` says that was shown to the author of an answer; None where it says nothing."""
    found = recall(task, answer, "shown")
    try:
        return None if found is None else [None if one is None else Shown(*one) for one in found]
    except TypeError:
        return None


def remember_shown(meta: Any, key: str, shown: Sequence[Shown | None]) -> dict[str, Any]:
    """A task's `meta` that also remembers what was shown to the author of an answer (see `history.record_key`). A
    server forgets it at an import, and keeps it under the old names when labels are renamed.
    """
    if not any(shown):
        return dict(meta or {})
    own = own_part({"meta": meta}).get("shown")
    said = own if isinstance(own, dict) else {}
    return remember(meta, {"shown": {**said, key: [one and list(one) for one in shown]}})


def _shown_in(task: Mapping[str, Any], answer: Mapping[str, Any], n: int, lengths: Sequence[int]) -> list[Shown | None]:
    """From the suggestion that the server keeps with an answer."""
    prediction = answer.get("prediction")
    version = str(prediction.get("model_version") or "") if isinstance(prediction, dict) else ""
    plan = Withheld.of(task) or Withheld()
    found: list[Shown | None] = [Shown("", 0, "blind") if i in plan.blind else None for i in range(n)]
    for region in tasks.regions_in(prediction):
        for i in tasks.touched(region, n, lengths):
            label = next(iter(tasks.labels_in(region) or ()), None)
            score = region.get("score")
            said = Shown(label or "", score if isinstance(score, int | float) and 0 <= score <= 1 else 0)
            hidden = region.get("withheld")
            if isinstance(hidden, list) and len(hidden) == 2:
                said = Shown(str(hidden[0]), float(hidden[1]))
            if i in plan.blind:
                found[i] = said._replace(how="blind")
            elif label is None:
                found[i] = said._replace(how="unsure")
            elif i in plan.probes and label != said.label:
                found[i] = Shown(label, said.probability, "probe")
            elif version != NO_MODEL:  # a default label is no suggestion
                found[i] = said
    return found


def _runs(labels: Sequence[str], scores: Sequence[float]) -> list[tuple[int, int]]:
    """Start and end of the runs of equal labels, in the order of label and mean score."""
    starts = [i for i in range(len(labels)) if not i or labels[i] != labels[i - 1]]
    runs = list(zip(starts, [*starts[1:], len(labels)], strict=True))
    return sorted(runs, key=lambda run: (labels[run[0]], sum(scores[slice(*run)]) / (run[1] - run[0]), run))


def _sure(i: int, labels: Sequence[str], scores: Sequence[float], *, truth: Sequence[str | None] | None) -> bool:
    """Whether any other label than the suggested one is wrong."""
    right = truth[i] if truth is not None else None
    return scores[i] >= SURE if right is None else labels[i] == right


def _every(n: int, share: float, start: float) -> list[int]:
    """The share of `n` places, at equal distances; on average over all starts (0 to 1) exactly that share."""
    return [k for k in range(n) if int(start + (k + 1) * share) > int(start + k * share)]


def _fraction(key: str) -> float:
    """From 0 to 1 (not included), by hash."""
    return int.from_bytes(seeded_hash(key, 0)[:6]) / 2**48
